import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats, type RunningNats } from './nats.js';
import { EVERYTHING, NATS_ROLES, rolePermissions, workerPermissions, type NatsUser } from './nats-roles.js';
import { startPostgres, type RunningPostgres } from './postgres.js';

export interface TestServersOptions {
  readonly cacheDir: string;
  /** Users for workers: id → targets. */
  readonly workers?: Readonly<Record<string, readonly string[]>>;
  readonly postgresParameters?: Readonly<Record<string, string>>;
}

export interface TestServers {
  readonly postgres: RunningPostgres;
  readonly nats: RunningNats;
  /** Password of each NATS user: the service roles, the workers, and `admin`, who may do everything. */
  readonly natsPasswords: Readonly<Record<string, string>>;
  readonly folder: string;
  stop(): Promise<void>;
}

/** One PostgreSQL and one NATS server for a test run, in a temporary folder that `stop` removes. */
export async function startTestServers(options: TestServersOptions): Promise<TestServers> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-test-'));
  chmodSync(folder, 0o711);
  const { cacheDir, workers = {} } = options;
  const users: NatsUser[] = [
    { name: 'admin', password: password(), permissions: EVERYTHING },
    ...NATS_ROLES.map((role) => ({
      name: role,
      password: password(),
      permissions: rolePermissions(role, Object.keys(workers)),
    })),
    ...Object.entries(workers).map(([id, targets]) => ({
      name: id,
      password: password(),
      permissions: workerPermissions(id, targets),
    })),
  ];
  const started = await Promise.allSettled([
    startPostgres({
      dataDir: folder,
      cacheDir,
      superPassword: password(),
      logFile: join(folder, 'postgres.log'),
      // Thrown away after the run: nothing of it needs to survive a power cut.
      parameters: { fsync: 'off', max_connections: '300', ...options.postgresParameters },
    }),
    startNats({
      storeDir: join(folder, 'nats'),
      configDir: folder,
      cacheDir,
      users,
      logFile: join(folder, 'nats.log'),
    }),
  ]);
  const [postgres, nats] = started;
  const stop = async (): Promise<void> => {
    await Promise.all(
      started.map((one) => (one.status === 'fulfilled' ? one.value.stop(10_000) : undefined)),
    );
    if (postgres.status === 'fulfilled') rmSync(postgres.value.cluster, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  };
  if (postgres.status === 'rejected' || nats.status === 'rejected') {
    await stop();
    throw postgres.status === 'rejected' ? postgres.reason : (nats as PromiseRejectedResult).reason;
  }
  return {
    postgres: postgres.value,
    nats: nats.value,
    natsPasswords: Object.fromEntries(users.map((user) => [user.name, user.password])),
    folder,
    stop,
  };
}

const password = (): string => randomBytes(18).toString('base64url');
