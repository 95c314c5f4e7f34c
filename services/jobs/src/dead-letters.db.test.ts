import { randomUUID } from 'node:crypto';
import type { Actor } from '@weft/identity';
import { aUser } from '@weft/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { failed } from './testing/engine.js';
import { startTestService, type TestService } from './testing/jobs-service.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const LIST = `query($first: Int, $after: String, $filter: JobFilter) { deadLetters(first: $first, after: $after, filter: $filter) {
  edges { node { job { id name state } error { code } failedItems attempts losses endedAt } } pageInfo { hasNextPage endCursor } } }`;
const REQUEUE = `mutation($input: RequeueDeadLettersInput!) { requeueDeadLetters(input: $input) {
  jobs unknown more refused { jobId error { code } } userErrors { code path } } }`;
const DISMISS = `mutation($input: DismissDeadLettersInput!) { dismissDeadLetters(input: $input) { jobs unknown more userErrors { code path } } }`;

interface List {
  readonly edges: readonly {
    readonly node: { readonly job: { readonly id: string; readonly name: string } };
  }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const list = async (variables: object = {}, actor?: Actor): Promise<List> =>
  (await service.graphql<{ deadLetters: List }>(LIST, { ...variables }, actor)).deadLetters;
const names = ({ edges }: List): string[] => edges.map(({ node }) => node.job.name);

async function fails(name: string): Promise<string> {
  const id = await service.submit({ name });
  const { jobId, attempt, fence } = await service.claimOne();
  const report = { jobId, attempt, fence, kind: 'FINISHED', items: [failed(0)], usage: null };
  await service.ask('report', { reports: [report] });
  return id;
}

it('dead letters are read in pages, run again or dismissed through the graph', async () => {
  const [first, second] = [await fails('first'), await fails('second')];
  await fails('third');
  const page = await list({ first: 2 });
  expect(names(page)).toEqual(['third', 'second']);
  expect(page.edges[1]?.node).toMatchObject({
    job: { id: second, state: 'FAILED' },
    error: { code: 'SERVICE_EXCEPTION' },
    failedItems: 1,
    attempts: 1,
    losses: 0,
    endedAt: expect.any(String) as string,
  });
  const rest = await list({ first: 2, after: page.pageInfo.endCursor });
  expect(names(rest)).toEqual(['first']);
  expect(rest.pageInfo.hasNextPage).toBe(false);
  expect(names(await list({ filter: { text: 'second' } }))).toEqual(['second']);
  expect(names(await list({}, aUser()))).toEqual([]);

  const nothing = { unknown: [], more: false, refused: [], userErrors: [] };
  const requeue = (input: object) => service.graphql(REQUEUE, { input });
  expect(await requeue({ filter: {}, dryRun: true })).toEqual({
    requeueDeadLetters: { jobs: 3, ...nothing },
  });
  expect(await requeue({ ids: [first] })).toEqual({ requeueDeadLetters: { jobs: 1, ...nothing } });
  const strange = randomUUID();
  expect(await requeue({ ids: [first, second, strange, 'nothing'], dryRun: true })).toEqual({
    requeueDeadLetters: { jobs: 1, ...nothing, unknown: [first, strange, 'nothing'] },
  });
  expect(await requeue({ ids: [first] })).toEqual({
    requeueDeadLetters: { jobs: 0, ...nothing, unknown: [first] },
  });
  const badChoice = { userErrors: [{ code: 'BAD_USER_INPUT', path: ['input'] }] };
  expect(await requeue({})).toMatchObject({ requeueDeadLetters: badChoice });
  expect(await requeue({ ids: [second], filter: {} })).toMatchObject({ requeueDeadLetters: badChoice });
  const tooLong = { filter: { text: 'x'.repeat(201) } };
  const badText = { userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'filter', 'text'] }] };
  expect(await requeue(tooLong)).toMatchObject({ requeueDeadLetters: badText });
  expect(await service.graphql(DISMISS, { input: { ...tooLong, reason: 'seen' } })).toMatchObject({
    dismissDeadLetters: badText,
  });
  const dismiss = { ids: [second, strange], reason: 'seen' };
  expect(await service.graphql(DISMISS, { input: dismiss })).toEqual({
    dismissDeadLetters: { jobs: 1, unknown: [strange], more: false, userErrors: [] },
  });
  expect(names(await list())).toEqual(['third']);
  const reader: Actor = { ...service.user, scopes: ['read'] };
  expect(await service.graphql(REQUEUE, { input: { filter: {} } }, reader)).toMatchObject({
    requeueDeadLetters: { jobs: 0, userErrors: [{ code: 'FORBIDDEN' }] },
  });
});

it('single items are cancelled through the graph', async () => {
  const id = await service.submit({ items: [{ params: 1 }, { params: { n: 2 } }] });
  const CANCEL = `mutation($input: CancelJobInput!) { cancelJob(input: $input) { job { state itemCounts { pending cancelled } } userErrors { code path } } }`;
  expect(await service.graphql(CANCEL, { input: { id, items: [1] } })).toEqual({
    cancelJob: { job: { state: 'PENDING', itemCounts: { pending: 1, cancelled: 1 } }, userErrors: [] },
  });
  // What was requeued above stands before it.
  while ((await service.claimOne()).jobId !== id);
  const ITEMS = `query($id: ID!) { job(id: $id) { items { edges { node { index params attempts { id outcome } } } } } }`;
  expect(await service.graphql(ITEMS, { id })).toEqual({
    job: {
      items: {
        edges: [
          { node: { index: 0, params: 1, attempts: [{ id: `${id}:1`, outcome: 'RUNNING' }] } },
          { node: { index: 1, params: { n: 2 }, attempts: [] } },
        ],
      },
    },
  });
  expect(await service.graphql(CANCEL, { input: { id, items: [7] } })).toEqual({
    cancelJob: { job: null, userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'items', '0'] }] },
  });
});
