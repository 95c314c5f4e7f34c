import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import type { OperationFile } from './operations.js';
import { createRegistryParts, registryDatabase } from '../context.js';
import type { JobChanged } from '@weft/contracts';
import { ACME, anOutcome, aSucceededJob, id, RIVAL, sha } from '../testing/finished-jobs.js';
import { heldViolations } from '../testing/held-lineage.js';
import { ADA, aMember, itemSteps, type ItemSteps } from '../testing/item-steps.js';
import { aDatasetOf } from '../testing/sample-metadata.js';
import { withoutFiles } from '../testing/without-files.js';

let database: Database;
let steps: ItemSteps;
let metadata: Record<string, unknown>;

const record = (job: JobChanged): Promise<void> =>
  createRegistryParts(database).recordFinishedJobs('test', [{ messageId: job.jobId, job }]);

/** What the registry's worker does of all that was asked for. */
async function runWorkflows(): Promise<void> {
  const { operations } = createRegistryParts(database);
  const workflows = await database.query<{ id: string }>('select id from activity_workflow');
  for (const { id: workflowId } of workflows)
    for (const operation of ['REGISTER_CREATE_ACTIVITY', 'LODGE_CREATE_ACTIVITY'])
      await operations[operation]?.(
        { workflowId },
        {
          ...{ jobId: id(`${operation} ${workflowId}`), attempt: 1, organizationId: ACME, userId: undefined },
          ...{ correlationId: 'test', signal: new AbortController().signal, progress: () => undefined },
          ...withoutFiles,
        },
      );
}

/** The file of a result, as execution tells of it before its job ends. */
const stored = (name: string, sha256: string): Promise<void> =>
  createRegistryParts(database).dataPoolNews.keepArtifact({
    ...{ artifactId: id(name), organizationId: ACME, name: 'result.json', kind: 'RESULT' },
    ...{ mediaType: 'application/json', size: 7, sha256 },
  });

const edgesOf = async (name: string): Promise<string[]> => {
  const rows = await database.query<{ edge: string }>(
    `select concat_ws(' ', e.relation, d.subtype) as edge from edge e join node s on s.id = e.src join node d on d.id = e.dst
     where s.name = $1 order by 1`,
    [name],
  );
  return rows.map(({ edge }) => edge);
};

beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  steps = await itemSteps(database);
  const organisation = await steps.done('createItem', {
    subtype: 'ORGANISATION',
    metadata: { name: 'Reef institute' },
  });
  metadata = aDatasetOf(organisation.id);
});

const register = (job: string, changes: Record<string, unknown> = {}, actor = ADA) =>
  steps.change(
    'registerJobResult',
    { jobId: id(job), metadata, name: `data of ${job}`, ...changes },
    actor,
    'id pid name subtype registered sha256 recordType job { id } wasGeneratedBy { name outcome }',
  );

test('who was given rights on a result of an organization that is not his finds it by its job, and no other of its results', async () => {
  const eve = aMember('eve', 'MAINTAINER', [RIVAL]);
  await record(
    aSucceededJob('shared', { outcomes: [0, 1].map((at) => anOutcome(at, { resultSha256: sha(`${at}`) })) }),
  );
  const { item } = await register('shared', { itemIndex: 0 });
  const found = async (more = '') => {
    const { items } = await steps.ask.data<{ items: { edges: { node: object }[] } }>(
      `query ($id: ID!) { items(filter: { jobId: $id ${more} }, orderBy: NAME) { edges { node { id job { id } } } } }`,
      { id: id('shared') },
      eve,
    );
    return items.edges.map(({ node }) => node);
  };
  expect(await found()).toEqual([]);
  const grants = [{ kind: 'USER', principalId: eve.id, roles: ['METADATA_READ'] }];
  await steps.done('setItemAccess', { id: item?.id, grants });
  // The job itself he does not see.
  expect(await found()).toEqual([{ id: item?.id, job: null }]);
  expect(await found(`organizationId: "${ACME}"`)).toEqual([{ id: item?.id, job: null }]);
  expect(await found(`organizationId: "${RIVAL}"`)).toEqual([]);
});

