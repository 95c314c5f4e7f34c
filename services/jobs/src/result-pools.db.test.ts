import { randomUUID } from 'node:crypto';
import { EVERYONE, jobChanged, maintainersOf, memberOf, type JobChanged } from '@weft/contracts';
import { startConsumer, type Consumer, type Messaging } from '@weft/messaging';
import { createLogger } from '@weft/telemetry';
import { aUser, eventually } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failed, succeeded } from './testing/engine.js';
import { startTestService, type TestService } from './testing/jobs-service.js';
import { poolTeller } from './testing/told-pools.js';

const PAYLOAD = `{ job { id resultPool { name dataPool { id } } } userErrors { code path } }`;
const SUBMIT = `mutation($input: SubmitJobInput!) { submitJob(input: $input) ${PAYLOAD} }`;
const RERUN = `mutation($input: RerunJobInput!) { rerunJob(input: $input) ${PAYLOAD} }`;

let weft: TestService;
let pools: ReturnType<typeof poolTeller>;
let consumer: Consumer;
const heard: JobChanged[] = [];
beforeAll(async () => {
  weft = await startTestService({ JOBS_REFERENCE_WAIT: '1s' });
  const registry: Messaging = await weft.broker.connect('registry');
  pools = poolTeller(registry);
  consumer = startConsumer({
    messaging: registry,
    event: jobChanged,
    durable: 'registry-result-pools-test',
    logger: createLogger('test', 'silent'),
    onDeadLetter: () => Promise.reject(new Error('unreadable')),
    handle: ({ payload }) => Promise.resolve(void heard.push(payload)),
  });
}, 60_000);
afterAll(async () => {
  await consumer.stop();
  await weft.stop();
});

const home = (): string => weft.user.personalOrganizationId as string;
const NAME = '{name}/{index}.json';

interface Answer {
  readonly job: { readonly id: string; readonly resultPool: unknown } | null;
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
}
const submit = async (resultPool: object, more: object = {}): Promise<Answer> =>
  (
    await weft.graphql<{ submitJob: Answer }>(SUBMIT, {
      input: { serviceVersionId: weft.serviceVersionId, resultPool, ...more },
    })
  ).submitJob;
const codes = ({ userErrors }: Answer): string[] =>
  userErrors.map(({ code, path }) => `${code} ${path.join('.')}`);
const refused = (code: string): string[] => [`${code} input.resultPool.dataPoolId`];

/** Open to this user, as a pool of his own organization is at first. */
async function myPool() {
  const pool = pools(home());
  await pool.say({ dataReaders: [home()], dataWriters: [maintainersOf(home())], takesFiles: true });
  return pool;
}

async function run(id: string, item = succeeded(0, { n: 1 })): Promise<JobChanged> {
  const { jobId, attempt, fence, storeResults } = await weft.claimOne();
  expect([jobId, storeResults]).toEqual([id, true]);
  await weft.ask('report', {
    reports: [{ jobId, attempt, fence, kind: 'FINISHED', items: [item], usage: null }],
  });
  return eventually('its end', () => heard.find((one) => one.jobId === id && one.endedAt !== null));
}

