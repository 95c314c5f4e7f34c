import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '@weft/errors';
import { parse, validate } from 'graphql';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readSupergraph } from '../federation/supergraph.js';
import { nobody, type Caller } from '../identity/caller.js';
import { createPidResolver, pidIn, type PidResolverOptions } from './pid-resolver.js';

const { schema } = readSupergraph(readFileSync('gateway/supergraph.graphql', 'utf8'), {});
const PID = 'ark:99999/w1bcdfghjkmnpqrs';
const ITEM = {
  ...{ id: '11111111-1111-4111-8111-111111111111', pid: PID, name: 'Reef growth', subtype: 'MODEL' },
  ...{ recordType: 'COMPLETE', schemaVersion: 1, metadata: { name: 'Reef growth' }, withdrawn: null },
  ...{ version: 1, versionReason: null, previousVersion: null, latestVersion: { pid: 'ark:99999/w1later' } },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-02T00:00:00.000Z' },
};
const everyone: Caller = { ...nobody };

let asked: { readonly variables: unknown; readonly caller: Caller }[] = [];
let answer: Awaited<ReturnType<PidResolverOptions['operations']['run']>>;
let server: Server;
let url: string;

beforeAll(async () => {
  const resolver = createPidResolver({
    schema,
    everyone,
    observe: () => undefined,
    gatekeeper: {
      admit: (authorization) =>
        authorization === 'Bearer good'
          ? Promise.resolve({ caller: nobody })
          : Promise.reject(new AppError('UNAUTHENTICATED', 'No.')),
      watch: () => () => undefined,
      close: () => undefined,
    },
    operations: {
      run(request, { caller }) {
        // What is asked is asked of the real graph.
        expect(validate(schema, parse(request.source))).toEqual([]);
        asked.push({ variables: request.variables, caller });
        return Promise.resolve(answer);
      },
      serve: () => Promise.reject(new Error('not over HTTP')),
      close: () => Promise.resolve(),
    },
  });
  server = createServer((request, response) => {
    const pid = pidIn((request.url ?? '').split('?', 1)[0] ?? '');
    if (pid === undefined) response.writeHead(418).end();
    else void resolver?.handle(pid, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  asked = [];
  answer = { data: { item: ITEM } };
});

const get = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${url}${path}`, { headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

test.each([
  [`/pid/${PID}`, PID],
  [`/ark:/99999/w1bcdfghjkmnpqrs`, 'ark:/99999/w1bcdfghjkmnpqrs'],
  [`/${PID}?info`, PID],
  ['/pid/doi%3A10.5072/w1x', 'doi:10.5072/w1x'],
  ['/pid/hdl:20.500.12345/w1x', 'hdl:20.500.12345/w1x'],
])('%s leads to what is known of the item, for everyone', async (path, pid) => {
  const { status, body } = await get(path);
  expect(asked).toEqual([{ variables: { id: pid, known: false }, caller: everyone }]);
  expect(asked[0]?.caller).toBe(everyone);
  expect(status).toBe(200);
  expect(body).toEqual({
    ...{ pid: PID, id: ITEM.id, type: 'MODEL', name: 'Reef growth', state: 'COMPLETE', schemaVersion: 1 },
    ...{ metadata: { name: 'Reef growth' }, version: 1, versionReason: null, withdrawn: null },
    ...{ createdAt: ITEM.createdAt, updatedAt: ITEM.updatedAt },
    ...{ previousVersion: null, latestVersion: 'ark:99999/w1later', url: `${url}/pid/${PID}` },
    graphql: { url: `${url}/graphql`, query: expect.stringContaining(ITEM.id) as string },
  });
});

test('what was withdrawn is gone, and its tombstone says why', async () => {
  const withdrawn = { at: '2026-02-01T00:00:00.000Z', reason: 'wrong data' };
  answer = { data: { item: { ...ITEM, withdrawn } } };
  const { status, body } = await get(`/pid/${PID}`);
  expect(status).toBe(410);
  expect(body).toMatchObject({ state: 'WITHDRAWN', withdrawn, name: 'Reef growth', pid: PID });
});

test('a token shows what its bearer may read; a wrong one nothing', async () => {
  expect((await get(`/pid/${PID}`, { authorization: 'Bearer good' })).status).toBe(200);
  expect(asked[0]).toEqual({ variables: { id: PID, known: true }, caller: nobody });
  expect(asked[0]?.caller).toBe(nobody);
  expect((await get(`/pid/${PID}`, { authorization: 'Bearer bad' })).status).toBe(401);
  expect(asked).toHaveLength(1);
});

test('all else is not found, in the same words', async () => {
  answer = { data: { item: null } };
  const { status, body } = await get(`/pid/${PID}`);
  expect([status, (body['error'] as { code: string }).code]).toEqual([404, 'NOT_FOUND']);
  const { message } = body['error'] as { message: string };
  answer = { data: { item: ITEM } };
  const byId = await get(`/pid/${ITEM.id}`);
  expect([byId.status, byId.body['error']]).toMatchObject([404, { message }]);
  answer = { data: { item: { ...ITEM, pid: null } } };
  expect((await get('/pid/anything')).status).toBe(404);
  answer = { data: null, errors: [{ message: 'Away.', extensions: { code: 'SERVICE_UNAVAILABLE' } }] };
  expect((await get(`/pid/${PID}`)).status).toBe(503);
  expect((await get('/pid/%zz')).status).toBe(400);
});
