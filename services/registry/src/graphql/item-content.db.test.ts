import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { itemSteps, MODEL, type ItemSteps } from '../testing/item-steps.js';
import { sampleMetadata } from '../testing/sample-metadata.js';

describe('the content of items', () => {
  let database: Database;
  let steps: ItemSteps;
  beforeAll(async () => {
    database = await testDatabase(registryDatabase);
    steps = await itemSteps(database);
  });
  afterAll(() => database.close());

  test('what is named is judged together with all else', async () => {
    const model = await steps.aModel();
    const metadata = {
      name: '',
      modelId: 'ark:99999/w1nothing',
      inputTemplates: [{ templateId: model.id }, { templateId: 7 }, { templateId: 'with \0' }],
      outputTemplates: 'none',
    };
    const subtype = 'MODEL_RUN_WORKFLOW_TEMPLATE';
    const refused = await steps.refused('createItem', { subtype, metadata, tags: [''] });
    expect(refused).toEqual([
      'BAD_USER_INPUT input.tags.0',
      'ITEM_METADATA_INVALID input.metadata.inputTemplates.2.templateId',
      'ITEM_REFERENCE_INVALID input.metadata.modelId',
      'ITEM_REFERENCE_INVALID input.metadata.inputTemplates.0.templateId',
    ]);
    const inputTemplates = metadata.inputTemplates.slice(0, 2);
    expect(await steps.refused('createItem', { subtype, metadata: { ...metadata, inputTemplates } })).toEqual(
      expect.arrayContaining([
        'ITEM_METADATA_INVALID input.metadata.name',
        'ITEM_METADATA_INVALID input.metadata.outputTemplates',
        'ITEM_METADATA_INVALID input.metadata.inputTemplates.1.templateId',
        'ITEM_REFERENCE_INVALID input.metadata.modelId',
        'ITEM_REFERENCE_INVALID input.metadata.inputTemplates.0.templateId',
      ]),
    );
  });

  test('a name that is made of what the item says is as long as names may be', async () => {
    const person = { ...sampleMetadata('PERSON'), firstName: '😀'.repeat(50), lastName: 'b'.repeat(100) };
    const made = await steps.done('createItem', { subtype: 'PERSON', metadata: person });
    expect(made.name).toBe(`${'😀'.repeat(50)} ${'b'.repeat(99)}`);
    const long = await steps.aModel({ name: `${'a'.repeat(199)}😀 and more` });
    expect(long.name).toBe('a'.repeat(199));
    for (const { id, name } of [made, long]) {
      expect(await steps.done('editItem', { id, tags: ['x'], reason: 'r' })).toMatchObject({ name });
      expect(await steps.done('cloneItem', { id })).toMatchObject({ name });
    }
    // Written before names were cut.
    await database.query('update node set name = $2 where public_id = $1', [long.id, 'c'.repeat(250)]);
    expect(await steps.done('editItem', { id: long.id, tags: ['y'], reason: 'r' })).toMatchObject({
      name: 'c'.repeat(200),
    });
    expect((await steps.done('editItem', { id: long.id, metadata: MODEL, reason: 'r' })).name).toBe(
      MODEL.name,
    );
  });
});