test('a result becomes a dataset: the same entity, generated once and by the job', async () => {
  const outcomes = [anOutcome(0, { resultArtifactId: id('file of make'), resultSha256: sha('made') })];
  await record(aSucceededJob('make', { outcomes }));
  await stored('file of make', sha('made'));
  const query = `query ($id: ID!) { items(filter: { jobId: $id }) { edges { node { id subtype } } } }`;
  const listed = () =>
    steps.ask.data<{ items: { edges: [{ node: { id: string; subtype: string } }] } }>(
      query,
      { id: id('make') },
      ADA,
    );
  const { node: before } = (await listed()).items.edges[0];
  const { item, userErrors } = await register('make', { tags: ['reef'], idempotencyKey: 'k' });
  expect(userErrors).toEqual([]);
  expect(item).toMatchObject({
    id: before.id,
    subtype: 'DATASET',
    registered: true,
    recordType: 'COMPLETE',
    sha256: sha('made'),
    job: { id: id('make') },
    wasGeneratedBy: { name: 'make', outcome: 'SUCCEEDED' },
  });
  expect(item?.pid).toMatch(/^ark:/);
  expect((await listed()).items.edges[0].node).toEqual({ id: before.id, subtype: 'DATASET' });

  await runWorkflows();
  await runWorkflows();
  expect(await edgesOf('data of make')).toEqual(['WAS_ATTRIBUTED_TO USER', 'WAS_GENERATED_BY JOB']);
  expect(await edgesOf(`${item?.pid}/record`)).toEqual([
    'SPECIALIZATION_OF DATASET',
    'WAS_ATTRIBUTED_TO USER',
    'WAS_GENERATED_BY CREATE',
  ]);
  expect(await heldViolations(database)).toEqual([]);

  // The job's news once more: it is still the dataset.
  await createRegistryParts(database).recordFinishedJobs('again', [
    { messageId: 'again', job: aSucceededJob('make', { outcomes }) },
  ]);
  expect(await steps.item(before.id, 'name subtype')).toEqual({ name: 'data of make', subtype: 'DATASET' });
  // It can be found, edited and used as every other item.
  const edited = await steps.done('editItem', { id: before.id, name: 'better name', reason: 'clearer' });
  expect(edited).toMatchObject({ id: before.id, name: 'better name', revision: 2 });
  await record(
    aSucceededJob('use', {
      inputs: { dataSha256: null, paramsSha256: null, artifactIds: [id('file of make')] },
    }),
  );
  const used = await steps.item(before.id, 'usedBy { edges { node { name } } }');
  expect(used).toEqual({ usedBy: { edges: [{ node: { name: 'use' } }] } });
  // A job that is given away leaves behind what is somebody's item.
  await createRegistryParts(database).keepJobRecords('test', [
    {
      ...{ messageId: 'given', at: '2026-11-21T00:00:00.000Z' },
      change: {
        ...{ jobId: id('make'), revision: 1, change: 'TRANSFERRED', jobSeq: 4 },
        ...{ organizationId: RIVAL, previousOrganizationId: ACME },
      },
    },
  ]);
  expect(await steps.item(before.id, 'organization { id }')).toEqual({ organization: { id: ACME } });
});

test('once: the same request again gives the same item, another one is told that it is an item', async () => {
  await record(aSucceededJob('once'));
  const first = await register('once', { idempotencyKey: 'key of once' });
  const again = await register('once', { idempotencyKey: 'key of once' });
  expect(again.item?.id).toBe(first.item?.id);
  const other = await register('once', { idempotencyKey: 'key of once', name: 'other' });
  expect(other.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_CONFLICT' }]);
  const { userErrors } = await register('once');
  expect(userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'itemIndex'] }]);
  const both = await Promise.all(['a', 'b'].map(() => register('once')));
  expect(both.map(({ item }) => item)).toEqual([null, null]);
});

test('at the same moment only one of two is made', async () => {
  await record(aSucceededJob('contested'));
  const both = await Promise.all(['a', 'b'].map((name) => register('contested', { name })));
  expect(both.filter(({ item }) => item !== null)).toHaveLength(1);
  expect(both.flatMap(({ userErrors }) => userErrors.map(({ code }) => code))).toEqual(['CONFLICT']);
});

