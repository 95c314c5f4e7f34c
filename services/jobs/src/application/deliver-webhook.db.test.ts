import { randomUUID } from 'node:crypto';
import { aUser } from '@weft/testkit';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RetryPolicy } from '../domain/webhook/webhook.js';
import { createPostWebhook } from '../messaging/webhooks/post-webhook.js';
import { createResolveHost } from '../messaging/webhooks/resolve-host.js';
import { createWebhookQueue, createWebhookReader } from '../persistence/webhook-store.js';
import { Secret } from '@weft/config';
import { createSecretBox, newSecretsKey } from '@weft/secrets';
import { startEngine, type Engine } from '../testing/engine.js';
import { startReceiver, verified, type Receiver } from '../testing/receiver.js';
import { cancelJob } from './cancel-job.js';
import { deliverWebhook, messageId, type Delivery } from './deliver-webhook.js';
import { redeliverWebhook } from './redeliver-webhook.js';
import type { TakenWebhook, WebhookQueue, WebhookReader } from './webhook-ports.js';

const never = new AbortController().signal;
const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const retry: RetryPolicy = { tries: 3, backoffMs: 60_000 };

let engine: Engine;
let queue: WebhookQueue;
let reader: WebhookReader;
let receiver: Receiver;
let delivery: Delivery;

beforeAll(async () => {
  engine = await startEngine();
  queue = createWebhookQueue(engine.database);
  reader = createWebhookReader(engine.database);
  delivery = {
    queue,
    post: createPostWebhook({
      policy: engine.ports.webhooks.policy,
      timeoutMs: 2_000,
      resolve: createResolveHost(),
    }),
    secrets: engine.ports.secrets,
    retry,
    random: () => 0.5,
    sent: () => Promise.resolve(),
  };
});
beforeEach(async () => {
  await engine.database.query(`delete from job_webhook`);
  receiver = await startReceiver();
});

/** A job that has ended, with a webhook to the receiver. */
async function endedJob(): Promise<string> {
  const id = await engine.submit({ webhook: { url: receiver.url, secret } });
  await cancelJob(engine.ports, engine.user, id);
  return id;
}

async function take(): Promise<TakenWebhook | undefined> {
  const { taken } = await queue.take({
    from: undefined,
    most: 1,
    busyOrganizations: new Map(),
    busyHosts: new Map(),
    perOrganization: 1,
    perHost: 1,
    leaseMs: 30_000,
  });
  return taken[0];
}

/** Lets pass whatever is waited for, and tries once. */
async function tryNow(overrides: Partial<Delivery> = {}) {
  await engine.database.query(`update job_webhook set due_at = now() where due_at is not null`);
  const taken = await take();
  if (taken === undefined) throw new Error('nothing is due');
  return deliverWebhook({ ...delivery, ...overrides }, taken, never);
}

const view = async (jobId: string) => (await reader.webhooks([jobId]))[0];
const log = async (jobId: string) => (await reader.tries(jobId, 1_000, 100)).rows;

