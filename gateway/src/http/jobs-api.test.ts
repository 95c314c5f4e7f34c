import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { AppError } from '@weft/errors';
import { parse, validate } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OperationRequest } from '../federation/direct-operations.js';
import { readSupergraph } from '../federation/supergraph.js';
import { nobody } from '../identity/caller.js';
import { createJobsApi, type JobsApiOptions } from './jobs-api.js';

const { schema } = readSupergraph(readFileSync('gateway/supergraph.graphql', 'utf8'), {});
const asked: OperationRequest[] = [];
let answer: Awaited<ReturnType<JobsApiOptions['operations']['run']>>;
let server: Server;
let url: string;

const JOB = {
  id: 'j-1',
  name: 'report',
  state: 'PENDING',
  plannedFor: null,
  definition: { id: 'd-1', name: 'report' },
  definitionVersion: { number: 3 },
};
const started = (repeated = false) => ({
  data: { startJobDefinition: { repeated, job: JOB, userErrors: [] } },
});
const refused = (code: string, ...path: string[]) => ({
  data: {
    startJobDefinition: { repeated: false, job: null, userErrors: [{ code, message: 'It is so.', path }] },
  },
});

beforeAll(async () => {
  const api = createJobsApi({
    schema,
    maxBodyBytes: 1_000,
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
      run(request) {
        // What is asked is asked of the real graph.
        expect(validate(schema, parse(request.source))).toEqual([]);
        asked.push(request);
        return Promise.resolve(answer);
      },
      serve: () => Promise.reject(new Error('not over HTTP')),
      close: () => Promise.resolve(),
    },
  });
  server = createServer((request, response) => {
    void api
      ?.handle(request.url ?? '', request, response)
      .then((known) => known || response.writeHead(418).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  asked.length = 0;
  answer = started();
});

const start = async (init: RequestInit = {}, path = '/api/jobs/d-1/start') => {
  const headers = { authorization: 'token good', 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    ...init,
    headers: { ...headers, ...(init.headers as Record<string, string>) },
  });
  return {
    status: response.status,
    location: response.headers.get('location'),
    body: (await response.json()) as Record<string, unknown>,
  };
};
const body = (value: unknown): RequestInit => ({ body: JSON.stringify(value) });

describe('a start', () => {
  test.each(['token good', 'Token good', 'Bearer good'])(
    'with "%s" answers with the job and its URL',
    async (given) => {
      const {
        status,
        location,
        body: shown,
      } = await start({
        ...body({ inputs: { day: 'monday' }, idempotencyKey: 'k' }),
        headers: { authorization: given },
      });
      expect(asked[0]?.variables).toEqual({
        input: { id: 'd-1', inputs: { day: 'monday' }, idempotencyKey: 'k' },
      });
      expect([status, location]).toEqual([201, `${url}/api/runs/j-1`]);
      expect(shown).toEqual({
        id: 'j-1',
        name: 'report',
        state: 'PENDING',
        plannedFor: null,
        definition: { id: 'd-1', name: 'report', version: 3 },
        url: `${url}/api/runs/j-1`,
        repeated: false,
      });
    },
  );

  test('has the settings of this start, and leaves it to the graph what they may be', async () => {
    const settings = { name: 'by hand', tags: ['a'], priority: 5, startAt: 'soon', deadline: null };
    await start(body(settings));
    expect(asked[0]?.variables).toEqual({
      input: { id: 'd-1', inputs: null, idempotencyKey: null, ...settings },
    });
  });

  test('repeated under its key is 200, and the key may be a header', async () => {
    answer = started(true);
    const { status } = await start({ headers: { 'idempotency-key': 'h' } });
    expect([status, asked[0]?.variables]).toEqual([
      200,
      { input: { id: 'd-1', inputs: null, idempotencyKey: 'h' } },
    ]);
    expect(
      (await start({ ...body({ idempotencyKey: 'x' }), headers: { 'idempotency-key': 'h' } })).status,
    ).toBe(400);
  });

  test.each([
    ['NOT_FOUND', 404],
    ['FORBIDDEN', 403],
    ['IDEMPOTENCY_CONFLICT', 409],
    ['INPUT_SCHEMA_VIOLATION', 422],
    ['TARGET_INCOMPATIBLE', 422],
    ['PAYLOAD_TOO_LARGE', 413],
  ])('refused with %s is %i, with the path in the body', async (code, status) => {
    answer = refused(code, 'input', 'inputs', 'day');
    const shown = await start(body({ inputs: {} }));
    expect(shown.status).toBe(status);
    expect(shown.body).toMatchObject({
      error: { code, message: 'It is so.', errors: [{ code, path: ['inputs', 'day'] }] },
    });
  });

  test('that the graph cannot do says so', async () => {
    answer = { errors: [{ message: 'Away.', extensions: { code: 'SERVICE_UNAVAILABLE' } }] };
    expect(await start()).toMatchObject({ status: 503, body: { error: { code: 'SERVICE_UNAVAILABLE' } } });
  });

  test.each<[string, RequestInit, number]>([
    ['no token', { headers: { authorization: '' } }, 401],
    ['another token', { headers: { authorization: 'token bad' } }, 401],
    ['GET', { method: 'GET' }, 405],
    ['a body that is no JSON', { body: '{' }, 400],
    ['a body that is no object', { body: '[]' }, 400],
    ['another content type', { body: '{}', headers: { 'content-type': 'text/plain' } }, 400],
    ['a number that would change', { ...body({}), body: '{"inputs":{"n":9007199254740993}}' }, 400],
    ['an unknown word', body({ input: {} }), 400],
    ['a key that is no text', body({ idempotencyKey: 1 }), 400],
    ['too much', body({ inputs: 'x'.repeat(2_000) }), 413],
  ])('with %s goes no further', async (_what, init, status) => {
    expect((await start(init)).status).toBe(status);
    expect(asked).toEqual([]);
  });

  test('by another method names the one', async () => {
    const response = await fetch(`${url}/api/jobs/d-1/start`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    const deleted = await fetch(`${url}/api/runs/j-1`, { method: 'DELETE' });
    expect([deleted.status, deleted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('of a path that cannot be is refused, of a strange one is looked for', async () => {
    expect((await start({}, '/api/jobs/%ff/start')).status).toBe(400);
    await start({}, '/api/jobs/%22%7B/start');
    expect(asked[0]?.variables).toMatchObject({ input: { id: '"{' } });
    expect((await fetch(`${url}/api/jobs/d-1`)).status).toBe(418);
  });
});

test('a run is looked at by GET', async () => {
  const look = () => fetch(`${url}/api/runs/j-1`, { headers: { authorization: 'token good' } });
  answer = { data: { job: { ...JOB, state: 'SUCCEEDED', result: { n: 1 }, error: null } } };
  const response = await look();
  expect([response.status, asked[0]?.variables]).toEqual([200, { id: 'j-1' }]);
  expect(await response.json()).toMatchObject({
    state: 'SUCCEEDED',
    result: { n: 1 },
    url: `${url}/api/runs/j-1`,
  });
  answer = { data: { job: null } };
  expect((await look()).status).toBe(404);
  expect((await fetch(`${url}/api/runs/j-1`)).status).toBe(401);
});