describe('what the job made', () => {
  const held = async (item: string): Promise<unknown> =>
    (await steps.item(item, 'artifact { id } sha256 workflow { steps { key job { id } } }')) ?? undefined;

  test('is held when it is a file, and told of', async () => {
    const outcomes = [anOutcome(0, { resultArtifactId: id('file'), resultSha256: sha('f') })];
    await record(aSucceededJob('makes a file', { outcomes }));
    await stored('file', sha('f'));
    const { item } = await register('makes a file');
    expect(await held(item?.id ?? '')).toMatchObject({
      artifact: { id: id('file') },
      workflow: { steps: [{ key: 'register' }, { key: 'lodge' }] },
    });
    const told = await database.query<{ payload: object }>(
      `select body -> 'payload' as payload from outbox where body ->> 'type' = 'dataset-file-changed' and body -> 'payload' ->> 'itemId' = $1`,
      [item?.id],
    );
    expect(told).toMatchObject([
      { payload: { artifactId: id('file'), size: 7, sha256: sha('f'), held: true } },
    ]);
  });

  test('becomes a file when it is a value, once, and as it was to the byte', async () => {
    const value = '{ "a" : 1.0 }';
    const outcomes = [anOutcome(0, { resultSha256: sha(value) })];
    await record(aSucceededJob('makes a value', { outcomes }));
    const { item } = await register('makes a value');
    const itemId = item?.id ?? '';
    const [asked] = await database.query<{ steps: { key: string; resultOf?: object }[]; workflowId: string }>(
      `select body -> 'payload' -> 'steps' as steps, body -> 'payload' ->> 'workflowId' as "workflowId" from outbox
       where body ->> 'type' = 'activity-workflow-requested' order by id desc limit 1`,
    );
    expect(asked?.steps.map(({ key, resultOf }) => [key, resultOf])).toEqual([
      ['register', undefined],
      ['lodge', undefined],
      ['store', { jobId: id('makes a value'), itemIndex: 0 }],
    ]);
    expect(await held(itemId)).toMatchObject({ artifact: null, workflow: { steps: [{ key: 'register' }, { key: 'lodge' }, { key: 'store' }] } }); // prettier-ignore
    expect(await steps.refused('createItemVersion', { id: itemId, reason: 'r' }, aMember('ada', 'OWNER'))).toEqual(['CONFLICT input.id']); // prettier-ignore

    const files: OperationFile[] = [];
    const store = (data: string | null) =>
      createRegistryParts(database).operations['STORE_RESULT']?.(
        { workflowId: asked?.workflowId },
        {
          ...{ jobId: id('the job that stores'), attempt: 1, organizationId: ACME, userId: undefined },
          ...{ correlationId: 'test', signal: new AbortController().signal, progress: () => undefined },
          ...withoutFiles,
          data: () => Promise.resolve(data),
          store: (file) => Promise.resolve(id(`stored ${files.push(file)}`)),
        },
      );
    await expect(store(null)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await Promise.all([store(value), store(value)]);
    const [{ artifact }] = [(await held(itemId)) as { artifact: { id: string } }];
    expect([id('stored 1'), id('stored 2')]).toContain(artifact.id);
    expect(files[0]?.bytes).toEqual(new TextEncoder().encode(value));
    expect(await held(itemId)).toMatchObject({ sha256: sha(value) });
    expect(await store('never asked for')).toEqual({ artifactId: artifact.id });
    const told = await database.query<{ payload: object }>(
      `select body -> 'payload' as payload from outbox where body ->> 'type' = 'dataset-file-changed' and body -> 'payload' ->> 'itemId' = $1`,
      [itemId],
    );
    expect(told).toMatchObject([{ payload: { artifactId: artifact.id, size: 13, sha256: sha(value), held: true } }]); // prettier-ignore
  });

  test('that went with its job is no dataset any more', async () => {
    await record(aSucceededJob('deleted'));
    await createRegistryParts(database).keepJobRecords('test', [
      {
        ...{ messageId: 'deleted', at: '2026-11-21T00:00:00.000Z' },
        change: {
          ...{ jobId: id('deleted'), revision: 1, change: 'DELETED', jobSeq: 4 },
          ...{ organizationId: ACME, previousOrganizationId: ACME },
        },
      },
    ]);
    expect((await register('deleted')).userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'jobId'] }]); // prettier-ignore
  });
});

test.each([
  ['of a job that nobody knows', () => register('nobody'), 'NOT_FOUND input.jobId'],
  ['of an item that there is not', () => register('mine', { itemIndex: 7 }), 'NOT_FOUND input.jobId'],
  ['of an item below 0', () => register('mine', { itemIndex: -1 }), 'BAD_USER_INPUT input.itemIndex'],
  ['of another tenant', () => register('mine', {}, aMember('eve', 'OWNER', [RIVAL])), 'NOT_FOUND input.jobId'],
  ['by a viewer', () => register('mine', {}, aMember('vera', 'VIEWER')), 'FORBIDDEN input.jobId'],
  ['without what a dataset needs', () => register('mine', { metadata: {} }), 'ITEM_METADATA_INVALID input.metadata'],
] as const)('refused %s', async (_, ask, expected) => {
  await record(aSucceededJob('mine'));
  const { item, userErrors } = await ask();
  expect(item).toBeNull();
  const [code, path] = expected.split(' ');
  expect(userErrors[0]).toMatchObject({ code });
  expect(userErrors[0]?.path.join('.')).toMatch(new RegExp(`^${path}`));
}); // prettier-ignore
