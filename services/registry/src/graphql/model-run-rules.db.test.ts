import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { ADA, aMember } from '../testing/item-steps.js';
import { aLaboratory, type Laboratory } from '../testing/model-run-steps.js';

describe('what a run of a model must say', () => {
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
  test('everything that is wrong is told at once, with its path', async () => {
    expect(await refusals({ displayName: '', inputs: 7 })).toEqual(
      expect.arrayContaining([
        'ITEM_METADATA_INVALID input.record.displayName',
        'ITEM_METADATA_INVALID input.record.inputs',
        'ITEM_METADATA_INVALID input.record.outputs',
        'ITEM_METADATA_INVALID input.record.startTime',
      ]),
    );
    const good = await lab.aRecord();
    const seed = await lab.done('createItem', { subtype: 'STUDY' });
    const gone = await lab.aDataset();
    await lab.done('withdrawItem', { id: gone.id, reason: 'wrong' });
    const foreign = await lab.aDataset('foreign', ADA);
    await lab.done('setItemAccess', { id: foreign.id, grants: [] });
    const bob = aMember('bob');
    expect(
      await refusals(
        {
          ...good,
          studyId: seed.id,
          associations: { modellerId: lab.organisation.id },
          inputs: [
            {
              datasetTemplateId: lab.wind.id,
              datasetId: foreign.id,
              resources: { notes: '../up', unheard: 'x' },
            },
            { datasetTemplateId: lab.wind.pid, datasetId: gone.id, resources: { file: ' ' } },
            { datasetTemplateId: lab.reefs.id, datasetId: 'ark:99999/w1nothing' },
          ],
          outputs: [],
          annotations: { scenario: ' ', weather: 'fine' },
        },
        bob,
      ),
    ).toEqual([
      'ITEM_REFERENCE_INVALID input.record.studyId',
      'ITEM_REFERENCE_INVALID input.record.inputs.0.datasetId',
      'ITEM_REFERENCE_INVALID input.record.inputs.1.datasetId',
      'ITEM_REFERENCE_INVALID input.record.inputs.2.datasetId',
      'ITEM_REFERENCE_INVALID input.record.associations.modellerId',
      'MODEL_RUN_INVALID input.record.inputs.0.resources.notes',
      'MODEL_RUN_INVALID input.record.inputs.0.resources.unheard',
      'MODEL_RUN_INVALID input.record.inputs.0.resources',
      'MODEL_RUN_INVALID input.record.inputs.1.resources.file',
      'MODEL_RUN_INVALID input.record.inputs.2.datasetTemplateId',
      'MODEL_RUN_INVALID input.record.outputs',
      'MODEL_RUN_INVALID input.record.annotations',
    ]);
    // Also with what does not even fit the schema, where it can be judged.
    expect(
      await refusals({
        ...good,
        ...{ displayName: '', startTime: '2026-03-31T12:00:00+01', studyId: lab.model.id },
        inputs: [
          { datasetTemplateId: 7, datasetId: gone.id },
          { datasetTemplateId: lab.reefs.id, resources: 'none' },
        ],
        outputs: 'none',
        annotations: { seed: '1' },
      }),
    ).toEqual([
      'ITEM_METADATA_INVALID input.record.displayName',
      'ITEM_METADATA_INVALID input.record.inputs.0.datasetTemplateId',
      'ITEM_METADATA_INVALID input.record.inputs.1.datasetId',
      'ITEM_METADATA_INVALID input.record.inputs.1.resources',
      'ITEM_METADATA_INVALID input.record.outputs',
      'ITEM_METADATA_INVALID input.record.startTime',
      'ITEM_REFERENCE_INVALID input.record.studyId',
      'ITEM_REFERENCE_INVALID input.record.inputs.0.datasetId',
      'MODEL_RUN_INVALID input.record.inputs.1.datasetTemplateId',
      'MODEL_RUN_INVALID input.record.inputs',
      'MODEL_RUN_INVALID input.record.annotations',
    ]);
    for (const startTime of ['2026-02-30T12:00:00Z', '2025-12-31T23:59:60Z'])
      expect(await refusals({ ...good, startTime })).toEqual([
        'ITEM_METADATA_INVALID input.record.startTime',
      ]);
    expect(await refusals({ ...good, endTime: '2026-03-31T11:59:59Z' })).toEqual([
      'ITEM_METADATA_INVALID input.record.endTime',
    ]);
    expect(await refusals({ ...good, workflowTemplateId: lab.model.id })).toEqual([
      'ITEM_REFERENCE_INVALID input.record.workflowTemplateId',
    ]);
  });

  test('a run makes what is new: no input of its own, nothing that another one made, nothing it may not speak of', async () => {
    const good = await lab.aRecord();
    const [input] = good['inputs'] as { datasetId: string }[];
    const outputs = (datasetId: string | undefined) => [{ datasetTemplateId: lab.reefs.id, datasetId }];
    const AT = 'MODEL_RUN_INVALID input.record.outputs.0.datasetId';
    expect(await refusals({ ...good, outputs: outputs(input?.datasetId) })).toEqual([AT]);
    const { item } = await lab.register(good);
    const rest = await lab.aRecord();
    // Registered is as good as lodged.
    expect(await refusals({ ...rest, outputs: good['outputs'] })).toEqual([AT]);
    await lab.runJobs();
    expect(await refusals({ ...rest, outputs: good['outputs'] })).toEqual([AT]);
    expect(item).not.toBeNull();
    const read = await lab.aDataset();
    await lab.done('setItemAccess', {
      id: read.id,
      grants: [{ kind: 'EVERYONE', roles: ['DATA_READ'] }],
    });
    expect(await refusals({ ...rest, outputs: outputs(read.id) }, aMember('bob'))).toEqual([AT]);
  });

  test('two runs that race for one output: one wins', async () => {
    const record = await lab.aRecord();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) => lab.register({ ...record, displayName: `racer ${n}` })),
    );
    expect(answers.filter(({ item }) => item !== null)).toHaveLength(1);
  });

  test('a slot has several datasets, and a run notes what it likes', async () => {
    const good = await lab.aRecord({ displayName: 'two winds' });
    const wind = async () => ({
      ...{ datasetTemplateId: lab.wind.id, datasetId: (await lab.aDataset()).id },
      resources: { file: 'wind.nc' },
    });
    const inputs = [await wind(), await wind()];
    expect(await refusals({ ...good, inputs: [...inputs, inputs[0]] })).toEqual([
      'MODEL_RUN_INVALID input.record.inputs.2.datasetId',
    ]);
    const annotations = { scenario: 'warm', weather: 'fine' };
    const { item, userErrors } = await lab.register({ ...good, inputs, annotations });
    expect(userErrors).toEqual([]);
    await lab.runJobs();
    const said = await lab.statements('two winds');
    expect(said.filter((one) => one.includes('USED/wind '))).toHaveLength(2);
    // In another order it is the same run.
    expect(await refusals({ ...good, inputs: inputs.toReversed(), annotations })).toEqual([
      'MODEL_RUN_DUPLICATE input.record',
    ]);
    expect(item?.metadata).toMatchObject({ annotations });
  });

  test('the same template is named once on a side, however it is named', async () => {
    const template = (inputs: string[]) => ({
      ...{ subtype: 'MODEL_RUN_WORKFLOW_TEMPLATE' },
      metadata: {
        ...{ name: 'Twice', modelId: lab.model.id, outputTemplates: [{ templateId: lab.wind.id }] },
        inputTemplates: inputs.map((templateId) => ({ templateId })),
      },
    });
    const twice = template([lab.wind.id, lab.reefs.id, lab.wind.pid]);
    expect(await lab.refused('createItem', twice)).toEqual([
      'ITEM_REFERENCE_INVALID input.metadata.inputTemplates.2.templateId',
    ]);
    expect((await lab.change('createItem', template([lab.wind.id, lab.reefs.id]))).userErrors).toEqual([]);
  });
});
