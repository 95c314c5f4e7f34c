import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import {
  NATS_ROLES,
  rolePermissions,
  startNats,
  workerPermissions,
  type NatsUser,
  type RunningNats,
} from '@weft/embedded';
import { connectMessaging, type Messaging } from '@weft/messaging';
import { createLogger } from '@weft/telemetry';
import { inject } from 'vitest';
import { whenFileEnds } from './cleanup.js';
import { eventually } from './eventually.js';
import './provided.js';

export interface TestBroker {
  readonly url: string;
  password(role: string): string;
  /** A connection with this role's permissions; closed with the file. */
  connect(role: string): Promise<Messaging>;
  /** Stops the server where it is (SIGSTOP), and resolves when it stands: it answers nobody until it is killed and restarted. */
  pause(): Promise<void>;
  /** SIGKILLs the server; `restart` brings it back on the same port with the same files. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Deletes the files of a killed server: `restart` brings back one that remembers nothing. */
  loseFiles(): void;
}

export interface TestBrokerOptions {
  /** Users for workers: id → targets. */
  readonly workers?: Readonly<Record<string, readonly string[]>>;
}

/** A NATS server of this file's own, with the platform's roles. */
export async function testBroker({ workers = {} }: TestBrokerOptions = {}): Promise<TestBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-nats-'));
  const secret = (): string => randomBytes(12).toString('hex');
  const users: NatsUser[] = [
    ...NATS_ROLES.map((role) => ({
      name: role,
      password: secret(),
      permissions: rolePermissions(role, Object.keys(workers)),
    })),
    ...Object.entries(workers).map(([id, targets]) => ({
      name: id,
      password: secret(),
      permissions: workerPermissions(id, targets),
    })),
  ];
  const start = (port?: number): Promise<RunningNats> =>
    startNats({
      storeDir: join(folder, 'store'),
      configDir: folder,
      cacheDir: inject('weftCacheDir'),
      users,
      logFile: join(folder, 'nats.log'),
      ...(port === undefined ? {} : { port, keepPort: true }),
    });
  let server = await start();
  const connections: Messaging[] = [];
  const password = (role: string): string => {
    const user = users.find((one) => one.name === role);
    if (user === undefined) throw new Error(`the test broker has no role ${role}`);
    return user.password;
  };
  const { port } = server;
  whenFileEnds(async () => {
    await Promise.all(connections.map((one) => one.connection.close()));
    await server.stop(5_000);
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    url: server.url,
    password,
    async connect(role) {
      const messaging = await connectMessaging({
        url: server.url,
        user: role,
        password: password(role),
        role,
        logger: createLogger(role, 'silent'),
      });
      connections.push(messaging);
      return messaging;
    },
    async pause() {
      process.kill(server.pid, 'SIGSTOP');
      await eventually('the stopped broker', () => stands(server.pid), 5_000);
    },
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
    },
    async restart() {
      server = await start(port);
    },
    loseFiles: () => rmSync(join(folder, 'store'), { recursive: true, force: true }),
  };
}

/** SIGSTOP is only on its way when `kill` returns: threads on other cores may still answer what comes in between. */
function stands(pid: number): boolean {
  const threads = `/proc/${pid}/task`;
  return readdirSync(threads).every((thread) =>
    /^State:\s+T/m.test(readFileSync(join(threads, thread, 'status'), 'utf8')),
  );
}

let shared: Promise<TestBroker> | undefined;

/** A connection of this role to the file's own broker. */
export async function testMessaging(role: string): Promise<Messaging> {
  shared ??= testBroker();
  return (await shared).connect(role);
}
