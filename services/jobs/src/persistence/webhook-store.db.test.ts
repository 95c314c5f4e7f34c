import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TakeRequest, WebhookQueue } from '../application/webhook-ports.js';
import { startEngine, type Engine } from '../testing/engine.js';
import { createWebhookQueue } from './webhook-store.js';

let engine: Engine;
let queue: WebhookQueue;
beforeAll(async () => {
  engine = await startEngine();
  queue = createWebhookQueue(engine.database);
});
beforeEach(async () => {
  await engine.database.query(`delete from job_webhook`);
});

const request = (overrides: Partial<TakeRequest> = {}): TakeRequest => ({
  from: undefined,
  most: 100,
  busyOrganizations: new Map(),
  busyHosts: new Map(),
  perOrganization: 100,
  perHost: 100,
  leaseMs: 30_000,
  ...overrides,
});

/** Messages that are due, the oldest first. */
async function due(host: string, count = 1, organizationId = engine.organizationId): Promise<void> {
  const job = await engine.submit();
  await engine.database.query(
    `with born as (
       insert into job select (jsonb_populate_record(j, jsonb_build_object('id', gen_random_uuid()))).*
       from job j, generate_series(1, $2) where j.id = $1 returning id)
     insert into job_webhook (id, job_id, organization_id, url, host, sealed_secret, state, body, due_at)
     select gen_random_uuid(), id, $4, 'https://' || $3 || '/', $3, '-', 'PENDING', '{}', now() - interval '1 minute' from born`,
    [job, count, host, organizationId],
  );
}

const hostsOf = (taken: readonly { host: string }[]): string[] => taken.map((one) => one.host).sort();

describe('taking webhooks that are due', () => {
  it('gives each to one taker only, and to nobody else for the length of the lease', async () => {
    for (let host = 0; host < 30; host++) await due(`h${host}.dev`, 2);
    const takes = await Promise.all(Array.from({ length: 6 }, () => queue.take(request({ most: 20 }))));
    const ids = takes.flatMap(({ taken }) => taken.map((one) => one.id));
    expect(new Set(ids).size).toBe(ids.length);
    for (let rest = await queue.take(request()); rest.taken.length > 0; rest = await queue.take(request()))
      ids.push(...rest.taken.map((one) => one.id));
    expect(new Set(ids).size).toBe(60);
    expect(ids).toHaveLength(60);
    await engine.database.query(`update job_webhook set due_at = now() where id = $1`, [ids[0]]);
    expect((await queue.take(request())).taken).toMatchObject([{ id: ids[0], number: 2, tried: 2 }]);
  });

  it('keeps to the limits of hosts and organizations, what is under way counted in', async () => {
    const other = randomUUID();
    await due('a.dev', 5);
    await due('b.dev', 5);
    await due('a.dev', 5, other);
    const byHost = await queue.take(request({ perHost: 3, busyHosts: new Map([['a.dev', 1]]) }));
    expect(hostsOf(byHost.taken)).toEqual(['a.dev', 'a.dev', 'b.dev', 'b.dev', 'b.dev']);
    const full = new Map([[engine.organizationId, 3]]);
    const byOrganization = await queue.take(request({ perOrganization: 4, busyOrganizations: full }));
    const counts = Map.groupBy(byOrganization.taken, (one) => one.organizationId);
    expect(counts.get(engine.organizationId)).toHaveLength(1);
    expect(counts.get(other)?.length).toBeGreaterThan(1);
    expect((await queue.take(request({ most: 1 }))).taken).toHaveLength(1);
  });

  it('is not held up by a receiver with thousands of messages waiting', async () => {
    await due('a-slow.dev', 3_000);
    await due('z-quick.dev', 1, randomUUID());
    const { taken } = await queue.take(request({ perHost: 4, busyHosts: new Map([['a-slow.dev', 4]]) }));
    expect(hostsOf(taken)).toEqual(['z-quick.dev']);
  });

  it('comes round to every lane, however many there are, in bounded steps', async () => {
    await due('seed.dev', 251);
    await engine.database.query(
      `update job_webhook w set host = 'lane' || x.n || '.dev'
       from (select id, row_number() over () as n from job_webhook) x where x.id = w.id`,
    );
    const seen: string[] = [];
    let steps = 0;
    let from: TakeRequest['from'];
    do {
      const { taken, next } = await queue.take(request({ from, most: 1_000 }));
      expect(taken.length).toBeLessThanOrEqual(100);
      seen.push(...hostsOf(taken));
      from = next;
      steps++;
    } while (from !== undefined);
    expect(steps).toBe(3);
    expect(new Set(seen).size).toBe(251);
  });

  it('lets a try whose lease ran out say no more than that it delivered', async () => {
    await due('late.dev');
    const again = async () => {
      await engine.database.query(`update job_webhook set due_at = now()`);
      return (await queue.take(request())).taken[0] as never as Parameters<WebhookQueue['record']>[0];
    };
    const state = async () =>
      (await engine.database.query<{ state: string }>(`select state from job_webhook`))[0]?.state;
    const result = {
      statusCode: 500,
      failure: null,
      message: null,
      response: null,
      durationMs: 1,
      retryAfterMs: null,
    };
    const [first, second] = [await again(), await again()];
    await queue.record(first, { ...result, failure: 'TIMEOUT' }, { state: 'DEAD' });
    expect(await state()).toBe('PENDING');
    await queue.record(first, result, { state: 'DELIVERED' });
    expect(await state()).toBe('DELIVERED');
    await queue.record(second, { ...result, failure: 'TIMEOUT' }, { state: 'PENDING', waitMs: 1 });
    expect(await state()).toBe('DELIVERED');
  });
});
