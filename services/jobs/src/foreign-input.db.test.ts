import { encodeCursor } from '@weft/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { follow, startTestService, SUBMIT, type TestService } from './testing/jobs-service.js';

let weft: TestService;
let jobId: string;
beforeAll(async () => {
  weft = await startTestService();
  jobId = await weft.submit();
}, 60_000);
afterAll(() => weft.stop());

const codeOf = async (query: string, variables: Readonly<Record<string, unknown>>): Promise<unknown> =>
  weft.graphql(query, variables).then(
    () => 'answered',
    (error: Error) =>
      (JSON.parse(error.message) as { extensions: { code: string } }[])
        .map((one) => one.extensions.code)
        .join(),
  );

describe('a cursor that this list did not give', () => {
  const lists = {
    jobs: 'query ($after: String) { jobs(after: $after) { edges { cursor } } }',
    items: 'query ($after: String, $id: ID!) { job(id: $id) { items(after: $after) { edges { cursor } } } }',
    timeline:
      'query ($after: String, $id: ID!) { job(id: $id) { timeline(after: $after) { edges { cursor } } } }',
  };
  const cursors = [
    [],
    [1, 2],
    ['x', 'y'],
    ['2026-01-01', 'y'],
    [1e12],
    ['1', '2'],
    ['\u0000', '\u0000'],
    [-1.5],
  ];
  it.each(
    Object.entries(lists).flatMap(([name, query]) => cursors.map((key) => [name, query, key] as const)),
  )('is refused: %s', async (_name, query, key) => {
    expect(await codeOf(query, { after: encodeCursor(key), id: jobId })).toBe('BAD_USER_INPUT');
  });
});

describe('an id that cannot be one', () => {
  const ids = {
    empty: '',
    NUL: '\u0000',
    'half a character': '\ud800',
    SQL: "'; drop table job; --",
    'very long': 'x'.repeat(100_000),
  };
  it.each(Object.entries(ids))('matches nothing: %s', async (_what, id) => {
    const jobs = 'query ($filter: JobFilter) { jobs(filter: $filter) { edges { cursor } } }';
    expect(await codeOf('query ($id: ID!) { job(id: $id) { id } }', { id })).toBe('answered');
    for (const name of ['targetId', 'serviceId', 'serviceVersionId', 'organizationId'])
      expect([name, await codeOf(jobs, { filter: { [name]: id } })]).toEqual([name, 'answered']);
    for (const name of ['serviceVersionId', 'targetId', 'dataArtifactId', 'organizationId']) {
      const input = { serviceVersionId: weft.serviceVersionId, [name]: id };
      expect([name, await codeOf(SUBMIT, { input })]).toEqual([name, 'answered']);
    }
  });
});

it('a position beyond the history is refused: whoever passes it would miss what comes', async () => {
  const client = weft.liveClient();
  await expect(follow(client, jobId, 1_000).ended).rejects.toThrow(/Pass the last seq.*BAD_USER_INPUT/);
  await client.dispose();
});
