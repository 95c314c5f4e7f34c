import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from './testing/http-client.js';
import { startTestGraph, type TestGraph } from './testing/test-graph.js';

let graph: TestGraph;
let token: string;

beforeAll(async () => {
  graph = await startTestGraph();
  token = graph.addToken();
});
afterAll(() => graph[Symbol.asyncDispose]());

describe('queries and mutations', () => {
  test('one selection crosses three subgraphs', async () => {
    const query = 'query Q($id: ID!) { job(id: $id) { id name place owner { id name shout } } }';
    const { status, data, errors } = await ask(graph.url, { query, variables: { id: '7' }, token });
    expect(errors).toBeUndefined();
    expect(status).toBe(200);
    expect(data).toEqual({
      job: {
        id: '7',
        name: 'job 7',
        place: 'place of 7',
        owner: { id: 'u-7', name: 'name u-7', shout: 'NAME u-7!' },
      },
    });
  });

  test('a whole introspection, arguments in fragments included, gives back the schema', async () => {
    const { data } = await ask(graph.url, { query: getIntrospectionQuery(), token });
    const schema = buildClientSchema(data as unknown as IntrospectionQuery);
    expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toContain('job');
  });

  test('a mutation is executed once and read back', async () => {
    const query = 'mutation { renameJob(id: "m", name: "new") { id name place } }';
    const { data } = await ask(graph.url, { query, token });
    expect(data).toEqual({ renameJob: { id: 'm', name: 'new', place: 'place of m' } });
    expect((await ask(graph.url, { query: '{ job(id: "m") { name } }', token })).data).toEqual({
      job: { name: 'new' },
    });
  });

  test('client arguments and aliases never take the place of what a subgraph requires', async () => {
    const query = '{ job(id: "1") { owner { name(upper: false) shout id: name(upper: false) } } }';
    const { data, errors } = await ask(graph.url, { query, token });
    expect(errors).toBeUndefined();
    expect(data).toEqual({ job: { owner: { name: 'name u-1', shout: 'NAME u-1!', id: 'name u-1' } } });
  });

  test('the same field is read under several aliases and arguments', async () => {
    const query = '{ a: job(id: "1") { id } b: job(id: "2") { id n: name } job(id: "3") { id } }';
    const { data } = await ask(graph.url, { query, token });
    expect(data).toEqual({ a: { id: '1' }, b: { id: '2', n: 'job 2' }, job: { id: '3' } });
  });

  test('a subgraph error keeps its code, facts and path, under the names of the client', async () => {
    const query = '{ mine: job(id: "1") { id oops: fails } }';
    const { data, errors } = await ask(graph.url, {
      query,
      token,
      headers: { 'x-correlation-id': 'correlation-1' },
    });
    expect(data).toEqual({ mine: { id: '1', oops: null } });
    expect(errors?.[0]).toMatchObject({
      message: 'The job is final',
      path: ['mine', 'oops'],
      extensions: {
        code: 'JOB_ALREADY_FINAL',
        state: 'SUCCEEDED',
        subgraph: 'jobs',
        correlationId: 'correlation-1',
      },
    });
  });

  test('the correlation id is returned and reaches the subgraphs', async () => {
    const answer = await ask(graph.url, {
      query: '{ job(id: "c") { id } }',
      token,
      headers: { 'x-correlation-id': 'abc-12345678' },
    });
    expect(answer.headers.get('x-correlation-id')).toBe('abc-12345678');
    expect(graph.subgraphs.jobs.requests.at(-1)?.correlationId).toBe('abc-12345678');
    const other = await ask(graph.url, {
      query: '{ job(id: "c") { id } }',
      token,
      headers: { 'x-correlation-id': 'bad id' },
    });
    expect(other.headers.get('x-correlation-id')).toMatch(/^[\da-f-]{36}$/);
  });

  test('a subgraph that is down is named, and what the others know is kept', async () => {
    await graph.subgraphs.execution.stop();
    const { data, errors } = await ask(graph.url, { query: '{ job(id: "1") { id name } targets }', token });
    expect(data).toBeNull();
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      subgraph: 'execution',
      retryable: true,
    });
    const ready = await fetch(`${graph.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({
      status: 'not ready',
      missing: ['subgraph execution (unreachable)'],
    });
    await graph.subgraphs.execution.start();
    expect((await ask(graph.url, { query: '{ targets }', token })).data).toEqual({ targets: ['here'] });
  });

  test('several operations in one document need a name', async () => {
    const query = 'query A { targets } query B { job(id: "1") { id } }';
    expect((await ask(graph.url, { query, operationName: 'A', token })).data).toEqual({ targets: ['here'] });
    expect((await ask(graph.url, { query, operationName: 'B', token })).data).toEqual({ job: { id: '1' } });
    expect((await ask(graph.url, { query, token })).errors?.[0]?.extensions['code']).toBe(
      'OPERATION_RESOLUTION_FAILURE',
    );
  });

  test('inaccessible fields do not exist for clients', async () => {
    const { errors } = await ask(graph.url, { query: '{ tokenActors(hashes: []) { hash } }', token });
    expect(errors?.[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  test('a subscription over plain HTTP says where it is served', async () => {
    const { errors } = await ask(graph.url, { query: 'subscription { jobChanged(id: "1") { seq } }', token });
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining('WebSocket'),
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });
});
