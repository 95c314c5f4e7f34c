import { newId, type Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRegistryParts, registryDatabase, type RegistryParts } from '../context.js';
import { checkMetadata } from '../domain/item-types/index.js';
import { ACME, id } from '../testing/finished-jobs.js';
import { ADA, aMember, itemSteps, MODEL, type ItemSteps, type ShownItem } from '../testing/item-steps.js';
import { withoutFiles } from '../testing/without-files.js';

interface ShownWorkflow {
  readonly id: string;
  readonly kind: 'CREATE' | 'VERSION';
  readonly state: string;
  readonly activity: ShownItem | null;
  readonly steps: readonly {
    readonly key: string;
    readonly state: string;
    readonly job: { readonly id: string };
  }[];
}

const WORKFLOW =
  'workflow { id kind state activity { id name subtype metadata } steps { key state job { id } } }';
const ASKED = `select body from outbox where subject like '%activity-workflow-requested%' order by position`;

describe('the workflow of an item', () => {
  let database: Database;
  let steps: ItemSteps;
  let parts: RegistryParts;
  beforeAll(async () => {
    database = await testDatabase(registryDatabase);
    steps = await itemSteps(database);
    parts = createRegistryParts(database);
  });
  afterAll(() => database.close());

  const workflowOf = async (itemId: string): Promise<ShownWorkflow | null> =>
    (await steps.item(itemId, WORKFLOW))?.['workflow'] as ShownWorkflow | null;
  const run = async (
    workflow: ShownWorkflow,
    step: 'register' | 'lodge',
    jobId?: string,
  ): Promise<unknown> => {
    const operation =
      parts.operations[`${step === 'register' ? 'REGISTER' : 'LODGE'}_${workflow.kind}_ACTIVITY`];
    return operation?.(
      { workflowId: workflow.id },
      {
        ...{ jobId: jobId ?? (workflow.steps.find(({ key }) => key === step)?.job.id as string), attempt: 1 },
        ...{ organizationId: id('organization acme'), userId: ADA.id, correlationId: 'test' },
        ...{ signal: new AbortController().signal, progress: () => undefined },
        ...withoutFiles,
      },
    );
  };
  const hear = (jobId: string, state: 'SUCCEEDED' | 'FAILED', retryOf: string | null = null) =>
    parts.hearRegistryJobs('test', [
      {
        messageId: `${jobId} ${state}`,
        correlationId: 'test',
        job: { jobId, retryOf, state, errorCode: null },
      },
    ]);
  const upstream = async (itemId: string): Promise<string[]> => {
    const shown = await steps.item(itemId, 'upstream { edges { relation role node { name } } }');
    const { edges } = (
      shown as unknown as {
        upstream: { edges: { relation: string; role: string | null; node: { name: string } }[] };
      }
    ).upstream;
    return edges.map(({ relation, role, node }) => `${relation}/${role ?? '-'} ${node.name}`).sort();
  };

  test('is asked for with the item, names its jobs from the first moment, and is asked for by nothing else', async () => {
    await database.query('delete from outbox');
    const item = await steps.aModel();
    const workflow = (await workflowOf(item.id)) as ShownWorkflow;
    expect(workflow).toMatchObject({
      ...{ kind: 'CREATE', state: 'PENDING', activity: null },
      steps: [
        { key: 'register', state: 'PENDING' },
        { key: 'lodge', state: 'PENDING' },
      ],
    });
    const asked = await database.query<{ body: { payload: Record<string, unknown> } }>(ASKED);
    expect(asked.map(({ body }) => body.payload)).toMatchObject([
      {
        workflowId: workflow.id,
        createdBy: ADA.id,
        steps: [
          {
            key: 'register',
            needs: [],
            jobId: workflow.steps[0]?.job.id,
            operation: 'REGISTER_CREATE_ACTIVITY',
          },
          {
            key: 'lodge',
            needs: ['register'],
            jobId: workflow.steps[1]?.job.id,
            operation: 'LODGE_CREATE_ACTIVITY',
          },
        ],
      },
    ]);
    await steps.done('createItem', { subtype: 'MODEL' });
    const study = { title: 'S', description: 'A study.' };
    expect(
      (await steps.done('createItem', { subtype: 'STUDY', metadata: study }, ADA, WORKFLOW))['workflow'],
    ).toBeNull();
    expect(await database.query(ASKED)).toHaveLength(1);
  });

  test('a seed asks for it when it is completed', async () => {
    const seed = await steps.done('createItem', { subtype: 'MODEL' });
    expect(await workflowOf(seed.id)).toBeNull();
    await steps.done('completeItem', { id: seed.id, metadata: MODEL });
    expect(await workflowOf(seed.id)).toMatchObject({ kind: 'CREATE', state: 'PENDING' });
  });

  test('a worker that was away takes no step back from a retry', async () => {
    const item = await steps.aModel();
    const workflow = (await workflowOf(item.id)) as ShownWorkflow;
    const first = workflow.steps[0]?.job.id as string;
    const [retry, second] = [newId(), newId()];
    const register = async () => (await workflowOf(item.id))?.steps[0];
    await hear(first, 'FAILED');
    await run(workflow, 'register', retry);
    await run(workflow, 'register', first);
    expect(await register()).toMatchObject({ state: 'IN_PROGRESS', job: { id: retry } });
    await hear(retry, 'FAILED', first);
    await run(workflow, 'register', second);
    await hear(second, 'SUCCEEDED', retry);
    for (const late of [first, retry]) await run(workflow, 'register', late);
    expect(await register()).toMatchObject({ state: 'SUCCEEDED', job: { id: second } });
  });

  test('writes down one activity and one set of statements, however often and beside itself its jobs run', async () => {
    const item = await steps.aModel();
    const workflow = (await workflowOf(item.id)) as ShownWorkflow;
    await expect(run(workflow, 'lodge')).rejects.toThrow(/not registered yet/);
    const registered = await Promise.all(Array.from({ length: 5 }, () => run(workflow, 'register')));
    expect(new Set(registered.map((one) => JSON.stringify(one))).size).toBe(1);
    await Promise.all(Array.from({ length: 5 }, () => run(workflow, 'lodge')));
    await hear(workflow.steps[0]?.job.id as string, 'SUCCEEDED');
    expect(await workflowOf(item.id)).toMatchObject({ state: 'IN_PROGRESS' });
    await hear(workflow.steps[1]?.job.id as string, 'SUCCEEDED');
    const done = (await workflowOf(item.id)) as ShownWorkflow;
    expect(done).toMatchObject({
      state: 'SUCCEEDED',
      activity: { subtype: 'CREATE', metadata: { createdItemId: item.id } },
    });
    expect(checkMetadata('CREATE', 1, done.activity?.metadata ?? {})).toEqual([]);
    expect(await upstream(item.id)).toEqual([
      `WAS_ATTRIBUTED_TO/- user ${ADA.id}`,
      'WAS_GENERATED_BY/- Creation of Reef growth',
    ]);
    expect(await upstream(done.activity?.id as string)).toEqual([
      `WAS_ASSOCIATED_WITH/creator user ${ADA.id}`,
      `WAS_ASSOCIATED_WITH/on behalf of organization ${ACME}`,
    ]);
    const [{ n }] = (await database.query(
      `select count(*)::int as n from record r join item i on i.node = r.item where i.pid = $1`,
      [item.pid],
    )) as [{ n: number }];
    expect(n).toBe(1);
  });

  test('of a version: it used and revises the one before', async () => {
    const item = await steps.aModel();
    const next = await steps.done('createItemVersion', { id: item.id, reason: 'new physics' });
    const workflow = (await workflowOf(next.id)) as ShownWorkflow;
    await run(workflow, 'register');
    await run(workflow, 'lodge');
    const { activity } = (await workflowOf(next.id)) as ShownWorkflow;
    expect(activity).toMatchObject({
      subtype: 'VERSION',
      metadata: { reason: 'new physics', fromItemId: item.id, toItemId: next.id, newVersionNumber: 2 },
    });
    expect(checkMetadata('VERSION', 1, activity?.metadata ?? {})).toEqual([]);
    expect(await upstream(next.id)).toEqual([
      `WAS_ATTRIBUTED_TO/- user ${ADA.id}`,
      'WAS_GENERATED_BY/- Version 2 of Reef growth',
      'WAS_REVISION_OF/- Reef growth',
    ]);
    expect(await upstream(activity?.id as string)).toEqual([
      'USED/previous version Reef growth',
      `WAS_ASSOCIATED_WITH/on behalf of organization ${ACME}`,
      `WAS_ASSOCIATED_WITH/versioner user ${ADA.id}`,
    ]);
  });

  test('a job that failed is shown, and its retry takes its place', async () => {
    const item = await steps.aModel();
    const workflow = (await workflowOf(item.id)) as ShownWorkflow;
    const first = workflow.steps[0]?.job.id as string;
    await hear(first, 'FAILED');
    expect(await workflowOf(item.id)).toMatchObject({ state: 'FAILED' });
    await run(workflow, 'register', id('the retry'));
    expect(await workflowOf(item.id)).toMatchObject({
      state: 'IN_PROGRESS',
      steps: [{ state: 'IN_PROGRESS', job: { id: id('the retry') } }, { state: 'PENDING' }],
    });
    await hear(id('the retry'), 'SUCCEEDED', first);
    await hear(first, 'FAILED');
    expect(await workflowOf(item.id)).toMatchObject({
      steps: [{ state: 'SUCCEEDED' }, { state: 'PENDING' }],
    });
  });

  test('names the person that the user said to be', async () => {
    const eve = aMember('eve', 'OWNER');
    const person = await steps.done(
      'createItem',
      {
        subtype: 'PERSON',
        metadata: { firstName: 'Eve', lastName: 'Adams', email: 'eve@example.org', ethicsApproved: true },
      },
      eve,
    );
    const model = await steps.aModel();
    const link = async (itemId: string): Promise<string[]> => {
      const { linkPerson } = await steps.ask.data<{ linkPerson: { userErrors: { code: string }[] } }>(
        'mutation ($id: ID!) { linkPerson(id: $id) { item { id } userErrors { code } } }',
        { id: itemId },
        eve,
      );
      return linkPerson.userErrors.map(({ code }) => code);
    };
    expect(await link(model.id)).toEqual(['BAD_USER_INPUT']);
    expect(await link(person.pid)).toEqual([]);
    const { myPerson } = await steps.ask.data<{ myPerson: unknown }>('{ myPerson { id } }', {}, eve);
    expect(myPerson).toEqual({ id: person.id });
    const item = await steps.aModel({}, eve);
    const workflow = (await workflowOf(item.id)) as ShownWorkflow;
    await run(workflow, 'register');
    await run(workflow, 'lodge');
    expect(await upstream(item.id)).toContain('WAS_ATTRIBUTED_TO/- Eve Adams');
  });

  test('who may read the item, and nobody else, reads its activity: also when that changes', async () => {
    const item = await steps.aModel();
    const workflow = (await workflowOf(item.id)) as ShownWorkflow;
    await run(workflow, 'register');
    await run(workflow, 'lodge');
    const activityId = (await workflowOf(item.id))?.activity?.id as string;
    const victor = aMember('victor', 'VIEWER');
    expect(await steps.item(activityId, 'id', victor)).not.toBeNull();
    await steps.done('setItemAccess', { id: item.id, grants: [] });
    expect(await steps.item(activityId, 'id', victor)).toBeNull();
    expect(await steps.item(activityId, 'id', ADA)).not.toBeNull();
  });

  test('who administers the item has no say over its activity by itself, and who gave it away has none left', async () => {
    const item = await steps.aModel();
    const workflow = (await workflowOf(item.id)) as ShownWorkflow;
    await run(workflow, 'register');
    const activityId = (await workflowOf(item.id))?.activity?.id as string;
    for (const [mutation, input] of [
      ['withdrawItem', { reason: 'r' }],
      ['lockItem', { reason: 'r' }],
      ['unlockItem', { reason: 'r' }],
      ['setItemAccess', { grants: [] }],
      ['transferItem', { ownerId: id('user victor') }],
      ['moveItemAlias', { alias: 'prod' }],
      ['removeItemAlias', { alias: 'prod' }],
    ] as const)
      expect(await steps.refused(mutation, { id: activityId, ...input })).toEqual([
        'ITEM_READ_ONLY input.id',
      ]);
    const { requestItemAccess } = await steps.ask.data<{ requestItemAccess: unknown }>(
      `mutation ($input: RequestItemAccessInput!) { requestItemAccess(input: $input) { userErrors { code } } }`,
      { input: { id: activityId, roles: ['METADATA_WRITE'], note: 'please' } },
      aMember('victor', 'VIEWER'),
    );
    expect(requestItemAccess).toEqual({ userErrors: [{ code: 'ITEM_READ_ONLY' }] });

    const roles = async (actor = ADA): Promise<unknown> =>
      (await steps.item(activityId, 'myRoles', actor))?.['myRoles'];
    expect(await roles()).toHaveLength(5);
    const mia = aMember('mia');
    await steps.done('transferItem', { id: item.id, ownerId: mia.id });
    expect(await roles()).not.toContain('ADMIN');
    expect(await roles(mia)).toContain('ADMIN');
  });
});
