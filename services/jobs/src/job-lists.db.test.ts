// Live lists through two replicas of the service on one database: GraphQL in, the worker protocol in the middle, the
// live field out of the replica that did not do it.
import { randomUUID } from 'node:crypto';
import type { ClaimedAttempt } from '@weft/contracts';
import type { Actor } from '@weft/identity';
import { aUser, eventually } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestService, type TestService } from './testing/jobs-service.js';

let weft: TestService;
let other: TestService;
const elsewhere = randomUUID();
let owner: Actor;

beforeAll(async () => {
  const patient = { JOBS_LEASE: '30s', JOBS_START_LEASE: '30s' };
  weft = await startTestService(patient);
  other = await startTestService(patient, weft);
  owner = {
    ...weft.user,
    organizations: [...weft.user.organizations, { id: elsewhere, role: 'OWNER' }],
  };
}, 90_000);
afterAll(() => Promise.all([other.stop(), weft.stop()]));

interface Change {
  readonly kind: string;
  readonly jobId: string | null;
  readonly job: { readonly id: string; readonly state: string; readonly name: string } | null;
}
interface Payload {
  readonly cursor: string;
  readonly changes: readonly Change[];
}

function follow(filter: object, { at = weft, actor = weft.user, after = null as string | null } = {}) {
  const payloads: Payload[] = [];
  const client = at.liveClient(actor);
  const failures: unknown[] = [];
  const leave = client.subscribe<{ jobsChanged: Payload }>(
    {
      query: `subscription ($filter: JobFilter, $after: String) {
        jobsChanged(filter: $filter, after: $after) { cursor changes { kind jobId job { id state name } } }
      }`,
      variables: { filter, after },
    },
    {
      next: ({ data, errors }) => void (data ? payloads.push(data.jobsChanged) : failures.push(errors)),
      error: (error) => void failures.push(error),
      complete: () => undefined,
    },
  );
  /** What the client shows, having applied all it was told to an empty list. */
  const shown = (): Record<string, string> => {
    const list = new Map<string, string>();
    for (const { kind, jobId, job } of payloads.flatMap((one) => one.changes))
      if (kind === 'CHANGED') list.set(String(jobId), `${job?.name} ${job?.state}`);
      else list.delete(String(jobId));
    return Object.fromEntries(list);
  };
  return {
    payloads,
    failures,
    shown,
    changes: () => payloads.flatMap((one) => one.changes),
    open: () => eventually('the first payload', () => payloads.length > 0),
    shows: (what: string, id: string, told: string | undefined) =>
      eventually(what, () => shown()[id] === told && payloads.length > 0),
    async leave() {
      leave();
      await client.dispose();
    },
  };
}

