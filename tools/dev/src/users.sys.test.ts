// Who starts it, and where its data lies. As root the supervisor is tried under both kinds of users; otherwise the
// whole suite runs as the ordinary user that it is.
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot } from '@weft/embedded';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  buildSupervisor,
  newDataDir,
  processesOf,
  removeDataDir,
  removeOutside,
  runFileOf,
  startFakeWeft,
} from './testing/fake-weft.js';

vi.setConfig({ testTimeout: 90_000 });

const NOBODY = 65534;
let folder: string;

beforeAll(buildSupervisor, 120_000);
beforeEach(() => {
  folder = newDataDir();
});
afterEach(() => removeDataDir(folder));

describe.runIf(isRoot())('root', () => {
  it('keeps the cluster and the scratch elsewhere when its data lies in a closed folder, and finds them again', async () => {
    chmodSync(folder, 0o700);
    const dataDir = join(folder, 'data');
    let cluster: string | null | undefined;
    for (const attempt of [1, 2]) {
      const weft = startFakeWeft(dataDir);
      await weft.says('is ready');
      const run = runFileOf(dataDir);
      expect(run.postgres.cluster).toMatch(/^\/var\/lib\/weft\//);
      if (attempt === 2) expect(run.postgres.cluster).toBe(cluster);
      cluster = run.postgres.cluster;
      const registry = run.subgraphs['registry']?.port as number;
      expect((await fetch(`http://127.0.0.1:${registry}/readyz`)).status).toBe(200);
      weft.process.kill('SIGTERM');
      expect(await weft.ended()).toBe(0);
      expect(processesOf(dataDir)).toEqual([]);
    }
    removeOutside(dataDir, cluster);
    const gone = startFakeWeft(dataDir);
    expect(await gone.ended()).toBe(1);
    expect(gone.output()).toContain(cluster);
    removeOutside(dataDir, undefined);
  });

  it('opens a new data folder to PostgreSQL, and nothing secret in it', async () => {
    chmodSync(folder, 0o700);
    const weft = startFakeWeft(folder, {}, ['--check']);
    expect(await weft.ended()).toBe(0);
    expect(existsSync(join(folder, 'postgres', 'PG_VERSION'))).toBe(true);
    for (const name of [
      'artifacts',
      'logs',
      'nats',
      'worker',
      'postgres',
      'secrets.json',
      'token',
      'nats.conf',
    ]) {
      expect([name, statSync(join(folder, name)).mode & 0o077]).toEqual([name, 0]);
    }
  });

  it('starts what an ordinary user has made, which that user can start again', async () => {
    chmodSync(folder, 0o711);
    const dataDir = join(folder, 'data');
    mkdirSync(dataDir, { mode: 0o711 });
    chownSync(dataDir, NOBODY, NOBODY);
    for (const user of [{ uid: NOBODY, gid: NOBODY }, {}, { uid: NOBODY, gid: NOBODY }]) {
      const weft = startFakeWeft(dataDir, {}, ['--check'], user);
      expect([await weft.ended(), weft.output()]).toEqual([0, expect.stringContaining('Weft has stopped')]);
    }
  });
});

describe('anybody', () => {
  it('is told what to do when the data folder cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    const weft = startFakeWeft(join(folder, 'file', 'data'), {}, ['--check']);
    expect(await weft.ended()).toBe(1);
    expect(weft.output()).toContain('WEFT_DATA_DIR');
  });
});
