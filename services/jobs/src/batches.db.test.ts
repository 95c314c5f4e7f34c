// A batch through the service: GraphQL in, the worker protocol in the middle, the live field out.
import type { ClaimReply } from '@weft/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestService, type TestService } from './testing/jobs-service.js';

let weft: TestService;
beforeAll(async () => {
  weft = await startTestService({ JOBS_BATCH_FOLD: '50ms', JOBS_LEASE: '30s', JOBS_START_LEASE: '30s' });
}, 60_000);
afterAll(() => weft.stop());

interface BatchView {
  readonly id: string;
  readonly state: string;
  readonly progress: number;
  readonly endedAt: string | null;
  readonly counts: { readonly total: number; readonly succeeded: number; readonly failed: number };
}
interface Payload {
  readonly batch: BatchView | null;
  readonly jobs?: number;
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
}
const FIELDS = 'id state progress endedAt counts { total succeeded failed }';
const mutate = async (field: string, type: string, input: object, more = ''): Promise<Payload> => {
  const document = `mutation ($input: ${type}!) { ${field}(input: $input) { batch { ${FIELDS} } ${more} userErrors { code path } } }`;
  return (await weft.graphql<Record<string, Payload>>(document, { input }))[field] as Payload;
};
const submit = async (count: number): Promise<string> => {
  const input = {
    serviceVersionId: weft.serviceVersionId,
    name: 'sweep',
    params: { a: 1 },
    jobs: Array.from({ length: count }, (_, n) => ({ params: { n } })),
  };
  const { batch, userErrors } = await mutate('submitBatch', 'SubmitBatchInput', input);
  expect(userErrors).toEqual([]);
  return (batch as BatchView).id;
};

const follow = (id: string, after = 0) => {
  const payloads: { seq: number; batch: BatchView }[] = [];
  const client = weft.liveClient();
  const ended = new Promise<void>((resolve, reject) => {
    client.subscribe<{ batchChanged: { seq: number; batch: BatchView } }>(
      {
        query: `subscription ($id: ID!, $after: Int) { batchChanged(id: $id, after: $after) { seq batch { ${FIELDS} } } }`,
        variables: { id, after },
      },
      {
        next: ({ data, errors }) =>
          data ? void payloads.push(data.batchChanged) : reject(new Error(JSON.stringify(errors))),
        error: (error) => reject(error instanceof Error ? error : new Error(JSON.stringify(error))),
        complete: resolve,
      },
    );
  });
  return { payloads, ended: ended.finally(() => client.dispose()) };
};

/** Claims and ends this many jobs; those for which `fails` holds badly. */
const work = async (count: number, fails: (done: number) => boolean): Promise<void> => {
  for (let done = 0; done < count;) {
    const body = { capacity: 4, holdMs: 2_000, start: true };
    const { attempts } = await weft.ask<ClaimReply>('claim', body);
    const reports = attempts.map((one) => {
      const failed = fails(done++);
      const item = {
        index: 0,
        outcome: failed ? 'FAILED' : 'SUCCEEDED',
        result: null,
        resultArtifactId: null,
        resultSha256: null,
        error: failed ? { code: 'SERVICE_EXCEPTION', message: 'no', retryable: false } : null,
      };
      return {
        jobId: one.jobId,
        attempt: one.attempt,
        fence: one.fence,
        kind: 'FINISHED',
        items: [item],
        usage: null,
      };
    });
    await weft.ask('report', { reports });
  }
};

it('is watched live to its end, retried, and watched again', async () => {
  const id = await submit(12);
  const live = follow(id);
  await work(12, (done) => done < 3);
  await live.ended;
  const last = live.payloads.at(-1);
  expect(last?.batch).toMatchObject({
    state: 'FAILED',
    progress: 1,
    counts: { total: 12, succeeded: 9, failed: 3 },
  });
  expect(last?.batch.endedAt).not.toBeNull();
  // Submitted; and each job was started as it was claimed, and ended.
  expect(last?.seq).toBe(1 + 12 * 2);
  const seqs = live.payloads.map((payload) => payload.seq);
  expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  expect(live.payloads.filter(({ batch }) => batch.progress === 1)).toHaveLength(1);

  const retried = await mutate('retryBatch', 'RetryBatchInput', { id }, 'jobs');
  expect(retried).toMatchObject({ jobs: 3, batch: { state: 'IN_PROGRESS', progress: 0.75, endedAt: null } });
  const again = follow(id, last?.seq ?? 0);
  await work(3, () => false);
  await again.ended;
  expect(again.payloads.at(-1)?.batch).toMatchObject({
    state: 'SUCCEEDED',
    counts: { succeeded: 12, failed: 0 },
  });
  await expect(follow(id, 1_000).ended).rejects.toThrow('BAD_USER_INPUT');
});

it('lists its jobs by state, leads from a job to its batch, and is cancelled as a whole', async () => {
  const id = await submit(30);
  const { batch } = await weft.graphql<{
    batch: { jobs: { edges: { node: { name: string; params: unknown; batch: { id: string } } }[] } };
  }>(
    `query ($id: ID!) { batch(id: $id) { jobs(filter: { states: [PENDING] }, first: 100) {
      edges { node { name params batch { id } } } } } }`,
    { id },
  );
  const nodes = batch.jobs.edges.map(({ node }) => node);
  expect(nodes).toHaveLength(30);
  expect(nodes.find(({ name }) => name === 'sweep 8')).toEqual({
    name: 'sweep 8',
    params: { a: 1, n: 7 },
    batch: { id },
  });
  const count = { filter: { batchId: id }, dryRun: true };
  const CANCEL_JOBS = `mutation ($input: CancelJobsInput!) { cancelJobs(input: $input) { jobs more userErrors { code path } } }`;
  expect(await weft.graphql(CANCEL_JOBS, { input: count })).toEqual({
    cancelJobs: { jobs: 30, more: false, userErrors: [] },
  });
  const tags = Array.from({ length: 21 }, (_, index) => `tag ${index}`);
  const tooMany = { ...count, filter: { batchId: id, tags } };
  expect(await weft.graphql(CANCEL_JOBS, { input: tooMany })).toMatchObject({
    cancelJobs: { jobs: 0, userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'filter', 'tags'] }] },
  });
  expect(await mutate('cancelBatch', 'CancelBatchInput', { id }, 'jobs')).toMatchObject({
    jobs: 30,
    batch: { state: 'CANCELLED' },
  });
  const { batches } = await weft.graphql<{ batches: { edges: { node: { id: string } }[] } }>(
    `{ batches(first: 1, name: "sweep") { edges { node { id state } } } }`,
    {},
  );
  expect(batches.edges).toEqual([{ node: { id, state: 'CANCELLED' } }]);
});

it('takes 10 000 jobs in one request of nearly 8 MB', async () => {
  const pad = 'x'.repeat(700);
  const jobs = Array.from({ length: 10_000 }, (_, n) => ({ params: { n, pad } }));
  const input = { serviceVersionId: weft.serviceVersionId, jobs };
  const { batch, userErrors } = await mutate('submitBatch', 'SubmitBatchInput', input);
  expect(userErrors).toEqual([]);
  expect(batch).toMatchObject({ state: 'PENDING', counts: { total: 10_000 } });
});