const finish = (attempt: ClaimedAttempt): Promise<unknown> =>
  weft.ask('report', {
    reports: [
      {
        jobId: attempt.jobId,
        attempt: attempt.attempt,
        fence: attempt.fence,
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
const mutate = async (field: string, type: string, input: object, actor = owner): Promise<void> => {
  const document = `mutation ($input: ${type}!) { ${field}(input: $input) { userErrors { code message } } }`;
  const { [field]: told } = await weft.graphql<Record<string, { userErrors: unknown[] }>>(
    document,
    { input },
    actor,
  );
  expect(told?.userErrors).toEqual([]);
};
const endedJob = async (name: string): Promise<string> => {
  const id = await weft.submit({ name });
  await finish(await weft.claimOne());
  return id;
};

describe.each([
  ['the replica that did it', () => weft],
  ['another replica', () => other],
])('a live list at %s', (_name, at) => {
  it('shows jobs as they come, change, leave the filter and are deleted', async () => {
    const all = follow({}, { at: at() });
    const waiting = follow({ phases: ['WAITING'] }, { at: at() });
    await Promise.all([all.open(), waiting.open()]);
    expect(all.changes()[0]).toEqual({ kind: 'REFETCH', jobId: null, job: null });
    const id = await weft.submit({ name: 'one' });
    await all.shows('the new job', id, 'one PENDING');
    await waiting.shows('the new job', id, 'one PENDING');
    const attempt = await weft.claimOne();
    await all.shows('the start', id, 'one IN_PROGRESS');
    await waiting.shows('that it left', id, undefined);
    expect(waiting.changes().at(-1)).toMatchObject({ kind: 'LEFT', jobId: id, job: { id } });
    await mutate('updateJob', 'UpdateJobInput', { id, name: 'renamed' });
    await all.shows('the name', id, 'renamed IN_PROGRESS');
    await finish(attempt);
    await all.shows('the end', id, 'renamed SUCCEEDED');
    await mutate('deleteJob', 'DeleteJobInput', { id });
    await all.shows('that it is gone', id, undefined);
    expect(all.changes().at(-1)).toEqual({ kind: 'DELETED', jobId: id, job: null });
    expect([...all.failures, ...waiting.failures]).toEqual([]);
    await Promise.all([all.leave(), waiting.leave()]);
  });

  it('shows those that are given to somebody else no more, and to nobody else what is not theirs', async () => {
    const mine = follow({}, { at: at() });
    const theirs = follow(
      {},
      { at: at(), actor: { ...owner, organizations: [{ id: elsewhere, role: 'VIEWER' }] } },
    );
    const strangers = follow({}, { at: at(), actor: aUser() });
    await Promise.all([mine.open(), theirs.open(), strangers.open()]);
    const id = await endedJob('given');
    await mine.shows('the job', id, 'given SUCCEEDED');
    await mutate('transferJob', 'TransferJobInput', { id, organizationId: elsewhere });
    await theirs.shows('the job', id, 'given SUCCEEDED');
    await mine.shows('that it left', id, undefined);
    expect(mine.changes().at(-1)).toEqual({ kind: 'LEFT', jobId: id, job: null });
    expect(theirs.changes().map(({ jobId }) => jobId)).toEqual([null, id]);
    expect(strangers.changes().map(({ kind }) => kind)).toEqual(['REFETCH']);
    await Promise.all([mine.leave(), theirs.leave(), strangers.leave()]);
  });

  it('goes on where it was, and begins anew for whose rights have changed', async () => {
    const first = follow({ text: 'resumed' }, { at: at() });
    await first.open();
    const before = await weft.submit({ name: 'resumed 1' });
    await first.shows('the job', before, 'resumed 1 PENDING');
    await first.leave();
    const after = first.payloads.at(-1)?.cursor ?? '';
    const between = await weft.submit({ name: 'resumed 2' });
    const again = follow({ text: 'resumed' }, { at: at(), after });
    await again.shows('what came between', between, 'resumed 2 PENDING');
    expect(again.changes().map(({ jobId }) => jobId)).toEqual([between]);
    for (const [filter, actor] of [
      [{ text: 'resumed' }, owner],
      [{ text: 'other' }, weft.user],
    ] as const) {
      const anew = follow(filter, { at: at(), actor, after });
      await anew.open();
      expect(anew.changes().map(({ kind }) => kind)).toEqual(['REFETCH']);
      await anew.leave();
    }
    await again.leave();
    for (const id of [before, between]) await mutate('cancelJob', 'CancelJobInput', { id });
  });

  it('tells a batch of hundreds by one REFETCH, and ends with what is true', async () => {
    const list = follow({ phases: ['CANCELLED'], text: 'crowd' }, { at: at() });
    const all = follow({ text: 'crowd' }, { at: at() });
    await Promise.all([list.open(), all.open()]);
    const input = {
      serviceVersionId: weft.serviceVersionId,
      name: 'crowd',
      jobs: Array.from({ length: 600 }, () => ({})),
    };
    await mutate('submitBatch', 'SubmitBatchInput', input);
    await eventually('it is said to ask anew', () =>
      all.payloads.slice(1).some(({ changes }) => changes[0]?.kind === 'REFETCH'),
    );
    expect(Math.max(...all.payloads.map(({ changes }) => changes.length))).toBeLessThanOrEqual(200);
    const { jobs } = await weft.graphql<{ jobs: { edges: { node: { id: string } }[] } }>(
      `{ jobs(filter: { text: "crowd" }, first: 1) { edges { node { id } } } }`,
      {},
    );
    const id = String(jobs.edges[0]?.node.id);
    await mutate('cancelJob', 'CancelJobInput', { id });
    await eventually('the cancelled job', () => list.shown()[id]?.endsWith('CANCELLED') === true);
    await Promise.all([list.leave(), all.leave()]);
    await mutate('cancelJobs', 'CancelJobsInput', { filter: { text: 'crowd' } });
  });
});

it('what a replica could not hear while the broker was away it tells by a REFETCH', async () => {
  const here = follow({ text: 'outage' });
  const there = follow({ text: 'outage' }, { at: other });
  await Promise.all([here.open(), there.open()]);
  await weft.broker.kill();
  const id = await weft.submit({ name: 'outage' });
  await here.shows('what was done here', id, 'outage PENDING');
  expect(there.changes().map(({ kind }) => kind)).toEqual(['REFETCH']);
  await weft.broker.restart();
  await eventually('it is said to ask anew', () =>
    there.payloads.slice(1).some(({ changes }) => changes[0]?.kind === 'REFETCH'),
  );
  await mutate('cancelJob', 'CancelJobInput', { id });
  await there.shows('what comes after it', id, 'outage CANCELLED');
  await Promise.all([here.leave(), there.leave()]);
});

it('a token without the scope "read" is refused', async () => {
  const list = follow({}, { actor: { ...weft.user, scopes: [] } });
  await eventually('the refusal', () => list.failures.length > 0);
  expect(JSON.stringify(list.failures)).toContain('FORBIDDEN');
  await list.leave();
});
