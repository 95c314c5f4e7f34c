import { randomUUID } from 'node:crypto';
import { EVERYONE } from '@weft/contracts';
import { aUser, eventually } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestService, type TestService } from './testing/jobs-service.js';
import { poolTeller } from './testing/told-pools.js';

const SUBMIT = `mutation($input: SubmitJobInput!) { submitJob(input: $input) { job { id dataArtifact { id } } userErrors { code path } } }`;

let weft: TestService;
let pools: ReturnType<typeof poolTeller>;
beforeAll(async () => {
  weft = await startTestService({ JOBS_REFERENCE_WAIT: '1s' });
  pools = poolTeller(await weft.broker.connect('registry'));
}, 60_000);
afterAll(() => weft.stop());

const home = (): string => weft.user.personalOrganizationId as string;
const aPool = (organizationId = home()) => pools(organizationId);

interface Answer {
  readonly submitJob: {
    readonly job: { id: string; dataArtifact: { id: string } | null } | null;
    readonly userErrors: { code: string; path: string[] }[];
  };
}
const submit = async (dataPoolFile: object, more: object = {}): Promise<Answer['submitJob']> =>
  (
    await weft.graphql<Answer>(SUBMIT, {
      input: { serviceVersionId: weft.serviceVersionId, dataPoolFile, ...more },
    })
  ).submitJob;

const dataOf = async (dataPoolFile: object): Promise<unknown> =>
  (await submit(dataPoolFile)).job?.dataArtifact?.id;

const UNKNOWN = { job: null, userErrors: [{ code: 'REFERENCE_UNKNOWN', path: ['input', 'dataPoolFile'] }] };

