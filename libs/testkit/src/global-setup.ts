// One PostgreSQL for a whole test run (vitest globalSetup); each test file takes clones of a migrated template.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startPostgres } from '@weft/embedded';
import type { TestProject } from 'vitest/node';
import './provided.js';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cacheDir = resolve(import.meta.dirname, '../../../.cache');
  project.provide('weftCacheDir', cacheDir);
  const given = process.env['TEST_POSTGRES_URL'];
  if (given !== undefined && given !== '') {
    project.provide('weftPostgresUrl', given);
    return () => Promise.resolve();
  }
  const folder = mkdtempSync(join(tmpdir(), 'weft-test-'));
  chmodSync(folder, 0o711);
  const postgres = await startPostgres({
    dataDir: folder,
    cacheDir,
    superPassword: randomBytes(18).toString('base64url'),
    logFile: join(folder, 'postgres.log'),
    // Thrown away after the run: nothing of it needs to survive a power cut.
    parameters: { fsync: 'off', max_connections: '300' },
  });
  project.provide('weftPostgresUrl', postgres.adminUrl);
  return async () => {
    await postgres.stop(10_000);
    rmSync(postgres.cluster, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  };
}
