import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestService, type TestService } from './testing/jobs-service.js';
import { storedGraph, type Payload } from './testing/stored-graph.js';

let weft: TestService;
beforeAll(async () => {
  weft = await startTestService();
}, 60_000);
afterAll(() => weft.stop());

const ITEMS = `query($id: ID!, $states: [JobState!], $first: Int, $after: String) { job(id: $id) {
  items(states: $states, first: $first, after: $after) { edges { cursor node { index } } pageInfo { hasNextPage endCursor } }
} }`;
interface Page {
  readonly job: {
    readonly items: {
      readonly edges: readonly { readonly node: { readonly index: number } }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  };
}

it('the items of some states only, page by page', async () => {
  const { job } = await storedGraph(weft).mutate<Payload & { job: { id: string } }>(
    'submitJob',
    'SubmitJobInput',
    'job { id }',
    { serviceVersionId: weft.serviceVersionId, items: Array.from({ length: 6 }, () => ({})) },
  );
  const client = new pg.Client({ connectionString: weft.databaseUrl });
  await client.connect();
  await client.query(`update job_item set state = 'FAILED' where job_id = $1 and index in (1, 2, 5)`, [
    job.id,
  ]);
  await client.query(`update job_item set state = 'CANCELLED' where job_id = $1 and index = 4`, [job.id]);
  await client.end();
  const look = async (more: object) => {
    const { items } = (await weft.graphql<Page>(ITEMS, { id: job.id, ...more })).job;
    return { ...items.pageInfo, indexes: items.edges.map(({ node }) => node.index) };
  };
  const first = await look({ states: ['FAILED'], first: 2 });
  expect(first).toMatchObject({ indexes: [1, 2], hasNextPage: true });
  const rest = await look({ states: ['FAILED'], first: 2, after: first.endCursor });
  expect(rest).toMatchObject({ indexes: [5], hasNextPage: false });
  expect((await look({ states: ['FAILED', 'CANCELLED'] })).indexes).toEqual([1, 2, 4, 5]);
  expect((await look({ states: ['SUCCEEDED'] })).indexes).toEqual([]);
  expect((await look({ states: null })).indexes).toHaveLength(6);
});
