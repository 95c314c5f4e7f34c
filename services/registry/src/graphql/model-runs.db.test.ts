import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { RIVAL } from '../testing/finished-jobs.js';
import { ADA, aMember } from '../testing/item-steps.js';
import { aLaboratory, datasetOf, type Laboratory } from '../testing/model-run-steps.js';
import { sampleMetadata } from '../testing/sample-metadata.js';

describe('runs of models', () => {
  let database: Database;
  let lab: Laboratory;
  beforeAll(async () => {
    database = await testDatabase(registryDatabase);
    lab = await aLaboratory(database);
    await lab.runJobs();
  });
  afterAll(() => database.close());

  const refusals = async (record: Record<string, unknown>, actor = ADA): Promise<string[]> => {
    const { item, userErrors } = await lab.register(record, {}, actor);
    expect(item).toBeNull();
    return userErrors.map(({ code, path }) => `${code} ${path.join('.')}`);
  };
  const run = async (id: string): Promise<unknown> =>
    (await lab.item(id, 'modelRun { recordStatus lodgedRevision }'))?.['modelRun'];

  test('a run is registered, and a job lodges what it used and made, once', async () => {
    const record = await lab.aRecord({ displayName: 'first run', modelVersion: 'v2' });
    const { item, job, userErrors } = await lab.register(record);
    expect(userErrors).toEqual([]);
    expect(await run(item?.id ?? '')).toEqual({ recordStatus: 'COMPLETE', lodgedRevision: null });
    // Every item is named by its id, however it was named.
    expect(item?.metadata).toMatchObject({
      workflowTemplateId: lab.template.id,
      associations: { modellerId: lab.person.id, requestingOrganisationId: lab.organisation.id },
    });
    const shown = await lab.item(
      item?.id ?? '',
      'workflow { kind steps { key job { id } } activity { id } }',
    );
    expect(shown?.['workflow']).toEqual({
      kind: 'MODEL_RUN',
      steps: [{ key: 'lodge', job }],
      activity: { id: item?.id },
    });
    await lab.runJobs();
    expect(await run(item?.id ?? '')).toEqual({ recordStatus: 'LODGED', lodgedRevision: 1 });
    const [input, output] = [datasetOf(item, 'inputs'), datasetOf(item, 'outputs')];
    const [wind, reefs] = await Promise.all([input, output].map(async (id) => (await lab.item(id))?.name));
    expect(await lab.statements('first run')).toEqual(
      [
        `first run USED/model Reef growth`,
        `first run USED/template ${lab.template.name}`,
        'first run WAS_ASSOCIATED_WITH/on behalf of Reef Institute',
        `first run USED/wind ${wind}`,
        'first run WAS_ASSOCIATED_WITH/modeller Ada Lovelace',
        'first run WAS_INFORMED_BY/ Warming',
        `${reefs} WAS_GENERATED_BY/reefs first run`,
      ].sort(),
    );
    const records = await database.query(
      `select e.relation, e.detail from record r join record_edge e on e.record = r.id
       where r.item = (select id from node where public_id = $1) and e.relation in ('WAS_ASSOCIATED_WITH', 'ACTED_ON_BEHALF_OF')
       order by 1, 2`,
      [item?.id],
    );
    expect(records).toEqual([
      { relation: 'ACTED_ON_BEHALF_OF', detail: { activity: item?.id } },
      { relation: 'WAS_ASSOCIATED_WITH', detail: { plan: lab.template.id } },
      { relation: 'WAS_ASSOCIATED_WITH', detail: null },
    ]);
  });

  test('what was registered by hand and made by a run has one generation, whichever is told first', async () => {
    for (const runFirst of [true, false]) {
      const record = await lab.aRecord({ displayName: `run first: ${runFirst}` });
      if (!runFirst) await lab.runJobs();
      const { item } = await lab.register(record);
      if (runFirst) {
        // The creation of the outputs is still to be lodged.
        const workflow = await database.query<{ id: string }>(
          `select w.id from activity_workflow w join node n on n.id = w.node where n.public_id = $1`,
          [item?.id],
        );
        await database.query(`update activity_workflow set requested_at = '2000-01-01' where id = $1`, [
          workflow[0]?.id,
        ]);
      }
      await lab.runJobs();
      const output = datasetOf(item, 'outputs');
      const made = await lab.item(output);
      expect(await lab.statements(made?.name ?? '', `${made?.pid}/record`)).toEqual(
        [
          `${made?.name} WAS_ATTRIBUTED_TO/ Ada Lovelace`,
          `${made?.name} WAS_GENERATED_BY/reefs run first: ${runFirst}`,
          `${made?.pid}/record SPECIALIZATION_OF/ ${made?.name}`,
          `${made?.pid}/record WAS_ATTRIBUTED_TO/ user ${ADA.id}`,
          `${made?.pid}/record WAS_GENERATED_BY/ Creation of ${made?.name}`,
        ].sort(),
      );
    }
    expect(await lab.violations()).toEqual([]);
  });

  test('a version that a run made revises the one before by its record', async () => {
    const first = await lab.aDataset('v one');
    await lab.runJobs();
    const second = await lab.done('createItemVersion', { id: first.id, reason: 'again' });
    await lab.runJobs();
    const outputs = [{ datasetTemplateId: lab.reefs.id, datasetId: second.id }];
    const { userErrors } = await lab.register(await lab.aRecord({ displayName: 'second', outputs }));
    expect(userErrors).toEqual([]);
    await lab.runJobs();
    expect(await lab.statements(`${second.pid}/record`)).toContain(
      `${second.pid}/record WAS_REVISION_OF/ v one`,
    );
    expect(await lab.violations()).toEqual([]);
  });

  test('the same run is registered once, and a repeated request gives it', async () => {
    const record = await lab.aRecord();
    const first = await lab.register(record, { idempotencyKey: 'once' });
    const again = await lab.register(record, { idempotencyKey: 'once' });
    expect(again).toMatchObject({ repeated: true, item: { id: first.item?.id } });
    const inputs = (record['inputs'] as object[]).map((one) => ({ ...one, datasetTemplateId: lab.wind.id }));
    expect(await refusals({ ...record, inputs, endTime: '2026-03-31T14:00:00.000Z' })).toEqual([
      'MODEL_RUN_DUPLICATE input.record',
    ]);
  });

  test('what names an item is listed: the runs of a template, of a modeller, as they are now and for who may read both', async () => {
    const ada = await lab.done('createItem', { subtype: 'PERSON', metadata: sampleMetadata('PERSON') });
    const register = async (modellerId: string) => {
      const associations = { modellerId };
      return (await lab.register(await lab.aRecord({ associations }))).item as { id: string };
    };
    const naming = async (references: string, filter: object = {}, actor = ADA): Promise<string[]> => {
      const { items } = await lab.ask.data<{ items: { edges: { node: { id: string } }[] } }>(
        'query ($filter: ItemFilter) { items(filter: $filter, first: 100) { edges { node { id } } } }',
        { filter: { ...filter, references } },
        actor,
      );
      return items.edges.map(({ node }) => node.id);
    };
    const first = await register(ada.id);
    const second = await register(ada.pid);
    expect(await naming(ada.pid)).toEqual([second.id, first.id]);
    expect(await naming(ada.id.toUpperCase(), { subtype: 'MODEL_RUN' })).toEqual([second.id, first.id]);
    expect(await naming(ada.id, { subtype: 'DATASET' })).toEqual([]);
    expect((await naming(lab.template.pid, { subtype: 'MODEL_RUN' })).slice(0, 2)).toEqual([
      second.id,
      first.id,
    ]);
    const { updateModelRun } = await lab.ask.data<{ updateModelRun: { userErrors: unknown[] } }>(
      'mutation ($input: UpdateModelRunInput!) { updateModelRun(input: $input) { userErrors { message } } }',
      {
        input: {
          id: first.id,
          reason: 'It was another one.',
          record: {
            ...(await lab.item(first.id))?.metadata,
            associations: { modellerId: lab.person.id },
          },
        },
      },
      ADA,
    );
    expect(updateModelRun.userErrors).toEqual([]);
    expect(await naming(ada.id)).toEqual([second.id]);
    await lab.done('setItemAccess', {
      id: second.id,
      grants: [{ kind: 'EVERYONE', roles: ['METADATA_READ'] }],
    });
    const bob = aMember('bob', 'OWNER', [RIVAL]);
    expect(await naming(ada.id, {}, bob)).toEqual([]);
    await lab.done('setItemAccess', { id: ada.id, grants: [{ kind: 'EVERYONE', roles: ['METADATA_READ'] }] });
    expect(await naming(ada.id, {}, bob)).toEqual([second.id]);
    expect(await naming('nothing of that name')).toEqual([]);
  });

  test('who maintains nothing registers nothing, and sees no run of others', async () => {
    const record = await lab.aRecord();
    expect(await refusals(record, aMember('eve', 'VIEWER'))).toEqual(['FORBIDDEN input.organizationId']);
    expect(await refusals(record, aMember('mallory', 'OWNER', [RIVAL]))).toContain(
      'ITEM_REFERENCE_INVALID input.record.workflowTemplateId',
    );
    const { item } = await lab.register(record);
    expect(await lab.item(item?.id ?? '', 'id', aMember('mallory', 'OWNER', [RIVAL]))).toBeNull();
  });

  test('a name that is longer than names are, or ends within a character, holds up no job', async () => {
    for (const displayName of ['a'.repeat(250), `${'a'.repeat(187)}😀`, '😀'.repeat(100)]) {
      const { item, userErrors } = await lab.register(await lab.aRecord({ displayName }));
      expect(userErrors).toEqual([]);
      expect(item?.name.length).toBeLessThanOrEqual(200);
      const made = await lab.aDataset(displayName);
      const edited = await lab.done('editItem', { id: made.id, tags: ['long'], reason: 'r' });
      expect(edited.name).toBe(made.name);
    }
    await lab.runJobs();
    const open = await database.query(`select from activity_workflow_step where state <> 'IN_PROGRESS'`);
    expect(open).toEqual([]);
  });

  test('what a run says is written by the mutations of runs only, and it happened once', async () => {
    const { item } = await lab.register(await lab.aRecord());
    const id = item?.id ?? '';
    expect(await lab.refused('editItem', { id, name: 'x', reason: 'r' })).toEqual([
      'ITEM_READ_ONLY input.id',
    ]);
    expect(await lab.refused('revertItem', { id, revision: 1, reason: 'r' })).toEqual([
      'ITEM_READ_ONLY input.id',
    ]);
    const { userErrors } = await lab.change('cloneItem', { id });
    expect(userErrors).toMatchObject([
      { code: 'ITEM_READ_ONLY', message: expect.stringContaining('happened once') as string },
    ]);
  });
});