describe('a file of a data pool as input', () => {
  it('is the last version of its name, or the version that is named', async () => {
    const pool = aPool();
    await pool.say();
    const first = await pool.file('a/b.csv', 1);
    const second = await pool.file('a/b.csv', 2);
    const { dataPoolId } = pool;
    await eventually(
      'both are known',
      async () => (await submit({ dataPoolId, fileId: second.fileId })).job !== null,
    );
    expect((await weft.claimOne()).data).toEqual({ by: 'artifact', artifactId: second.artifactId });
    expect(await dataOf({ dataPoolId, name: 'a/b.csv' })).toBe(second.artifactId);
    expect(await dataOf({ dataPoolId, fileId: first.fileId })).toBe(first.artifactId);
  });

  it('is waited for when it is not known yet', async () => {
    const pool = aPool();
    const waiting = submit({ dataPoolId: pool.dataPoolId, name: 'late' });
    const file = await pool.file('late', 1);
    await pool.say();
    expect((await waiting).job?.dataArtifact?.id).toBe(file.artifactId);
  });

  it('of another organization is read where it is shared with the organization or with everyone', async () => {
    const other = aUser().personalOrganizationId as string;
    const pool = aPool(other);
    const file = await pool.file('x', 1);
    await pool.say({ dataReaders: [weft.user.id] });
    const named = { dataPoolId: pool.dataPoolId, name: 'x' };
    // A job runs for its organization: what its submitter alone may read, it may not.
    expect(await submit(named)).toEqual(UNKNOWN);
    for (const reader of [home(), EVERYONE]) {
      await pool.say({ dataReaders: [reader] });
      await eventually('it is shared', async () => (await submit(named)).job !== null);
      expect(await dataOf(named)).toBe(file.artifactId);
      await pool.say({ dataReaders: [] });
      await eventually('it is not', async () => (await submit(named)).job === null);
    }
  }, 30_000);

  it('that is unknown, taken out or in a deleted pool is refused alike', async () => {
    const pool = aPool();
    await pool.say();
    const file = await pool.file('gone', 1);
    const named = { dataPoolId: pool.dataPoolId, name: 'gone' };
    await eventually('it is known', async () => (await submit(named)).job !== null);
    await file.remove();
    await eventually('it is gone', async () => (await submit(named)).job === null);
    expect(await submit(named)).toEqual(UNKNOWN);
    expect(await submit({ dataPoolId: randomUUID(), name: 'gone' })).toEqual(UNKNOWN);
    const deleted = aPool();
    await deleted.file('x', 1);
    await deleted.say({ state: 'DELETED' });
    expect(await submit({ dataPoolId: deleted.dataPoolId, name: 'x' })).toEqual(UNKNOWN);
  }, 30_000);

  it.each([
    [{ dataPoolId: 'x', name: 'a' }, ['dataPoolId']],
    [{ dataPoolId: randomUUID() }, ['name']],
    [{ dataPoolId: randomUUID(), name: 'a', fileId: randomUUID() }, ['name']],
    [{ dataPoolId: randomUUID(), fileId: 'x' }, ['fileId']],
    [{ dataPoolId: randomUUID(), name: '' }, ['name']],
  ])('has to be named: %j', async (file, path) => {
    const { userErrors } = await submit(file);
    expect(userErrors).toEqual([{ code: 'BAD_USER_INPUT', path: ['input', 'dataPoolFile', ...path] }]);
  });

  it('excludes other data', async () => {
    const { userErrors } = await submit({ dataPoolId: randomUUID(), name: 'a' }, { data: 1 });
    expect(userErrors).toEqual([{ code: 'BAD_USER_INPUT', path: ['input', 'dataPoolFile'] }]);
  });

  it('is the same input under an idempotency key, also when its name was written again or it is gone', async () => {
    const pool = aPool();
    await pool.say();
    const [first, second] = [await pool.file('k', 1), await pool.file('k', 2)];
    const named = { dataPoolId: pool.dataPoolId, name: 'k' };
    const key = { idempotencyKey: randomUUID() };
    const { job } = await submit(named, key);
    expect(job).not.toBeNull();
    await first.remove();
    await second.remove();
    await eventually('both are gone', async () => (await submit(named)).job === null);
    expect((await submit(named, key)).job?.id).toBe(job?.id);
    expect((await submit({ ...named, name: 'other' }, key)).userErrors[0]?.code).toBe('IDEMPOTENCY_CONFLICT');
  }, 30_000);

  it('serves batches and workflows, too', async () => {
    const pool = aPool();
    await pool.say();
    const file = await pool.file('shared', 1);
    const run = {
      serviceVersionId: weft.serviceVersionId,
      dataPoolFile: { dataPoolId: pool.dataPoolId, name: 'shared' },
    };
    const JOBS = 'jobs { edges { node { dataArtifact { id } } } }';
    const edge = { node: { dataArtifact: { id: file.artifactId } } };
    const BATCH = `mutation($input: SubmitBatchInput!) { submitBatch(input: $input) { batch { ${JOBS} } userErrors { code path } } }`;
    expect(await weft.graphql(BATCH, { input: { ...run, jobs: [{}, {}] } })).toEqual({
      submitBatch: { batch: { jobs: { edges: [edge, edge] } }, userErrors: [] },
    });
    const FLOW = `mutation($input: SubmitWorkflowInput!) { submitWorkflow(input: $input) { workflow { steps { job { dataArtifact { id } } } } userErrors { code path } } }`;
    expect(await weft.graphql(FLOW, { input: { steps: [{ key: 'one', ...run }] } })).toEqual({
      submitWorkflow: {
        workflow: { steps: [{ job: { dataArtifact: { id: file.artifactId } } }] },
        userErrors: [],
      },
    });
    const unknown = { ...run, dataPoolFile: { ...run.dataPoolFile, name: 'nothing' } };
    expect(await weft.graphql(FLOW, { input: { steps: [{ key: 'one', ...unknown }] } })).toMatchObject({
      submitWorkflow: {
        userErrors: [{ code: 'REFERENCE_UNKNOWN', path: ['input', 'steps', '0', 'dataPoolFile'] }],
      },
    });
  }, 30_000);
});
