import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.js';
import { ask, askEvents } from '../testing/http-client.js';
import { startTestGraph, type TestGraph } from '../testing/test-graph.js';
import { WsClient, type SubscriptionLog } from '../testing/ws-client.js';

let graph: TestGraph;
let token: string;
let client: WsClient;

beforeAll(async () => {
  graph = await startTestGraph();
  token = graph.addToken();
  client = await WsClient.open(graph.url, token);
});
afterAll(async () => {
  client.close();
  await graph[Symbol.asyncDispose]();
});

const CHANGED = `subscription Changed($id: ID!, $after: Int! = 0) {
  jobChanged(id: $id, after: $after) { seq transitions { seq note } job { name place owner { name shout } } }
}`;

interface Change {
  readonly seq: number;
  readonly transitions: { readonly seq: number; readonly note: string }[];
}

const notes = (log: SubscriptionLog): string[] =>
  log.next.flatMap(
    ({ data }) => (data?.['jobChanged'] as Change | undefined)?.transitions.map((one) => one.note) ?? [],
  );
const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `n${from + index}`);

describe('a live field over WebSocket', () => {
  test('each payload crosses subgraphs, in order, and the end follows the subgraph', async () => {
    const { log } = client.subscribe(CHANGED, { id: 'a' });
    await eventually(() => expect(log.next).toHaveLength(1));
    graph.source('a').push('n1');
    await eventually(() => expect(log.next).toHaveLength(2));
    expect(log.next[1]).toEqual({
      data: {
        jobChanged: {
          seq: 1,
          transitions: [{ seq: 1, note: 'n1' }],
          job: { name: 'job a', place: 'place of a', owner: { name: 'name u-a', shout: 'NAME u-a!' } },
        },
      },
    });
    graph.source('a').push(...range(2, 50));
    await eventually(() => expect(notes(log)).toEqual(range(1, 50)));
    expect(log.completed).toBe(false);
    graph.source('a').end();
    await eventually(() => expect(log.completed).toBe(true));
    expect(notes(log)).toEqual(range(1, 50));
  });

  test('aliases, fragments and a literal position work, and nothing private is shown', async () => {
    graph.source('b').push(...range(1, 5));
    const { log } = client.subscribe(`
      subscription { change: jobChanged(id: "b", after: 3) { ...C more: transitions { s: seq } } }
      fragment C on JobChange { first: transitions { note } job { n: name place } }`);
    await eventually(() => expect(log.next).toHaveLength(1));
    expect(log.next[0]).toEqual({
      data: {
        change: {
          first: [{ note: 'n4' }, { note: 'n5' }],
          more: [{ s: 4 }, { s: 5 }],
          job: { n: 'job b', place: 'place of b' },
        },
      },
    });
  });

  test('a field without @live is served too', async () => {
    const { log } = client.subscribe('subscription { ticks(id: "t") { number job { place } } }');
    await eventually(() => expect(log.next).toHaveLength(1));
    graph.source('t').push('x', 'y');
    await eventually(() => expect(log.next).toHaveLength(3));
    expect(log.next[2]).toEqual({ data: { ticks: { number: 2, job: { place: 'place of t' } } } });
  });

  test('queries and mutations travel on the same connection', async () => {
    const { log } = client.subscribe('mutation { renameJob(id: "w", name: "by socket") { name place } }');
    await eventually(() => expect(log.completed).toBe(true));
    expect(log.next).toEqual([{ data: { renameJob: { name: 'by socket', place: 'place of w' } } }]);
    const failing = client.subscribe('{ job(id: "1") { fails } }').log;
    await eventually(() => expect(failing.completed).toBe(true));
    expect(failing.next[0]?.errors?.[0]?.extensions['code']).toBe('JOB_ALREADY_FINAL');
  });

  test('what is wrong with one operation leaves the connection and the others alone', async () => {
    const other = client.subscribe(CHANGED, { id: 'alone' }).log;
    const wrong = [
      ['subscription {', {}, 'GRAPHQL_PARSE_FAILED'],
      ['subscription { jobChanged(id: "1") { nothing } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
      [CHANGED, {}, 'BAD_USER_INPUT'],
      [
        'subscription A { ticks(id: "1") { number } } subscription B { ticks(id: "1") { number } }',
        {},
        'OPERATION_RESOLUTION_FAILURE',
      ],
    ] as const;
    for (const [query, variables, code] of wrong) {
      const { log } = client.subscribe(query, variables);
      await eventually(() => expect(log.errors?.[0]?.extensions['code']).toBe(code));
    }
    expect(client.closed).toBeUndefined();
    graph.source('alone').push('n1');
    await eventually(() => expect(notes(other)).toEqual(['n1']));
  });

  test('a message that is nested too deeply closes the connection that sent it', async () => {
    const other = await WsClient.open(graph.url, token);
    other.subscribe(CHANGED, { id: 'a', after: JSON.parse('['.repeat(250) + ']'.repeat(250)) as unknown });
    await eventually(() => expect(other.closed).toEqual({ code: 4400, reason: 'Message nested too deeply' }));
  });

  test('leaving closes what was open upstream', async () => {
    const before = graph.gateway.open;
    const own = await WsClient.open(graph.url, token);
    const stopped = own.subscribe(CHANGED, { id: 'leave' });
    own.subscribe(CHANGED, { id: 'leave' });
    own.subscribe('subscription { ticks(id: "leave") { number } }');
    await eventually(() => expect(graph.source('leave').open).toBe(3));
    stopped.stop();
    await eventually(() => expect(graph.source('leave').open).toBe(2));
    own.close();
    await eventually(() => expect(graph.source('leave').open).toBe(0));
    await eventually(() => expect(graph.gateway.open).toEqual(before));
  });

  test('two hundred live fields share one connection to their subgraph', async () => {
    const own = await WsClient.open(graph.url, token);
    const connections = graph.subgraphs.jobs.connections;
    const logs = Array.from(
      { length: 200 },
      (_, index) => own.subscribe(CHANGED, { id: `many-${index}` }).log,
    );
    await eventually(() => expect(logs.every((log) => log.next.length === 1)).toBe(true), 10_000);
    for (let round = 1; round <= 4; round += 1) {
      logs.forEach((_, index) => graph.source(`many-${index}`).push(`n${round}`));
    }
    await eventually(() => logs.forEach((log) => expect(notes(log)).toEqual(range(1, 4))), 10_000);
    expect(graph.subgraphs.jobs.connections).toBe(connections);
    own.close();
    await eventually(() => expect(graph.source('many-0').open).toBe(0));
  });
});

describe('a live field whose subgraph is lost', () => {
  test('is resumed without a gap and without a repetition, however often the connection is cut', async () => {
    const { log } = client.subscribe(CHANGED, { id: 'cut' });
    await eventually(() => expect(log.next).toHaveLength(1));
    for (let round = 0; round < 3; round += 1) {
      graph.source('cut').push(...range(round * 20 + 1, round * 20 + 10));
      graph.subgraphs.jobs.cut();
      graph.source('cut').push(...range(round * 20 + 11, round * 20 + 20));
      await eventually(() => expect(notes(log)).toHaveLength((round + 1) * 20));
    }
    expect(notes(log)).toEqual(range(1, 60));
    expect(log.errors).toBeUndefined();
  });

  test('waits for it to come back, and is not told twice what it knows', async () => {
    const { log } = client.subscribe(CHANGED, { id: 'down' });
    graph.source('down').push('n1');
    await eventually(() => expect(notes(log)).toEqual(['n1']));
    const before = log.next.length;
    await graph.subgraphs.jobs.stop();
    await eventually(() => expect(graph.source('down').open).toBe(0));
    await graph.subgraphs.jobs.start();
    await eventually(() => expect(graph.source('down').open).toBe(1));
    graph.source('down').push('n2');
    await eventually(() => expect(notes(log)).toEqual(['n1', 'n2']));
    expect(log.next).toHaveLength(before + 1);
  });

  test('without @live it ends with SERVICE_UNAVAILABLE', async () => {
    const { log } = client.subscribe('subscription { ticks(id: "lost") { number } }');
    await eventually(() => expect(log.next).toHaveLength(1));
    graph.subgraphs.jobs.cut();
    await eventually(() => expect(log.errors?.[0]?.extensions['code']).toBe('SERVICE_UNAVAILABLE'));
  });
});

describe('a client that does not read', () => {
  test('costs bounded memory, gets everything in the end, and slows nobody down', async () => {
    const [slow, quick] = [await WsClient.open(graph.url, token), await WsClient.open(graph.url, token)];
    const slept = slow.subscribe(CHANGED, { id: 'big' }).log;
    const awake = quick.subscribe('subscription { jobChanged(id: "big") { seq transitions { seq } } }').log;
    await eventually(() => expect([slept.next.length, awake.next.length]).toEqual([1, 1]));
    slow.pause();
    const filler = 'x'.repeat(4_000);
    const all = Array.from({ length: 10_000 }, (_, index) => `${index}${filler}`);
    const seqs = (): number[] =>
      awake.next.flatMap(
        ({ data }) => (data?.['jobChanged'] as Change | undefined)?.transitions.map((one) => one.seq) ?? [],
      );
    const before = usedMemory();
    const waits: number[] = [];
    for (let start = 0; start < all.length; start += 100) {
      const startedAt = performance.now();
      graph.source('big').push(...all.slice(start, start + 100));
      await eventually(() => expect(seqs().length).toBe(start + 100));
      waits.push(performance.now() - startedAt);
    }
    expect(Math.max(...waits)).toBeLessThan(1_000);
    expect(seqs()).toEqual(all.map((_, index) => index + 1));
    // 40 MB were pushed to a client that took nothing; the texts themselves are held by the source in any case.
    expect(usedMemory() - before).toBeLessThan(20 * 1024 * 1024);
    slow.resume();
    await eventually(() => expect(notes(slept)).toHaveLength(all.length), 15_000);
    expect(notes(slept)).toEqual(all);
    expect(slept.next.length).toBeLessThan(all.length / 10);
    slow.close();
    quick.close();
  });
});

describe('a live field over server-sent events', () => {
  test('delivers next events that cross subgraphs, then complete', async () => {
    graph.source('sse').push('n1');
    const { response, events } = await askEvents(graph.url, {
      query: CHANGED,
      variables: { id: 'sse' },
      token,
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const first = await events.next();
    expect(first.value).toMatchObject({
      event: 'next',
      data: { data: { jobChanged: { seq: 1, job: { place: 'place of sse' } } } },
    });
    graph.source('sse').push('n2');
    expect((await events.next()).value).toMatchObject({
      event: 'next',
      data: { data: { jobChanged: { seq: 2 } } },
    });
    graph.source('sse').end();
    expect((await events.next()).value).toEqual({ event: 'complete', data: undefined });
    expect((await events.next()).done).toBe(true);
  });

  test('closes the upstream when the client leaves', async () => {
    const stream = await askEvents(graph.url, { query: CHANGED, variables: { id: 'gone' }, token });
    await eventually(() => expect(graph.source('gone').open).toBe(1));
    stream.close();
    await eventually(() => expect(graph.source('gone').open).toBe(0));
  });

  test('queries and refusals come as one next event', async () => {
    const query = await askEvents(graph.url, { query: '{ job(id: "1") { place } }', token });
    expect((await query.events.next()).value).toEqual({
      event: 'next',
      data: { data: { job: { place: 'place of 1' } } },
    });
    expect((await query.events.next()).value).toEqual({ event: 'complete', data: undefined });
    const wrong = await askEvents(graph.url, { query: 'subscription { nothing }', token });
    expect((await wrong.events.next()).value).toMatchObject({
      data: { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    });
  });
});

test('the metrics tell what happened', async () => {
  const response = await fetch(`${graph.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  const text = await response.text();
  expect(text).toMatch(/weft_gateway_live_delivered_total\{part="gateway"\} [1-9]/);
  expect(text).toMatch(/weft_gateway_live_coalesced_total\{part="gateway"\} [1-9]/);
  expect(text).toMatch(/weft_gateway_live_overflowed_total\{part="gateway"\} [1-9]/);
  expect(text).toMatch(/weft_gateway_live_resumed_total\{part="gateway"\} [1-9]/);
  expect((await ask(graph.url, { query: '{ targets }', token })).data).toEqual({ targets: ['here'] });
});

function usedMemory(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
