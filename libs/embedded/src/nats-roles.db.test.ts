import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  cancelSubject,
  EXEC_OPERATIONS,
  execSubject,
  inboxPrefix,
  REGISTRY_TARGET,
  WORK_OPERATIONS,
  workSubject,
} from '@weft/contracts';
import { connect, type NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workerPermissions } from './nats-roles.js';
import { startTestServers, type TestServers } from './test-servers.js';

const cacheDir = resolve(import.meta.dirname, '../../../.cache');
let servers: TestServers;
const open: NatsConnection[] = [];

beforeAll(async () => {
  servers = await startTestServers({ cacheDir, workers: { w1: ['t1', 't2'], w2: ['t1'] } });
});
afterAll(async () => {
  await Promise.all(open.map((one) => one.close()));
  await servers.stop();
});

async function as(user: string): Promise<NatsConnection> {
  const connection = await connect({
    servers: servers.nats.url,
    user,
    pass: servers.natsPasswords[user] ?? '',
    inboxPrefix: inboxPrefix(user),
    reconnect: false,
  });
  open.push(connection);
  return connection;
}

/** The violations that the server told of while the work ran: it tells them before it answers the flush. */
async function violations(connection: NatsConnection, work: () => void): Promise<string[]> {
  const told: string[] = [];
  void (async () => {
    for await (const { permissionContext } of connection.status()) {
      if (permissionContext !== undefined)
        told.push(`${permissionContext.operation} ${permissionContext.subject}`);
    }
  })();
  work();
  await connection.flush();
  await new Promise((resolve) => setTimeout(resolve, 10));
  return told;
}

describe('a worker', () => {
  it('claims, and is answered, in its own name on its own targets', async () => {
    const jobs = await as('jobs');
    jobs.subscribe('weft.work.claim.>', {
      queue: 'jobs',
      callback: (_, message) => void message.respond('for you'),
    });
    await jobs.flush();
    const worker = await as('w1');
    for (const target of ['t1', 't2']) {
      expect((await worker.request(workSubject('claim', target, 'w1'))).string()).toBe('for you');
    }
  });

  it('hears its cancellations', async () => {
    const worker = await as('w1');
    const heard = worker.subscribe(cancelSubject('t2', 'w1'), { max: 1, timeout: 3_000 });
    await worker.flush();
    (await as('jobs')).publish(cancelSubject('t2', 'w1'), 'stop');
    const subjects: string[] = [];
    for await (const message of heard) subjects.push(message.subject);
    expect(subjects).toEqual([cancelSubject('t2', 'w1')]);
  });

  it.each([
    ['claims in the name of another', workSubject('claim', 't1', 'w2')],
    ['claims of a target that is not its own', workSubject('claim', 't3', 'w1')],
    ['reports in the name of another', workSubject('report', 't1', 'w2')],
    ['writes logs in the name of another', execSubject('log', 't1', 'w2')],
    ['publishes an event', 'weft.event.jobs.job-changed.v1.x'],
    ['wakes others', 'weft.work.wake.t1'],
    ['cancels', cancelSubject('t1', 'w1')],
    ['asks JetStream', '$JS.API.STREAM.INFO.WEFT'],
    ['deletes the stream', '$JS.API.STREAM.DELETE.WEFT'],
    ['answers into the inbox of a service', '_INBOX_jobs.abc'],
  ])('%s: refused', async (_, subject) => {
    const worker = await as('w1');
    expect(await violations(worker, () => worker.publish(subject, 'x'))).toEqual([`publish ${subject}`]);
  });

  it.each([
    '>',
    'weft.>',
    'weft.event.>',
    'weft.work.>',
    cancelSubject('t1', 'w2'),
    '_INBOX.>',
    `${inboxPrefix('w2')}.>`,
    '*.*',
  ])('listens on %s: refused', async (subject) => {
    const worker = await as('w1');
    expect(await violations(worker, () => void worker.subscribe(subject))).toEqual([
      `subscription ${subject}`,
    ]);
  });

  it('is told of no violation when it does what it may', async () => {
    const worker = await as('w1');
    const work = (): void => {
      worker.publish(workSubject('renew', 't1', 'w1'), 'x');
      worker.subscribe(cancelSubject('t1', 'w1'));
    };
    expect(await violations(worker, work)).toEqual([]);
  });

  it('has exactly the subjects of the protocol', () => {
    const all = [
      ...WORK_OPERATIONS.map((one) => workSubject(one, 't', 'w')),
      ...EXEC_OPERATIONS.map((one) => execSubject(one, 't', 'w')),
    ];
    const { publish, subscribe } = workerPermissions('w', ['t']);
    expect([...publish].sort()).toEqual(all.sort());
    expect([...subscribe].sort()).toEqual([`${inboxPrefix('w')}.>`, cancelSubject('t', 'w')].sort());
  });

  it.each(['>', '*', 'a.b', '', 'jobs'])('cannot be called "%s"', (id) => {
    expect(() => workerPermissions(id, ['t1'])).toThrow();
    expect(() => workerPermissions('w', [id === 'jobs' ? 'a.b' : id])).toThrow();
  });
});

