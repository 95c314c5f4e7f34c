// A workflow through the service: GraphQL in, the worker protocol in the middle, the live field out. Steps go on by
// themselves, and after a restart in the middle too.
import type { ClaimedAttempt, ClaimReply } from '@weft/contracts';
import { aUser } from '@weft/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestService, type TestService } from './testing/jobs-service.js';

let weft: TestService;
beforeAll(async () => {
  weft = await startTestService({ JOBS_SWEEP: '200ms', JOBS_LEASE: '30s', JOBS_START_LEASE: '30s' });
  // From here on the service version and the target are known.
  await weft.submit();
  await workOne(null);
}, 60_000);
afterAll(() => weft.stop());

interface Step {
  readonly key: string;
  readonly needs: readonly string[];
  readonly job: {
    readonly id: string;
    readonly state: string;
    readonly reason: string | null;
    readonly data: unknown;
  };
}
interface View {
  readonly id: string;
  readonly state: string;
  readonly progress: number;
  readonly onFailure: string;
  readonly steps: readonly Step[];
}
interface Payload {
  readonly workflow: View | null;
  readonly jobs?: number;
  readonly webhookSecrets?: readonly { readonly key: string; readonly secret: string }[];
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
}
const FIELDS = 'id state progress onFailure steps { key needs job { id state reason data } }';
const mutate = async (field: string, input: object, more = '', actor = weft.user): Promise<Payload> => {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
  const document = `mutation ($input: ${type}!) { ${field}(input: $input) { workflow { ${FIELDS} } ${more} userErrors { code path } } }`;
  return (await weft.graphql<Record<string, Payload>>(document, { input }, actor))[field] as Payload;
};
const step = (key: string, needs: string[] = [], more: object = {}) => ({
  key,
  needs,
  serviceVersionId: weft.serviceVersionId,
  ...more,
});
const submit = async (steps: object[], more: object = {}): Promise<View> => {
  const { workflow, userErrors } = await mutate('submitWorkflow', { name: 'a flow', steps, ...more });
  expect(userErrors).toEqual([]);
  return workflow as View;
};

/** Claims the next job and ends it. */
const workOne = async (result: unknown, fails = false): Promise<ClaimedAttempt> => {
  const { attempts } = await weft.ask<ClaimReply>('claim', { capacity: 1, holdMs: 5_000, start: true });
  const [attempt] = attempts;
  if (attempt === undefined) throw new Error('nothing claimed');
  const item = {
    index: 0,
    outcome: fails ? 'FAILED' : 'SUCCEEDED',
    result: fails ? null : JSON.stringify(result),
    resultArtifactId: null,
    resultSha256: null,
    error: fails ? { code: 'SERVICE_EXCEPTION', message: 'no', retryable: false } : null,
  };
  const { jobId, attempt: number, fence } = attempt;
  const report = { jobId, attempt: number, fence, kind: 'FINISHED', items: [item], usage: null };
  await weft.ask('report', { reports: [report] });
  return attempt;
};

const follow = (id: string, after = 0) => {
  const payloads: { seq: number; workflow: View }[] = [];
  const client = weft.liveClient();
  const ended = new Promise<void>((resolve, reject) => {
    client.subscribe<{ workflowChanged: { seq: number; workflow: View } }>(
      {
        query: `subscription ($id: ID!, $after: Int) { workflowChanged(id: $id, after: $after) { seq workflow { ${FIELDS} } } }`,
        variables: { id, after },
      },
      {
        next: ({ data, errors }) =>
          data ? void payloads.push(data.workflowChanged) : reject(new Error(JSON.stringify(errors))),
        error: (error) => reject(error instanceof Error ? error : new Error(JSON.stringify(error))),
        complete: resolve,
      },
    );
  });
  return { payloads, ended: ended.finally(() => client.dispose()) };
};

