import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../testing/http-client.js';
import { startTestGraph, type TestGraph } from '../testing/test-graph.js';

let graph: TestGraph;
let token: string;
const stored = new Map<string, Buffer>();

beforeAll(async () => {
  graph = await startTestGraph({
    env: { MAX_ARTIFACT_BYTES: '20000000' },
    onExecutionRequest(request, response) {
      const url = new URL(request.url ?? '', 'http://execution');
      if (!url.pathname.startsWith('/artifacts/')) return false;
      if (url.searchParams.get('signature') !== 'good' || request.headers.authorization !== undefined) {
        response.writeHead(403, { 'content-type': 'application/json' }).end('{"error":"signature"}');
      } else if (request.method === 'PUT') {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          stored.set(url.pathname, Buffer.concat(chunks));
          response.writeHead(204).end();
        });
      } else
        response
          .writeHead(200, { 'content-type': 'application/octet-stream', 'x-inside': 'no' })
          .end(stored.get(url.pathname));
      return true;
    },
  });
  token = graph.addToken();
});
afterAll(() => graph[Symbol.asyncDispose]());

const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(`${graph.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body,
  });
const json = async (response: Response) =>
  (await response.json()) as { data?: unknown; errors?: { message: string; extensions: { code: string } }[] };

describe('GraphQL over HTTP', () => {
  test.each([
    ['application/graphql-response+json', 'application/graphql-response+json; charset=utf-8'],
    ['application/json', 'application/json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
    [
      'application/graphql-response+json; charset=utf-8, application/json; q=0.9',
      'application/graphql-response+json; charset=utf-8',
    ],
  ])('accept %s is answered with %s', async (accept, expected) => {
    const response = await post('{"query":"{ targets }"}', { accept });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(expected);
    expect(await json(response)).toEqual({ data: { targets: ['here'] } });
  });

  test.each([
    ['{ targets', {}, 'GRAPHQL_PARSE_FAILED'],
    ['{ nothing }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['query ($id: ID!) { job(id: $id) { id } }', { id: [1] }, 'BAD_USER_INPUT'],
    [`{ ${Array.from({ length: 300 }, (_, n) => `x${n}: targets`).join(' ')} }`, {}, 'QUERY_TOO_COMPLEX'],
  ])(
    'a refused document (%#) is 200 as application/json and 400 as application/graphql-response+json',
    async (query, variables, code) => {
      for (const [accept, status] of [
        ['application/json', 200],
        ['application/graphql-response+json', 400],
      ] as const) {
        const response = await post(JSON.stringify({ query, variables }), { accept });
        expect(response.status).toBe(status);
        const answer = await json(response);
        expect(answer.data).toBeUndefined();
        expect(answer.errors?.[0]?.extensions.code).toBe(code);
      }
    },
  );

  test.each([
    ['not JSON', '{', {}],
    ['an array', '[]', {}],
    [
      'one nested too deeply',
      `{"query":"{ targets }","variables":{"x":${'['.repeat(199)}${']'.repeat(199)}}}`,
      {},
    ],
    ['no query', '{}', {}],
    ['a query that is no text', '{"query":{}}', {}],
    ['variables that are no object', '{"query":"{ targets }","variables":[1]}', {}],
    ['an operationName that is no text', '{"query":"{ targets }","operationName":{}}', {}],
    ['extensions that are no object', '{"query":"{ targets }","extensions":"x"}', {}],
    ['another content type', '{"query":"{ targets }"}', { 'content-type': 'application/x-unknown' }],
  ])('%s is a bad request', async (_, body, headers) => {
    const response = await post(body, headers);
    expect(response.status).toBe(400);
    expect((await json(response)).errors?.[0]?.extensions.code).toMatch(/^BAD_/);
  });

  test('brackets within strings are no nesting', async () => {
    const x = ['\\"[[[', '['.repeat(300), '\\\\', ']'.repeat(9)];
    const variables = { x, deep: JSON.parse('['.repeat(198) + ']'.repeat(198)) as unknown };
    const response = await post(JSON.stringify({ query: '{ targets }', variables }));
    expect(await json(response)).toEqual({ data: { targets: ['here'] } });
  });

  test('GET serves queries, never mutations', async () => {
    const get = (query: string) =>
      fetch(`${graph.url}/graphql?query=${encodeURIComponent(query)}`, {
        headers: {
          authorization: `Bearer ${token}`,
          'apollo-require-preflight': '1',
          accept: 'application/json',
        },
      });
    expect(await json(await get('{ targets }'))).toEqual({ data: { targets: ['here'] } });
    expect((await get('mutation { renameJob(id: "1", name: "x") { id } }')).status).toBe(405);
  });

  test('what a foreign page could send without a preflight is refused', async () => {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
    const simple = await fetch(`${graph.url}/graphql`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'text/plain' },
      body: '{"query":"{ targets }"}',
    });
    expect(simple.status).toBe(400);
    expect((await fetch(`${graph.url}/graphql?query={targets}`, { headers })).status).toBe(400);
    const events = await fetch(`${graph.url}/graphql?query={targets}`, {
      headers: { accept: 'text/event-stream' },
    });
    expect(events.status).toBe(400);
    expect((await json(events)).errors?.[0]?.message).toContain('cross-site');
  });

  test('a body over the limit is refused with 413, announced or not', async () => {
    const large = JSON.stringify({ query: '{ targets }', variables: { x: 'x'.repeat(9 * 1024 * 1024) } });
    const response = await post(large);
    expect(response.status).toBe(413);
    expect((await json(response)).errors?.[0]?.extensions.code).toBe('PAYLOAD_TOO_LARGE');
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const chunked = httpRequest(
        `${graph.url}/graphql`,
        { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` } },
        (answer) => resolve(answer.resume().statusCode),
      );
      chunked.on('error', reject);
      for (let n = 0; n < 9; n += 1) chunked.write(' '.repeat(1024 * 1024));
      chunked.end('{}');
    });
    expect(status).toBe(413);
  });

  test('who sends too much learns why, however slowly it sends', async () => {
    const { hostname, port } = new URL(graph.url);
    const socket = connect(Number(port), hostname);
    let sent = false;
    const answered = new Promise<{ text: string; sent: boolean }>((resolve, reject) => {
      socket.on('error', reject);
      socket.once('data', (data) => resolve({ text: String(data), sent }));
    });
    const megabyte = ' '.repeat(1024 * 1024);
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${9 * megabyte.length}\r\n\r\n`,
    );
    for (let n = 0; n < 9; n += 1) {
      sent = n === 8;
      await new Promise((resolve) => socket.write(megabyte, resolve));
      await sleep(20);
    }
    expect(await answered).toEqual({ text: expect.stringMatching(/^HTTP\/1\.1 413 /), sent: true });
    socket.destroy();
  });

  test('a body just under the limit is taken', async () => {
    const response = await post(
      JSON.stringify({ query: '{ targets }', variables: { x: 'x'.repeat(8 * 1024 * 1024 - 200) } }),
    );
    expect(await json(response)).toEqual({ data: { targets: ['here'] } });
  });

  test.each([
    ['depth', deep(40)],
    ['fields by fragments', exponential(12)],
    ['tokens', `{ ${'targets '.repeat(16_000)} }`],
  ])('a document over the limit of %s costs next to nothing', async (_, query) => {
    const startedAt = performance.now();
    const answer = await ask(graph.url, { query, token });
    expect(answer.errors?.[0]?.extensions['code']).toBe('QUERY_TOO_COMPLEX');
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('browsers', () => {
  test('a preflight of any origin is answered, and the answer can be read', async () => {
    const preflight = await fetch(`${graph.url}/graphql`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://studio.apollographql.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization,content-type');
    expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
    const answer = await ask(graph.url, {
      query: '{ __typename }',
      headers: { origin: 'https://studio.apollographql.com' },
    });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  });

  test('the explorer is served whole from here, set up for this gateway', async () => {
    const page = await fetch(`${graph.url}/graphql`, {
      headers: { accept: 'text/html,application/xhtml+xml' },
    });
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const html = await page.text();
    expect(html).toContain(`${graph.url}/graphql`);
    expect(html).toContain('Authorization');
    expect(html).not.toMatch(/(src|href)="https?:/);
    const base = /<base href="([^"]+)"/.exec(html)?.[1] ?? '';
    const files = [...html.matchAll(/(?:src|href)="([^"]+\.(?:js|css|ico))"/g)].map(
      (match) => match[1] ?? '',
    );
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) expect((await fetch(new URL(file, new URL(base, graph.url)))).status).toBe(200);
    for (const path of ['../package.json', '..%2fpackage.json', '.hidden', 'none.js']) {
      expect((await fetch(`${graph.url}${base}${path}`)).status).toBe(404);
    }
  });
});

describe('artifacts', () => {
  test('are streamed both ways by their signed URL alone', async () => {
    const content = Buffer.alloc(15 * 1024 * 1024, 'weft');
    const url = `${graph.url}/artifacts/abc-1?expires=9&signature=good`;
    const put = await fetch(url, {
      method: 'PUT',
      body: content,
      headers: { authorization: 'Bearer secret' },
    });
    expect(put.status).toBe(204);
    const got = await fetch(url, { headers: { origin: 'https://elsewhere.example' } });
    expect(got.headers.get('access-control-allow-origin')).toBe('*');
    expect(got.headers.get('x-inside')).toBeNull();
    const digest = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
    expect(digest(new Uint8Array(await got.arrayBuffer()))).toBe(digest(content));
    expect((await fetch(url.replace('good', 'bad'))).status).toBe(403);
  });

  test('nothing else of the subgraph can be reached, and too much is refused', async () => {
    for (const path of [
      '/artifacts/../graphql',
      '/artifacts/%2e%2e/graphql',
      '/artifacts/a/b',
      '/artifacts/',
    ]) {
      expect(await rawStatus(path)).toBe(404);
    }
    const url = `${graph.url}/artifacts/abc-2?signature=good`;
    expect((await fetch(url, { method: 'PUT', body: Buffer.alloc(20_000_001) })).status).toBe(413);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(400);
  });
});

describe('beside the graph', () => {
  test('health, readiness, keys and unknown paths', async () => {
    expect(await (await fetch(`${graph.url}/healthz`)).json()).toEqual({ status: 'ok' });
    expect(await (await fetch(`${graph.url}/readyz`)).json()).toEqual({ status: 'ready' });
    const keys = (await (await fetch(`${graph.url}/.well-known/jwks.json`)).json()) as {
      keys: Record<string, unknown>[];
    };
    expect(keys.keys).toHaveLength(1);
    expect(keys.keys[0]).toMatchObject({ kty: 'OKP', crv: 'Ed25519' });
    expect(keys.keys[0]).not.toHaveProperty('d');
    const unknown = await fetch(`${graph.url}/graphiql`);
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });
});

function rawStatus(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(graph.url);
    httpRequest({ hostname, port, path }, (answer) => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end();
  });
}

function deep(levels: number): string {
  return `{ job(id: "1") { ... on Job { owner { ${'x { '.repeat(levels)} id ${'}'.repeat(levels)} } } } }`;
}

function exponential(levels: number): string {
  const fragments = Array.from(
    { length: levels },
    (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`,
  );
  return `{ ...F0 } ${fragments.join(' ')} fragment F${levels} on Query { targets }`;
}
