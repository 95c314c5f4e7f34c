import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.js';
import { ask, askEvents } from '../testing/http-client.js';
import { startTestGraph, type TestGraph } from '../testing/test-graph.js';
import { WsClient } from '../testing/ws-client.js';

let graph: TestGraph;

beforeAll(async () => {
  graph = await startTestGraph();
});
afterAll(() => graph[Symbol.asyncDispose]());

const CHANGED = 'subscription ($id: ID!) { jobChanged(id: $id) { seq } }';
const WRONG = `weft_${'w'.repeat(43)}`;

describe('without a valid token', () => {
  test.each([
    ['no token', undefined],
    ['an unknown token', WRONG],
    ['something that is no token', 'secret'],
  ])('HTTP, SSE and metrics answer 401 to %s', async (_, token) => {
    const before = graph.subgraphs.jobs.requests.length;
    const answer = await ask(graph.url, { query: '{ job(id: "1") { id } }', token });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: 'UNAUTHENTICATED',
      correlationId: expect.any(String),
    });
    const events = await askEvents(graph.url, { query: CHANGED, variables: { id: '1' }, token });
    expect(events.status).toBe(401);
    events.close();
    const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
    expect((await fetch(`${graph.url}/metrics`, { headers })).status).toBe(401);
    expect(graph.subgraphs.jobs.requests.length).toBe(before);
  });

  test.each([
    ['no parameters', undefined],
    ['an unknown token', { Authorization: `Bearer ${WRONG}` }],
  ])('a WebSocket with %s is closed with 4401', async (_, parameters) => {
    const client = new WsClient(graph.url, parameters);
    await eventually(() => expect(client.closed).toEqual({ code: 4401, reason: 'Unauthorized' }));
  });

  test('mere introspection is answered, and nothing beside it', async () => {
    const introspection = await ask(graph.url, { query: '{ __schema { queryType { name } } __typename }' });
    expect(introspection).toMatchObject({
      status: 200,
      data: { __schema: { queryType: { name: 'Query' } } },
    });
    const explorer = await ask(graph.url, { query: '{ __schema { queryType { name } } }', token: '' });
    expect(explorer.status, 'no token pasted yet').toBe(200);
    expect((await ask(graph.url, { query: '{ __typename targets }' })).status).toBe(401);
    expect((await ask(graph.url, { query: '{ __typename targets }', token: '' })).status).toBe(401);
    expect((await ask(graph.url, { query: '{ ...F } fragment F on Query { targets }' })).status).toBe(401);
    expect((await ask(graph.url, { query: '{ __typename }', token: WRONG })).status).toBe(401);
  });
});

describe('with a valid token', () => {
  test('the subgraph is told who asks, in a signed actor of its own', async () => {
    const token = graph.addToken({
      userId: 'ada',
      organizations: [{ id: 'o9', role: 'VIEWER' }],
      teams: ['t3', 't7'],
    });
    await ask(graph.url, { query: '{ job(id: "1") { id } }', token });
    const jwt = graph.subgraphs.jobs.requests.at(-1)?.authorization?.replace('Bearer ', '') ?? '';
    expect(jwt).not.toContain(token);
    const claims = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >;
    expect(claims).toMatchObject({
      sub: 'ada',
      kind: 'user',
      org: [{ id: 'o9', role: 'VIEWER' }],
      team: ['t3', 't7'],
      scopes: ['write'],
    });
  });

  test('lookups of the same moment share questions, and the answer is remembered', async () => {
    const tokens = Array.from({ length: 60 }, () => graph.addToken());
    const before = graph.asked;
    const query = '{ targets }';
    await Promise.all(tokens.map((token) => ask(graph.url, { query, token })));
    expect(graph.asked - before).toBeLessThanOrEqual(40);
    const after = graph.asked;
    await Promise.all(tokens.map((token) => ask(graph.url, { query, token })));
    expect(graph.asked).toBe(after);
  });

  test('a revoked token ends its subscriptions with SUBSCRIPTION_REVOKED and its socket within 5 s; others go on', async () => {
    const [revoked, kept] = [graph.addToken(), graph.addToken()];
    const [one, other] = [await WsClient.open(graph.url, revoked), await WsClient.open(graph.url, kept)];
    const ended = [
      one.subscribe(CHANGED, { id: 'r' }).log,
      one.subscribe('subscription { ticks(id: "r") { number } }').log,
    ];
    const going = other.subscribe(CHANGED, { id: 'r' }).log;
    const events = await askEvents(graph.url, { query: CHANGED, variables: { id: 'r' }, token: revoked });
    const asleep = await WsClient.open(graph.url, revoked);
    asleep.pause();
    await events.events.next();
    await eventually(() => expect([...ended, going].map((log) => log.next.length)).toEqual([1, 1, 1]));
    const revokedAt = performance.now();
    graph.revoke(revoked);
    await eventually(() => expect(one.closed).toEqual({ code: 4401, reason: 'Unauthorized' }), 6_000);
    expect((await events.events.next()).value).toMatchObject({
      data: { errors: [{ extensions: { code: 'SUBSCRIPTION_REVOKED' } }] },
    });
    await eventually(() => expect(graph.source('r').open).toBe(1));
    expect(performance.now() - revokedAt).toBeLessThan(5_000);
    for (const log of ended) expect(log.errors?.[0]?.extensions['code']).toBe('SUBSCRIPTION_REVOKED');
    graph.source('r').push('still there');
    await eventually(() => expect(going.next).toHaveLength(2));
    expect(other.closed).toBeUndefined();
    expect((await ask(graph.url, { query: '{ targets }', token: revoked })).status).toBe(401);
    asleep.resume();
    await eventually(() => expect(asleep.closed).toBeDefined());
    other.close();
  }, 15_000);

  test('an expired token counts as none', async () => {
    const token = graph.addToken({ expiresAt: new Date(Date.now() - 1_000).toISOString() });
    expect((await ask(graph.url, { query: '{ targets }', token })).status).toBe(401);
  });

  test.each(['organizations', 'teams'] as const)(
    'lost %s make the subgraph decide anew',
    async (lost) => {
      const token = graph.addToken({ organizations: [{ id: 'o1', role: 'OWNER' }], teams: ['t1'] });
      const client = await WsClient.open(graph.url, token);
      const live = client.subscribe(CHANGED, { id: lost }).log;
      const ticks = client.subscribe('subscription ($id: ID!) { ticks(id: $id) { number } }', {
        id: lost,
      }).log;
      await eventually(() => expect([live, ticks].map((log) => log.next.length)).toEqual([1, 1]));
      const row = graph.tokenRow(token);
      if (row !== undefined) row[lost] = [];
      await eventually(
        () => expect(ticks.errors?.[0]?.extensions['code']).toBe('SUBSCRIPTION_REVOKED'),
        6_000,
      );
      graph.source(lost).push('goes on');
      await eventually(() => expect(live.next).toHaveLength(2));
      client.close();
    },
    15_000,
  );
});

test('while tokens cannot be checked, requests are told to come again and subscriptions go on', async () => {
  const token = graph.addToken();
  const client = await WsClient.open(graph.url, token);
  const { log } = client.subscribe(CHANGED, { id: 'outage' });
  await eventually(() => expect(log.next).toHaveLength(1));
  await graph.subgraphs.marketplace.stop();
  const answer = await ask(graph.url, { query: '{ targets }', token: graph.addToken() });
  expect(answer).toMatchObject({
    status: 503,
    errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE', retryable: true } }],
  });
  graph.source('outage').push('n1');
  await eventually(() => expect(log.next).toHaveLength(2));
  await graph.subgraphs.marketplace.start();
  client.close();
});