it('is watched live to its end, each step given the result of the one before', async () => {
  const workflow = await submit([
    step('use', ['make'], { data: { $from: 'make', path: '/n' } }),
    step('make', [], { data: 1 }),
  ]);
  expect(workflow).toMatchObject({ state: 'PENDING', onFailure: 'STOP' });
  expect(workflow.steps.map(({ key, needs, job }) => [key, needs, job.reason])).toEqual([
    ['use', ['make'], 'WAITING_FOR_JOBS'],
    ['make', [], 'QUEUED'],
  ]);
  const live = follow(workflow.id);
  await workOne({ n: 41 });
  expect(await workOne(null)).toMatchObject({ jobName: 'use', data: { by: 'value', json: '41' } });
  await live.ended;
  const last = live.payloads.at(-1)?.workflow;
  expect(last).toMatchObject({ state: 'SUCCEEDED', progress: 1 });
  expect(last?.steps.map(({ job }) => [job.state, job.data])).toEqual([
    ['SUCCEEDED', 41],
    ['SUCCEEDED', 1],
  ]);
  const { workflows, job, batch } = await weft.graphql<{
    workflows: { edges: { node: { id: string } }[] };
    job: { workflow: { id: string }; batch: null };
    batch: null;
  }>(
    `query ($id: ID!, $job: ID!) { workflows(first: 1, name: "a flow") { edges { node { id } } }
      job(id: $job) { workflow { id } batch { id } } batch(id: $id) { id } }`,
    { id: workflow.id, job: last?.steps[0]?.job.id },
  );
  expect(workflows.edges[0]?.node.id).toBe(workflow.id);
  expect([job, batch]).toEqual([{ workflow: { id: workflow.id }, batch: null }, null]);
});

it('fails what needs a failed step, is retried, cancelled, and belongs to its organization', async () => {
  const { id } = await submit([step('a'), step('b', ['a']), step('c', ['b'])]);
  const live = follow(id);
  await workOne(null, true);
  await live.ended;
  expect(live.payloads.at(-1)?.workflow.steps.map(({ job }) => job.state)).toEqual([
    'FAILED',
    'FAILED',
    'FAILED',
  ]);
  expect(await mutate('retryWorkflow', { id }, 'jobs')).toMatchObject({ jobs: 3, userErrors: [] });
  await workOne(null);
  const stranger = aUser();
  for (const field of ['cancelWorkflow', 'retryWorkflow'])
    expect((await mutate(field, { id }, 'jobs', stranger)).userErrors[0]?.code).toBe('NOT_FOUND');
  expect(await weft.graphql(`query ($id: ID!) { workflow(id: $id) { id } }`, { id }, stranger)).toEqual({
    workflow: null,
  });
  const cancelled = await mutate('cancelWorkflow', { id }, 'jobs');
  expect(cancelled).toMatchObject({ jobs: 2, workflow: { state: 'CANCELLED' } });
  expect(cancelled.workflow?.steps.map(({ job }) => job.state)).toEqual([
    'SUCCEEDED',
    'CANCELLED',
    'CANCELLED',
  ]);
});

it('is refused with the path of what is wrong, and shows the secret of a webhook once', async () => {
  const refused = await mutate('submitWorkflow', {
    steps: [step('a', ['b']), step('b', ['a']), step('c', ['d'])],
  });
  expect(refused.userErrors.map(({ path }) => path.join('.'))).toEqual(['input.steps.2.needs.0']);
  const circle = await mutate('submitWorkflow', { steps: [step('a', ['b']), step('b', ['a'])] });
  expect(circle.userErrors.map(({ path }) => path.join('.'))).toEqual(['input.steps.0.needs']);
  const told = await mutate(
    'submitWorkflow',
    { steps: [step('a', [], { webhook: { url: 'https://example.org/done' } })] },
    'webhookSecrets { key secret }',
  );
  expect(told.webhookSecrets).toEqual([{ key: 'a', secret: expect.stringMatching(/^whsec_/) as string }]);
  await mutate('cancelWorkflow', { id: told.workflow?.id });
});