describe('a service', () => {
  it('keeps a stream, publishes its events and consumes those of others', async () => {
    const jobs = await as('jobs');
    const manager = await jobs.jetstreamManager();
    await manager.streams.add({ name: 'WEFT', subjects: ['weft.event.>'] });
    await jobs.jetstream().publish('weft.event.jobs.job-changed.v1.x', 'news', { msgID: 'one' });
    const registry = await as('registry');
    const { config } = await (
      await registry.jetstreamManager()
    ).consumers.add('WEFT', { durable_name: 'registry', ack_policy: 'explicit' as never });
    const consumer = await registry.jetstream().consumers.get('WEFT', config.durable_name as string);
    const message = await consumer.next({ expires: 3_000 });
    expect(message?.string()).toBe('news');
    expect(await message?.ackAck()).toBe(true);
  });

  it.each([
    ['marketplace', 'weft.event.jobs.job-changed.v1.x'],
    ['registry', 'weft.work.claim.t1.w1'],
    ['execution', 'weft.work.cancel.t1.w1'],
    ['jobs', '_INBOX_marketplace.abc'],
    ['registry', '_INBOX_w1.abc'],
    ['marketplace', '_INBOX_jobs.abc'],
  ])('%s does not speak for another on %s', async (role, subject) => {
    const service = await as(role);
    expect(await violations(service, () => service.publish(subject, 'x'))).toEqual([`publish ${subject}`]);
  });

  it.each([
    ['marketplace', 'weft.work.>'],
    ['execution', `${inboxPrefix('jobs')}.>`],
    ['registry', '>'],
  ])('%s does not listen on %s', async (role, subject) => {
    const service = await as(role);
    expect(await violations(service, () => void service.subscribe(subject))).toEqual([
      `subscription ${subject}`,
    ]);
  });
});

describe('the registry as a worker', () => {
  it('asks, and is answered, on its own target under the name of any replica, and hears its cancellations', async () => {
    const jobs = await as('jobs');
    jobs.subscribe(workSubject('renew', REGISTRY_TARGET, '*'), {
      callback: (_, message) => void message.respond(message.subject),
    });
    await jobs.flush();
    const registry = await as('registry');
    for (const worker of ['registry-1', 'registry-2']) {
      const subject = workSubject('renew', REGISTRY_TARGET, worker);
      expect((await registry.request(subject)).string()).toBe(subject);
    }
    const allowed = (): void => {
      for (const operation of WORK_OPERATIONS)
        registry.publish(workSubject(operation, REGISTRY_TARGET, 'registry-1'), 'x');
      registry.publish(execSubject('artifact', REGISTRY_TARGET, 'registry-1'), 'x');
      registry.subscribe(cancelSubject(REGISTRY_TARGET, 'registry-1'));
    };
    expect(await violations(registry, allowed)).toEqual([]);
  });

  it.each([
    ['claims of a target of others', workSubject('claim', 't1', 'registry-1')],
    ['stores files for a target of others', execSubject('artifact', 't1', 'registry-1')],
    ['beats as a target of execution', execSubject('beat', REGISTRY_TARGET, 'registry-1')],
    ['cancels', cancelSubject(REGISTRY_TARGET, 'registry-1')],
    ['wakes others', `weft.work.wake.${REGISTRY_TARGET}`],
  ])('%s: refused', async (_, subject) => {
    const registry = await as('registry');
    expect(await violations(registry, () => registry.publish(subject, 'x'))).toEqual([`publish ${subject}`]);
  });

  it('is the only one on its target', async () => {
    for (const other of ['w1', 'execution', 'marketplace']) {
      const connection = await as(other);
      for (const worker of ['registry-1', 'w1']) {
        const subject = workSubject('claim', REGISTRY_TARGET, worker);
        expect(await violations(connection, () => connection.publish(subject, 'x'))).toEqual([
          `publish ${subject}`,
        ]);
      }
    }
    expect(() => workerPermissions('w3', ['t1', REGISTRY_TARGET])).toThrow(/registry/);
  });
});

describe('the server', () => {
  it('lets nobody in without a credential, or with a wrong one', async () => {
    await expect(connect({ servers: servers.nats.url, reconnect: false })).rejects.toThrow(/Authorization/);
    await expect(
      connect({ servers: servers.nats.url, user: 'jobs', pass: 'guess', reconnect: false }),
    ).rejects.toThrow(/Authorization/);
  });

  it('takes messages of up to 1 MB and keeps its passwords closed', async () => {
    expect((await as('admin')).info?.max_payload).toBe(1_048_576);
    expect(statSync(join(servers.folder, 'nats.conf')).mode & 0o777).toBe(0o600);
  });

  it('listens on the loopback interface only', () => {
    const ports = [servers.nats.port, servers.postgres.port].map((port) =>
      port.toString(16).toUpperCase().padStart(4, '0'),
    );
    const listening = execFileSync('cat', ['/proc/net/tcp', '/proc/net/tcp6'], { encoding: 'utf8' })
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && ports.includes(fields[1]?.split(':')[1] ?? ''));
    expect(listening.map((fields) => fields[1]?.split(':')[0])).toEqual(['0100007F', '0100007F']);
  });
});
