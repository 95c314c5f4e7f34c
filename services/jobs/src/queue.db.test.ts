// The queue as the graph shows it, its limits as an operator sets them, and a worker that waits for one.
import type { ClaimReply } from '@weft/contracts';
import { aUser, eventually } from '@weft/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestService, type TestService } from './testing/jobs-service.js';

let weft: TestService;
beforeAll(async () => {
  // No sweep helps: what is let go must be let go by the end of what ran.
  weft = await startTestService({ JOBS_SWEEP: '10m', JOBS_LEASE: '60s', JOBS_START_LEASE: '60s' });
  const { references } = weft.service.context.ports;
  await eventually('what its jobs refer to is known', async () => {
    const none = { dataArtifactId: null, codeArtifactId: null };
    const known = await references.find(weft.serviceVersionId, 'local-process', none);
    return known.serviceVersion !== undefined && known.target !== undefined;
  });
}, 60_000);
afterAll(() => weft.stop());

const LIMIT = `mutation($input: SetQueueLimitsInput!) { setQueueLimits(input: $input) {
  queue { concurrentAttempts queuedJobs runningAttempts waitingJobs } userErrors { code path } } }`;
const QUEUE = `query($id: ID!) { job(id: $id) { state reason queue { position isFurther waitsFor queuedFrom estimatedStart } } }`;
const OWN = `query($refs: [_Any!]!) { _entities(representations: $refs) { ... on Organization { queue { waitingJobs } } } }`;

interface Limited {
  readonly setQueueLimits: {
    readonly queue: Readonly<Record<string, number | null>> | null;
    readonly userErrors: readonly { readonly code: string }[];
  };
}

const set = async (limits: Readonly<Record<string, number | null>>, actor = weft.user): Promise<Limited> =>
  weft.graphql<Limited>(
    LIMIT,
    { input: { organizationId: weft.user.personalOrganizationId, ...limits } },
    actor,
  );

it("is the operator's to limit; what waits for the limit is told so and goes on when something ends", async () => {
  expect((await set({ concurrentAttempts: 1 })).setQueueLimits.userErrors[0]?.code).toBe('FORBIDDEN');
  const operator = aUser({ roles: ['operator'] });
  const weak = aUser({ roles: ['operator'], scopes: ['read', 'write'] });
  expect((await set({ concurrentAttempts: 1 }, weak)).setQueueLimits.userErrors[0]?.code).toBe('FORBIDDEN');
  expect((await set({ concurrentAttempts: 1 }, operator)).setQueueLimits).toEqual({
    queue: { concurrentAttempts: 1, queuedJobs: 250_000, runningAttempts: 0, waitingJobs: 0 },
    userErrors: [],
  });
  const [first, second] = [await weft.submit(), await weft.submit()];
  const running = await weft.claimOne();
  expect(running.jobId).toBe(first);
  const { job } = await weft.graphql<{ job: unknown }>(QUEUE, { id: second });
  expect(job).toMatchObject({
    state: 'PENDING',
    reason: 'QUEUED',
    queue: { position: 1, isFurther: false, waitsFor: 'ORGANIZATION_LIMIT', estimatedStart: null },
  });
  expect(await weft.graphql(QUEUE, { id: first })).toMatchObject({ job: { queue: null } });

  const held = weft.ask<ClaimReply>('claim', { capacity: 1, holdMs: 6_000, start: true });
  await weft.ask('report', {
    reports: [
      {
        jobId: running.jobId,
        attempt: running.attempt,
        fence: running.fence,
        kind: 'FINISHED',
        items: [
          {
            index: 0,
            outcome: 'SUCCEEDED',
            result: '1',
            resultArtifactId: null,
            resultSha256: null,
            error: null,
          },
        ],
        usage: null,
      },
    ],
  });
  expect((await held).attempts.map((attempt) => attempt.jobId)).toEqual([second]);
});

it('of an organization is shown to its members and to operators', async () => {
  const refs = [{ __typename: 'Organization', id: weft.user.personalOrganizationId }];
  const seenBy = async (actor = weft.user): Promise<unknown> =>
    (await weft.graphql<{ _entities: { queue: unknown }[] }>(OWN, { refs }, actor))._entities[0]?.queue;
  expect(await seenBy()).toEqual({ waitingJobs: 0 });
  expect(await seenBy(aUser({ roles: ['operator'] }))).toEqual({ waitingJobs: 0 });
  expect(await seenBy(aUser())).toBeNull();
});