describe('delivering a webhook', () => {
  it('repeats what failed under the same id with the same body, each time newly signed, until it is taken', async () => {
    const id = await endedJob();
    receiver.answer = (response) =>
      response.writeHead(receiver.received.length < 3 ? 503 : 200).end('thanks');
    expect((await tryNow()).verdict).toEqual({ state: 'PENDING', waitMs: 60_000 });
    expect(await take()).toBeUndefined();
    // A change of the job's name in between must not change what was signed once.
    await engine.database.query(`update job set name = 'renamed' where id = $1`, [id]);
    expect((await tryNow()).verdict).toEqual({ state: 'PENDING', waitMs: 240_000 });
    expect((await tryNow()).verdict).toEqual({ state: 'DELIVERED' });
    expect(new Set(receiver.received.map((one) => one.id))).toEqual(
      new Set([messageId((await view(id))?.id ?? '')]),
    );
    expect(new Set(receiver.received.map((one) => one.body)).size).toBe(1);
    for (const one of receiver.received) expect(await verified(one, secret)).toBe(true);
    expect(await view(id)).toMatchObject({ state: 'DELIVERED', tries: 3, nextTryAt: null });
    expect(await log(id)).toMatchObject([
      { number: 3, statusCode: 200, failure: null, response: 'thanks', nextTryAt: null },
      { number: 2, statusCode: 503, failure: 'HTTP_STATUS', nextTryAt: expect.any(Date) as Date },
      { number: 1, statusCode: 503, failure: 'HTTP_STATUS', durationMs: expect.any(Number) as number },
    ]);
    expect(await take()).toBeUndefined();
  });

  it('gives up after the last try, visibly, and begins anew when asked to', async () => {
    const id = await endedJob();
    receiver.answer = (response) => response.writeHead(500).end();
    for (let n = 0; n < retry.tries; n++) await tryNow();
    expect(await view(id)).toMatchObject({ state: 'DEAD', tries: 3, nextTryAt: null });
    expect(await redeliverWebhook(engine.ports, engine.user, id)).toMatchObject({ ok: true });
    expect((await tryNow()).verdict).toEqual({ state: 'PENDING', waitMs: 60_000 });
    receiver.answer = (response) => response.writeHead(204).end();
    await tryNow();
    expect(await view(id)).toMatchObject({ state: 'DELIVERED', tries: 5 });
    expect(new Set(receiver.received.map((one) => one.id)).size).toBe(1);
  });

  it('ends at once when the receiver is gone for good', async () => {
    const id = await endedJob();
    receiver.answer = (response) => response.writeHead(410).end();
    await tryNow();
    expect(await view(id)).toMatchObject({ state: 'DISABLED', nextTryAt: null });
    expect(await take()).toBeUndefined();
  });

  it('is repeated when its sender dies between the answer and the record', async () => {
    const id = await endedJob();
    const dies = tryNow({ sent: () => Promise.reject(new Error('killed')) });
    await expect(dies).rejects.toThrow('killed');
    expect(receiver.received).toHaveLength(1);
    expect(await take()).toBeUndefined();
    expect(await log(id)).toMatchObject([{ number: 1, failure: null, durationMs: null }]);
    await tryNow();
    expect(receiver.received.map((one) => one.id)).toEqual(Array(2).fill(receiver.received[0]?.id));
    expect(await view(id)).toMatchObject({ state: 'DELIVERED', tries: 2 });
    expect(await log(id)).toMatchObject([
      { number: 2, failure: null },
      { number: 1, failure: 'INTERRUPTED' },
    ]);
  });

  it('sends nothing when the secret cannot be read', async () => {
    const id = await endedJob();
    const { result } = await tryNow({ secrets: createSecretBox(new Secret(newSecretsKey())) });
    expect(result).toMatchObject({ failure: 'SECRET_UNREADABLE' });
    expect(receiver.received).toHaveLength(0);
    expect(await view(id)).toMatchObject({ state: 'PENDING' });
  });
});

describe('delivering again', () => {
  it('needs the role, a webhook, an end, and no try under way', async () => {
    const id = await endedJob();
    const viewer = aUser({ organizations: [{ id: engine.organizationId, role: 'VIEWER' }] });
    const codeFor = async (actor: typeof viewer, jobId: string): Promise<string> => {
      const outcome = await redeliverWebhook(engine.ports, actor, jobId);
      return outcome.ok ? 'OK' : outcome.errors.map((error) => error.code).join();
    };
    expect(await codeFor(aUser(), id)).toBe('NOT_FOUND');
    expect(await codeFor(viewer, id)).toBe('FORBIDDEN');
    expect(await codeFor(engine.user, 'no-uuid')).toBe('NOT_FOUND');
    expect(await codeFor(engine.user, randomUUID())).toBe('NOT_FOUND');
    expect(await codeFor(engine.user, await engine.submit())).toBe('NOT_FOUND');
    const open = await engine.submit({ webhook: { url: receiver.url, secret } });
    expect(await codeFor(engine.user, open)).toBe('CONFLICT');
    await take();
    expect(await codeFor(engine.user, id)).toBe('CONFLICT');
    await tryNow();
    expect(await codeFor(engine.user, id)).toBe('OK');
    await engine.database.query(`update job_webhook set tries = 100 where job_id = $1`, [id]);
    expect(await codeFor(engine.user, id)).toBe('RATE_LIMITED');
  });
});
