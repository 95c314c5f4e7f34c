import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@weft/errors';
import { startChild, type RunningProcess } from './child.js';
import { freePort, thisPort } from './free-port.js';
import { postgresBinaries } from './postgres-binaries.js';
import { createCluster, locateCluster, type Cluster } from './postgres-cluster.js';
import { commandLine, endProcesses, isRunning, workingFolder } from './processes.js';
import { isRoot } from './system-user.js';

export interface PostgresOptions {
  /** The platform's data folder; the cluster lives in it, or elsewhere when it is closed to PostgreSQL's user. */
  readonly dataDir: string;
  /** Where copies of the binaries may be kept. */
  readonly cacheDir: string;
  /** Preferred port; another one is taken when it is not free, unless `keepPort` says to wait for it. */
  readonly port?: number | undefined;
  readonly keepPort?: boolean;
  /** Password of the superuser `postgres`; set when the cluster is made. */
  readonly superPassword: string;
  readonly logFile: string;
  /** Settings beside the defaults below, e.g. `{ max_connections: '50' }`. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningPostgres extends RunningProcess {
  readonly port: number;
  /** Without credentials. */
  readonly url: string;
  /** With the superuser's: never printed. */
  readonly adminUrl: string;
  readonly cluster: string;
}

/** Small in memory, and durable: fsync and synchronous_commit stay on. */
const PARAMETERS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '64MB',
  max_connections: '200',
  jit: 'off',
  fsync: 'on',
  synchronous_commit: 'on',
  max_wal_size: '512MB',
  password_encryption: 'scram-sha-256',
  logging_collector: 'off',
};

const START_LIMIT_MS = 120_000;
const SHUTDOWN_MS = 10_000;
const TRIES = 5;

/** Starts PostgreSQL on the loopback interface, making the cluster first when there is none. Resolves when it accepts connections. */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  mkdirSync(options.dataDir, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
  const cluster = locateCluster(options.dataDir);
  const binaries = postgresBinaries(cluster.user, options.cacheDir);
  if (cluster.exists) await endForgottenServer(cluster.path);
  else await createCluster(cluster, options.dataDir, binaries, options.superPassword);

  for (let tries = 1; ; tries++) {
    const port =
      options.keepPort && options.port ? await thisPort(options.port) : await freePort(options.port);
    const server = await launch(cluster, binaries, port, options);
    const failure = await whenReady(cluster.path, server);
    if (failure === undefined) {
      const address = `127.0.0.1:${port}/postgres`;
      const password = encodeURIComponent(options.superPassword);
      return {
        ...server,
        port,
        url: `postgres://${address}`,
        adminUrl: `postgres://postgres:${password}@${address}`,
        cluster: cluster.path,
      };
    }
    await server.stop(SHUTDOWN_MS);
    // The port was taken in between, or the children of a killed server still hold its shared memory: both pass.
    if (tries === TRIES)
      throw new AppError('INTERNAL', `PostgreSQL did not start: ${failure}. Its log is ${options.logFile}.`);
    await sleep(200 * tries);
  }
}

function launch(
  cluster: Cluster,
  binaries: string,
  port: number,
  options: PostgresOptions,
): Promise<RunningProcess> {
  const parameters = { ...PARAMETERS, ...options.parameters, port: String(port) };
  return startChild({
    command: join(binaries, 'bin', 'postgres'),
    args: [
      '-D',
      cluster.path,
      ...Object.entries(parameters).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    env: { LC_ALL: 'C', TZ: 'UTC', ...options.env },
    logFile: options.logFile,
    user: isRoot() ? cluster.user : undefined,
    cwd: cluster.path,
    // Fast shutdown. SIGTERM would wait for every client to leave.
    stopSignal: 'SIGINT',
    signalOnOrphaned: 'INT',
  });
}

/** Resolves with nothing once the server accepts connections, else with the reason why it never will. */
async function whenReady(cluster: string, server: RunningProcess): Promise<string | undefined> {
  let ended: string | undefined;
  void server.exited.then(({ code, signal }) => {
    ended = `it ended with ${signal ?? `code ${code}`}`;
  });
  for (const deadline = Date.now() + START_LIMIT_MS; Date.now() < deadline; await sleep(10)) {
    if (ended !== undefined) return ended;
    const lines = readPidFile(cluster);
    if (Number(lines[0]) === server.pid && lines[7]?.trim() === 'ready') return undefined;
  }
  return `it was not ready after ${START_LIMIT_MS / 1_000} s`;
}

/**
 * A server that outlived its supervisor is ended; a pid file that names anything else - another process of the same
 * user, a zombie - would block the start for ever and is removed.
 */
async function endForgottenServer(cluster: string): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readPidFile(cluster)[0]);
  const ours = Number.isInteger(pid) && pid > 1 && isRunning(pid) && isServerOf(pid, cluster);
  if (ours) await endProcesses([pid], 'SIGINT', SHUTDOWN_MS);
  rmSync(pidFile, { force: true });
}

function isServerOf(pid: number, cluster: string): boolean {
  const [program = ''] = commandLine(pid);
  return (
    basename(program).startsWith('postgres') &&
    (workingFolder(pid) === cluster || commandLine(pid).includes(cluster))
  );
}

function readPidFile(cluster: string): string[] {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}
