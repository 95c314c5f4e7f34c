import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gatewayConfig } from './config.js';
import { createGateway } from './gateway.js';
import { eventually } from './testing/eventually.js';
import { ask, askEvents } from './testing/http-client.js';
import { startTestGraph, type TestGraph } from './testing/test-graph.js';
import { WsClient } from './testing/ws-client.js';

let graph: TestGraph;
let folder: string;
let file: string;

beforeAll(async () => {
  graph = await startTestGraph({ auth: 'off' });
  folder = await mkdtemp(join(tmpdir(), 'weft-gateway-'));
  file = join(folder, 'supergraph.graphql');
  await writeFile(file, graph.supergraphSdl);
});
afterAll(async () => {
  await graph[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test('GATEWAY_AUTH=off serves any supergraph on loopback, with nothing but its file and a port', async () => {
  const config = gatewayConfig.read({
    SUPERGRAPH_FILE: file,
    PORT: '0',
    GATEWAY_AUTH: 'off',
    LOG_LEVEL: 'silent',
  });
  await using gateway = await createGateway(config);
  expect(gateway.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await ask(gateway.url, { query: '{ job(id: "1") { name place owner { name } } }' })).data).toEqual({
    job: { name: 'job 1', place: 'place of 1', owner: { name: 'name u-1' } },
  });
  expect(graph.subgraphs.jobs.requests.at(-1)?.authorization).toBeUndefined();
  const large = await ask(gateway.url, { query: '{ targets }', variables: { x: 'x'.repeat(200_000) } });
  expect(large.data).toEqual({ targets: ['here'] });

  const client = await WsClient.open(gateway.url);
  const { log } = client.subscribe('subscription { jobChanged(id: "1") { seq job { place } } }');
  await eventually(() =>
    expect(log.next).toEqual([{ data: { jobChanged: { seq: 0, job: { place: 'place of 1' } } } }]),
  );
  client.close();
  const { events } = await askEvents(gateway.url, {
    query: 'subscription { ticks(id: "1") { job { place } } }',
  });
  expect((await events.next()).value).toMatchObject({
    event: 'next',
    data: { data: { ticks: { job: { place: 'place of 1' } } } },
  });
  await events.return();
  expect((await fetch(`${gateway.url}/metrics`)).status).toBe(200);
  expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
});

test('going away ends what is open, and leaves nothing behind', async () => {
  const config = gatewayConfig.read({
    SUPERGRAPH_FILE: file,
    PORT: '0',
    GATEWAY_AUTH: 'off',
    LOG_LEVEL: 'silent',
  });
  const gateway = await createGateway(config);
  const client = await WsClient.open(gateway.url);
  const { log } = client.subscribe('subscription { jobChanged(id: "away") { seq } }');
  const stream = await askEvents(gateway.url, { query: 'subscription { ticks(id: "away") { number } }' });
  await eventually(() => expect(log.next).toHaveLength(1));
  await eventually(() => expect(graph.source('away').open).toBe(2));
  await gateway[Symbol.asyncDispose]();
  await eventually(() => expect(client.closed?.code).toBe(1001));
  await expect(
    (async () => {
      for await (const _ of stream.events);
    })(),
  ).rejects.toThrow();
  await eventually(() => expect(graph.source('away').open).toBe(0));
  expect(gateway.open).toEqual({ liveFields: 0, sockets: 0, upstream: 0 });
  await expect(fetch(`${gateway.url}/healthz`)).rejects.toThrow();
});

test.each([
  [{ GATEWAY_AUTH: 'on' }, /ACTOR_SIGNING_KEY is required/],
  [{ GATEWAY_AUTH: 'on', ACTOR_SIGNING_KEY: '{}' }, /ACTOR_SIGNING_KEY is not a private JWK/],
  [{ SUPERGRAPH_FILE: '/nowhere/supergraph.graphql' }, /SUPERGRAPH_FILE cannot be read/],
  [
    { SUBGRAPH_URLS: '{"jobz":"http://127.0.0.1:1"}' },
    /SUBGRAPH_URLS names subgraphs that the supergraph has not: jobz/,
  ],
  [{ SUBGRAPH_URLS: '{"jobs":"nonsense"}' }, /SUBGRAPH_URLS/],
  [{ PORT: '70000' }, /PORT/],
  [{ QUERY_MAX_DEPTH: '0' }, /QUERY_MAX_DEPTH/],
  [{ GATEWAY_AUTH: 'maybe' }, /GATEWAY_AUTH/],
])('a wrong setting is refused by its name: %j', async (env, message) => {
  const start = async () => {
    const config = gatewayConfig.read({
      SUPERGRAPH_FILE: file,
      PORT: '0',
      GATEWAY_AUTH: 'off',
      LOG_LEVEL: 'silent',
      ...env,
    });
    await using _gateway = await createGateway(config);
  };
  await expect(start()).rejects.toThrow(message);
});
