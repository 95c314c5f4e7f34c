import { createHash, randomBytes } from 'node:crypto';
import { openDatabase, type Database, type DatabaseOptions } from '@weft/database';
import { createLogger } from '@weft/telemetry';
import pg from 'pg';
import { inject } from 'vitest';
import { whenFileEnds } from './cleanup.js';
import './provided.js';

export type TestDatabaseOptions = Pick<DatabaseOptions, 'applicationName' | 'entities' | 'migrations'> & {
  readonly poolSize?: number;
};

export interface TestDatabase extends Database {
  readonly url: string;
}

/** A fresh database with all migrations applied, cloned from a template; dropped when the file's tests have passed, kept and named when one failed. */
export async function testDatabase(options: TestDatabaseOptions): Promise<TestDatabase> {
  const base = inject('weftPostgresUrl');
  const template = await ensureTemplate(base, options);
  const name = `t_${options.applicationName.replaceAll(/\W/g, '_')}_${randomBytes(5).toString('hex')}`;
  await withAdmin(base, (admin) =>
    admin.query(`create database ${name} template ${template} strategy file_copy`),
  );
  const url = withName(base, name);
  const database = await openDatabase({ ...options, url, logger: createLogger('testkit', 'silent') });
  whenFileEnds(async (failed) => {
    await database.close().catch(() => undefined);
    await dropUnless(failed, base, name);
  });
  return Object.assign(Object.create(database) as Database, { ...database, url });
}

/** An empty database, for tests that start a whole service on it. */
export async function emptyTestDatabase(label: string): Promise<string> {
  const base = inject('weftPostgresUrl');
  const name = `t_${label.replaceAll(/\W/g, '_')}_${randomBytes(5).toString('hex')}`;
  await withAdmin(base, (admin) => admin.query(`create database ${name}`));
  whenFileEnds((failed) => dropUnless(failed, base, name));
  return withName(base, name);
}

async function dropUnless(failed: boolean, base: string, name: string): Promise<void> {
  if (failed) process.stderr.write(`kept database ${name} of the failed test file\n`);
  else await withAdmin(base, (admin) => admin.query(`drop database if exists ${name} with (force)`));
}

async function ensureTemplate(base: string, options: TestDatabaseOptions): Promise<string> {
  const fingerprint = createHash('sha256');
  for (const migration of options.migrations) fingerprint.update(migration.toString());
  const template = `tpl_${options.applicationName.replaceAll(/\W/g, '_')}_${fingerprint.digest('hex').slice(0, 12)}`;
  await withAdmin(base, async (admin) => {
    await admin.query(`select pg_advisory_lock(hashtext($1))`, [template]);
    const known = await admin.query(`select 1 from pg_database where datname = $1`, [template]);
    if (known.rowCount !== 0) return;
    await admin.query(`create database ${template}_new`);
    const database = await openDatabase({
      ...options,
      url: withName(base, `${template}_new`),
      logger: createLogger('testkit', 'silent'),
    });
    await database.migrate();
    await database.close();
    await admin.query(`alter database ${template}_new rename to ${template}`);
  });
  return template;
}

async function withAdmin<T>(base: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: base });
  admin.on('error', () => undefined);
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function withName(base: string, name: string): string {
  const url = new URL(base);
  url.pathname = `/${name}`;
  return url.toString();
}
