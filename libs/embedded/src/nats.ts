import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@weft/errors';
import { writeAtomically } from './atomic-file.js';
import { startChild, type RunningProcess } from './child.js';
import { freePort, thisPort } from './free-port.js';
import { renderNatsConfig } from './nats-config.js';
import type { NatsUser } from './nats-roles.js';
import { findNatsServer } from './programs.js';

export interface NatsOptions {
  /** Where JetStream keeps its files. */
  readonly storeDir: string;
  /** Where the configuration, which holds the passwords, is written (mode 0600). */
  readonly configDir: string;
  readonly cacheDir: string;
  readonly users: readonly NatsUser[];
  /** Preferred port; another one is taken when it is not free, unless `keepPort` says to wait for it. */
  readonly port?: number | undefined;
  readonly keepPort?: boolean;
  readonly logFile: string;
  readonly maxPayloadBytes?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningNats extends RunningProcess {
  readonly port: number;
  /** Without credentials. */
  readonly url: string;
}

const START_LIMIT_MS = 30_000;
const SHUTDOWN_MS = 5_000;
const TRIES = 3;

/** Starts a NATS server with JetStream on the loopback interface. Resolves when it answers. */
export async function startNats(options: NatsOptions): Promise<RunningNats> {
  const program = await findNatsServer(options.cacheDir);
  for (const folder of [options.storeDir, options.configDir])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  const configFile = join(options.configDir, 'nats.conf');

  for (let tries = 1; ; tries++) {
    const port =
      options.keepPort && options.port ? await thisPort(options.port) : await freePort(options.port);
    const serverName = `weft-${randomBytes(6).toString('hex')}`;
    const { storeDir, users, maxPayloadBytes = 1_048_576 } = options;
    writeAtomically(
      configFile,
      renderNatsConfig({ serverName, port, storeDir, users, maxPayloadBytes }),
      0o600,
    );
    const server = await startChild({
      command: program,
      args: ['-c', configFile],
      env: options.env ?? {},
      logFile: options.logFile,
      stopSignal: 'SIGTERM',
      signalOnOrphaned: 'TERM',
    });
    if (await answersAs(serverName, port, server))
      return { ...server, port, url: `nats://127.0.0.1:${port}` };
    await server.stop(SHUTDOWN_MS);
    if (tries === TRIES)
      throw new AppError('INTERNAL', `The NATS server did not start. Its log is ${options.logFile}.`);
  }
}

/** Whether our server, known by its name, comes to answer on the port before it ends. */
async function answersAs(serverName: string, port: number, server: RunningProcess): Promise<boolean> {
  let ended = false;
  void server.exited.then(() => {
    ended = true;
  });
  for (const deadline = Date.now() + START_LIMIT_MS; Date.now() < deadline && !ended; await sleep(10)) {
    const greeting = await greetingOf(port);
    if (greeting !== undefined) return greeting.includes(`"server_name":"${serverName}"`);
  }
  return false;
}

/** The INFO line with which a NATS server greets, or nothing when none listens yet. */
function greetingOf(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once('data', (data) => {
      resolve(data.toString('utf8'));
      socket.destroy();
    });
    socket.once('error', () => socket.destroy());
    socket.once('close', () => resolve(undefined));
  });
}