describe('a data pool for the results of a job', () => {
  it('goes with the job to its worker, who stores them, and to its end', async () => {
    const { dataPoolId } = await myPool();
    const { job } = await submit({ dataPoolId, name: NAME });
    expect(job?.resultPool).toEqual({ name: NAME, dataPool: { id: dataPoolId } });
    const resultArtifactId = randomUUID();
    const end = await run(job!.id, { ...succeeded(0, { n: 1 }), resultArtifactId });
    expect(end).toMatchObject({
      resultPool: { dataPoolId, name: NAME },
      outcomes: [{ state: 'SUCCEEDED', resultArtifactId }],
    });
    // What opens the pool is told first, for all that somebody is may be much.
    expect(end.resultPool?.principals[0]).toBe(maintainersOf(home()));
    expect(end.resultPool?.principals).toContain(memberOf(home(), weft.user.id));
    expect(heard.filter((one) => one.jobId === job!.id && one.endedAt === null && one.resultPool)).toEqual(
      [],
    );
    const { job: shown } = await weft.graphql<{ job: unknown }>(
      `query($id: ID!) { job(id: $id) { result resultArtifact { id } } }`,
      { id: job!.id },
    );
    expect(shown).toEqual({ result: { n: 1 }, resultArtifact: { id: resultArtifactId } });
  });

  it('needs the right to write, given in whatever way', async () => {
    const other = aUser().personalOrganizationId as string;
    const pool = pools(other);
    const { dataPoolId } = pool;
    await pool.say({ dataReaders: [home()], dataWriters: [] });
    await eventually(
      'it is known',
      async () => (await submit({ dataPoolId, name: NAME })).userErrors[0]?.code === 'FORBIDDEN',
    );
    expect(codes(await submit({ dataPoolId, name: NAME }))).toEqual(refused('FORBIDDEN'));
    for (const writer of [weft.user.id, home(), maintainersOf(home()), EVERYONE]) {
      await pool.say({ dataReaders: [writer], dataWriters: [writer], takesFiles: true });
      // What was granted a moment ago is waited for.
      expect((await submit({ dataPoolId, name: NAME })).job).not.toBeNull();
      await pool.say({ dataReaders: [home()], dataWriters: [] });
      await eventually(
        'it is taken back',
        async () => (await submit({ dataPoolId, name: NAME })).job === null,
      );
    }
  }, 30_000);

  it('that is not known yet is waited for; then, and where one may not see it, it is none', async () => {
    const pool = pools(home());
    const { dataPoolId } = pool;
    const waiting = submit({ dataPoolId, name: NAME });
    await pool.say({ dataReaders: [home()], dataWriters: [home()] });
    expect((await waiting).job).not.toBeNull();
    expect(codes(await submit({ dataPoolId: randomUUID(), name: NAME }))).toEqual(
      refused('REFERENCE_UNKNOWN'),
    );
    const hidden = pools(randomUUID());
    await hidden.say({ dataReaders: [randomUUID()], dataWriters: [randomUUID()] });
    expect(codes(await submit({ ...hidden, name: NAME, say: undefined, file: undefined }))).toEqual(
      refused('REFERENCE_UNKNOWN'),
    );
  }, 30_000);

  it('takes none when it is sealed or its release is asked for', async () => {
    const pool = await myPool();
    const { dataPoolId } = pool;
    const opened = { dataReaders: [home()], dataWriters: [home()] };
    await pool.say({ ...opened, takesFiles: false });
    await eventually('it is locked', async () => (await submit({ dataPoolId, name: NAME })).job === null);
    expect(codes(await submit({ dataPoolId, name: NAME }))).toEqual(refused('DATA_POOL_LOCKED'));
    await pool.say({ ...opened, state: 'SEALED', takesFiles: false });
    await eventually(
      'it is sealed',
      async () => codes(await submit({ dataPoolId, name: NAME }))[0] === refused('DATA_POOL_SEALED')[0],
    );
  }, 30_000);

  it.each([
    ['x', 'a', 1, 'dataPoolId'],
    [randomUUID(), '', 1, 'name'],
    [randomUUID(), '../{jobId}', 1, 'name'],
    [randomUUID(), '{job}', 1, 'name'],
    [randomUUID(), `{name}${'x'.repeat(301)}`, 1, 'name'],
    [randomUUID(), '{name}', 2, 'name'],
  ])('has to be named: %s %s for %i items', async (dataPoolId, name, items, path) => {
    const answer = await submit({ dataPoolId, name }, { items: Array.from({ length: items }, () => ({})) });
    expect(codes(answer)).toEqual([`BAD_USER_INPUT input.resultPool.${path}`]);
  });

  it('is part of what an idempotency key stands for', async () => {
    const { dataPoolId } = await myPool();
    const key = { idempotencyKey: randomUUID() };
    const { job } = await submit({ dataPoolId, name: NAME }, key);
    expect((await submit({ dataPoolId, name: NAME }, key)).job?.id).toBe(job?.id);
    expect(codes(await submit({ dataPoolId, name: '{jobId}' }, key))).toEqual([
      'IDEMPOTENCY_CONFLICT input.idempotencyKey',
    ]);
  });

  it('is kept by a retry, judged anew by a rerun, which may name another or none', async () => {
    const pool = await myPool();
    const { dataPoolId } = pool;
    const { job } = await submit({ dataPoolId, name: NAME }, { name: 'again' });
    for (;;) {
      const { jobId, attempt, fence } = await weft.claimOne();
      const items = [jobId === job!.id ? failed(0) : succeeded(0)];
      await weft.ask('report', {
        reports: [{ jobId, attempt, fence, kind: 'FINISHED', items, usage: null }],
      });
      if (jobId === job!.id) break;
    }
    await eventually('its end', () => heard.some((one) => one.jobId === job!.id && one.state === 'FAILED'));
    const RETRY = `mutation($input: RetryJobInput!) { retryJob(input: $input) ${PAYLOAD} }`;
    const { retryJob } = await weft.graphql<{ retryJob: Answer }>(RETRY, { input: { id: job!.id } });
    expect((await run(retryJob.job!.id)).resultPool?.dataPoolId).toBe(dataPoolId);

    const rerun = async (more: object = {}): Promise<Answer> =>
      (await weft.graphql<{ rerunJob: Answer }>(RERUN, { input: { id: job!.id, ...more } })).rerunJob;
    expect((await rerun()).job?.resultPool).toEqual({ name: NAME, dataPool: { id: dataPoolId } });
    await pool.say({ dataReaders: [home()], dataWriters: [] });
    await eventually('it is closed', async () => codes(await rerun())[0] === refused('FORBIDDEN')[0]);
    expect((await rerun({ resultPool: null })).job?.resultPool).toBeNull();
    const another = await myPool();
    const named = { resultPool: { dataPoolId: another.dataPoolId, name: 'x' } };
    await eventually('the other is known', async () => (await rerun(named)).job?.resultPool != null);
  }, 30_000);

  it('serves batches and workflows, too', async () => {
    const { dataPoolId } = await myPool();
    const run = { serviceVersionId: weft.serviceVersionId, resultPool: { dataPoolId, name: '{name}.json' } };
    const node = { resultPool: { name: '{name}.json', dataPool: { id: dataPoolId } } };
    const SHOWN = 'resultPool { name dataPool { id } }';
    const BATCH = `mutation($input: SubmitBatchInput!) { submitBatch(input: $input) { batch { jobs { edges { node { ${SHOWN} } } } } userErrors { code path } } }`;
    // One shares all of its input, the other brings params of its own.
    expect(await weft.graphql(BATCH, { input: { ...run, jobs: [{}, { params: { n: 1 } }] } })).toEqual({
      submitBatch: { batch: { jobs: { edges: [{ node }, { node }] } }, userErrors: [] },
    });
    const alike = { ...run, resultPool: { dataPoolId, name: '{index}' }, jobs: [{}] };
    expect(await weft.graphql(BATCH, { input: alike })).toMatchObject({
      submitBatch: {
        batch: null,
        userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'resultPool', 'name'] }],
      },
    });
    const FLOW = `mutation($input: SubmitWorkflowInput!) { submitWorkflow(input: $input) { workflow { steps { job { ${SHOWN} } } } userErrors { code path } } }`;
    expect(await weft.graphql(FLOW, { input: { steps: [{ key: 'one', ...run }] } })).toEqual({
      submitWorkflow: { workflow: { steps: [{ job: node }] }, userErrors: [] },
    });
    const unknown = { ...run, resultPool: { dataPoolId: randomUUID(), name: 'x' } };
    expect(await weft.graphql(FLOW, { input: { steps: [{ key: 'one', ...unknown }] } })).toMatchObject({
      submitWorkflow: {
        userErrors: [
          { code: 'REFERENCE_UNKNOWN', path: ['input', 'steps', '0', 'resultPool', 'dataPoolId'] },
        ],
      },
    });
  }, 30_000);
});
