// PostgreSQL and NATS for one run of the bench, as `npm start` has them: every commit reaches the disk.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startTestServers } from '@weft/embedded';
import pg from 'pg';
import { cpuMs, processTree } from '../measure/processes.js';
import { REPO } from '../platform/weft.js';
import type { Place } from './contestant.js';
import { WORKER } from './systems/worker.js';
import { TARGET } from './systems/service.js';

export interface Ground extends AsyncDisposable {
  /** On a database that is new. */
  place(concurrency: number): Promise<Place>;
  drop(place: Place): Promise<void>;
  /** CPU time of the database server so far. */
  postgresCpuMs(): number;
}

export async function prepareGround(parameters: Readonly<Record<string, string>> = {}): Promise<Ground> {
  const servers = await startTestServers({
    cacheDir: join(REPO, '.cache'),
    workers: { [WORKER]: [TARGET] },
    postgresParameters: { fsync: 'on', ...parameters },
  });
  const { adminUrl, pid } = servers.postgres;
  const admin = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: adminUrl });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  return {
    async place(concurrency) {
      const name = `bench_${randomBytes(6).toString('hex')}`;
      await admin(`create database ${name}`);
      const url = new URL(adminUrl);
      url.pathname = `/${name}`;
      return {
        databaseUrl: url.toString(),
        nats: {
          url: servers.nats.url,
          jobsPassword: servers.natsPasswords['jobs'] ?? '',
          workerPassword: servers.natsPasswords[WORKER] ?? '',
        },
        concurrency,
      };
    },
    async drop({ databaseUrl }) {
      await admin(`drop database if exists ${new URL(databaseUrl).pathname.slice(1)} with (force)`);
      // Each starts with the log flushed and nothing to write behind.
      await admin('checkpoint');
    },
    postgresCpuMs: () => processTree(pid).reduce((sum, one) => sum + cpuOf(one.pid), 0),
    [Symbol.asyncDispose]: () => servers.stop(),
  };
}

/** Backends come and go. */
function cpuOf(pid: number): number {
  try {
    return cpuMs(pid);
  } catch {
    return 0;
  }
}
