import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { checkArk } from '../domain/pid.js';
import { id, RIVAL } from '../testing/finished-jobs.js';
import { ADA, aMember, itemSteps, MODEL, type ItemSteps } from '../testing/item-steps.js';

const HISTORY = 'history { edges { node { revision action reason revertsTo name metadata user { id } } } }';

interface History {
  readonly edges: readonly { readonly node: Record<string, unknown> }[];
}

describe('items', () => {
  let database: Database;
  let steps: ItemSteps;
  beforeAll(async () => {
    database = await testDatabase(registryDatabase);
    steps = await itemSteps(database);
  });
  afterAll(() => database.close());

  test('a complete item has a persistent identifier with a right check character, and is found by it', async () => {
    const item = await steps.aModel();
    expect(item).toMatchObject({ name: 'Reef growth', revision: 1, recordType: 'COMPLETE', metadata: MODEL });
    expect(checkArk(item.pid)).toMatchObject({ valid: true, ark: item.pid });
    expect((await steps.item(item.pid.replace('ark:', 'https://n2t.net/ark:/')))?.id).toBe(item.id);
    expect((await steps.item(item.id.toUpperCase()))?.id).toBe(item.id);
  });

  test('metadata is judged as a whole, each fault with its path, and nothing is left of what was refused', async () => {
    const count = async (): Promise<unknown> => (await database.query('select count(*) from node'))[0];
    const before = await count();
    expect(
      await steps.refused('createItem', {
        subtype: 'MODEL',
        metadata: { name: 7, description: '', documentationUrl: 'nowhere' },
        tags: ['', 'fine'],
      }),
    ).toEqual([
      'BAD_USER_INPUT input.tags.0',
      expect.stringMatching(/^ITEM_METADATA_INVALID input.metadata/),
      expect.stringMatching(/^ITEM_METADATA_INVALID input.metadata/),
      expect.stringMatching(/^ITEM_METADATA_INVALID input.metadata/),
      expect.stringMatching(/^ITEM_METADATA_INVALID input.metadata/),
    ]);
    expect(await count()).toEqual(before);
  });

  test('a seed has its identifier at once and its content later', async () => {
    const seed = await steps.done('createItem', { subtype: 'MODEL' });
    expect(seed).toMatchObject({ recordType: 'SEED', metadata: null, name: 'new model' });
    expect(await steps.refused('editItem', { id: seed.id, name: 'x', reason: 'r' })).toEqual([
      'ITEM_INCOMPLETE input.id',
    ]);
    const item = await steps.done(
      'completeItem',
      { id: seed.pid, metadata: MODEL },
      ADA,
      `id pid recordType name ${HISTORY}`,
    );
    expect(item).toMatchObject({ id: seed.id, pid: seed.pid, recordType: 'COMPLETE', name: 'Reef growth' });
    expect((item['history'] as History).edges.map(({ node }) => node['action'])).toEqual([
      'COMPLETED',
      'SEEDED',
    ]);
    expect(await steps.refused('completeItem', { id: seed.id, metadata: MODEL })).toEqual([
      'CONFLICT input.id',
    ]);
  });

  test('a request repeated under its key gives the item of the first time', async () => {
    const input = { subtype: 'MODEL', metadata: MODEL, idempotencyKey: 'once' };
    const [first, again] = await Promise.all([
      steps.done('createItem', input),
      steps.done('createItem', input),
    ]);
    expect(again.id).toBe(first.id);
    expect(await steps.refused('createItem', { ...input, tags: ['other'] })).toEqual([
      'IDEMPOTENCY_CONFLICT input.idempotencyKey',
    ]);
  });

  test('edits need a reason, leave a history, and can be taken back', async () => {
    const { id: itemId } = await steps.aModel();
    expect(await steps.refused('editItem', { id: itemId, name: 'Other', reason: ' ' })).toEqual([
      'BAD_USER_INPUT input.reason',
    ]);
    await steps.done('editItem', { id: itemId, metadata: { ...MODEL, name: 'Second' }, reason: 'better' });
    const same = await steps.done('editItem', {
      id: itemId,
      metadata: { ...MODEL, name: 'Second' },
      reason: 'again',
    });
    expect(same.revision).toBe(2);
    expect(
      await steps.refused('editItem', { id: itemId, expectedRevision: 1, name: 'Late', reason: 'r' }),
    ).toEqual(['CONFLICT input.expectedRevision']);
    expect(await steps.refused('revertItem', { id: itemId, revision: 9, reason: 'r' })).toEqual([
      'NOT_FOUND input.revision',
    ]);
    const item = await steps.done(
      'revertItem',
      { id: itemId, revision: 1, reason: 'worse' },
      ADA,
      `id name revision ${HISTORY}`,
    );
    expect(item).toMatchObject({ name: 'Reef growth', revision: 3 });
    expect((item['history'] as History).edges.map(({ node }) => node)).toMatchObject([
      { revision: 3, action: 'REVERTED', reason: 'worse', revertsTo: 1, name: 'Reef growth' },
      { revision: 2, action: 'EDITED', reason: 'better', name: 'Second', user: { id: ADA.id } },
      { revision: 1, action: 'CREATED', reason: null, metadata: MODEL },
    ]);
  });

  test('edits at the same time come one after the other', async () => {
    const { id: itemId } = await steps.aModel();
    await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        steps.done('editItem', { id: itemId, name: `name ${n}`, reason: 'r' }),
      ),
    );
    expect((await steps.item(itemId))?.revision).toBe(11);
  });

  test('metadata names only items that are there, of the right type, complete, and for the caller to see', async () => {
    const model = await steps.aModel();
    const template = (modelId: string) => ({
      subtype: 'MODEL_RUN_WORKFLOW_TEMPLATE',
      metadata: {
        name: 'T',
        modelId,
        inputTemplates: [],
        outputTemplates: [],
        annotations: { required: [], optional: [] },
      },
    });
    const made = await steps.done('createItem', template(model.pid));
    expect(made.recordType).toBe('COMPLETE');
    const refusedFor = async (modelId: string): Promise<string[]> =>
      steps.refused('createItem', template(modelId));
    const WRONG = ['ITEM_REFERENCE_INVALID input.metadata.modelId'];
    expect(await refusedFor('ark:99999/w1nothing')).toEqual(WRONG);
    expect(await refusedFor(made.id)).toEqual(WRONG);
    expect(await refusedFor((await steps.done('createItem', { subtype: 'MODEL' })).id)).toEqual(WRONG);
    expect(await refusedFor((await steps.aModel({}, aMember('bob', 'OWNER', [RIVAL]))).id)).toEqual(WRONG);
  });

  test('the registry itself writes activities of creation and versions', async () => {
    expect(
      await steps.refused('createItem', { subtype: 'CREATE', metadata: { createdItemId: id('x') } }),
    ).toEqual(['BAD_USER_INPUT input.subtype']);
  });

  test('versions: only of the latest, with a reason, linked, with the content of the one before', async () => {
    const first = await steps.aModel();
    const second = await steps.done(
      'createItemVersion',
      { id: first.id, reason: 'new physics' },
      ADA,
      'id pid version versionReason metadata revision previousVersion { id } nextVersion { id } latestVersion { id }',
    );
    expect(second).toMatchObject({
      ...{ version: 2, versionReason: 'new physics', metadata: MODEL, revision: 1 },
      ...{ previousVersion: { id: first.id }, nextVersion: null, latestVersion: { id: second.id } },
    });
    expect(second.pid).not.toBe(first.pid);
    expect(await steps.refused('createItemVersion', { id: first.id, reason: 'branch' })).toEqual([
      'ITEM_NOT_LATEST input.id',
    ]);
    expect(await steps.refused('createItemVersion', { id: second.id, reason: '' })).toEqual([
      'BAD_USER_INPUT input.reason',
    ]);
    const racers = await Promise.all(
      Array.from({ length: 5 }, () => steps.change('createItemVersion', { id: second.id, reason: 'race' })),
    );
    expect(racers.filter(({ item }) => item !== null)).toHaveLength(1);
    const shown = await steps.item(first.id, 'nextVersion { id } versions { edges { node { id version } } }');
    expect(shown).toMatchObject({ nextVersion: { id: second.id } });
    expect(
      (shown as unknown as { versions: { edges: { node: { version: number } }[] } }).versions.edges.map(
        ({ node }) => node.version,
      ),
    ).toEqual([3, 2, 1]);
  });

  test('an alias points to one version and moves', async () => {
    const first = await steps.aModel();
    const second = await steps.done('createItemVersion', { id: first.id, reason: 'more' });
    const pointed = async (): Promise<unknown> =>
      (await steps.item(first.id, 'alias(name: "prod") { id }'))?.['alias'];
    await steps.done('moveItemAlias', { id: first.id, alias: '@prod' });
    expect(await pointed()).toEqual({ id: first.id });
    await steps.done('moveItemAlias', { id: second.id, alias: 'prod' });
    expect(await pointed()).toEqual({ id: second.id });
    expect((await steps.item(first.id, 'alias(name: "@latest") { id }'))?.['alias']).toEqual({
      id: second.id,
    });
    expect(await steps.refused('moveItemAlias', { id: first.id, alias: 'Latest!' })).toEqual([
      'BAD_USER_INPUT input.alias',
    ]);
    await steps.done('removeItemAlias', { id: first.id, alias: 'prod' });
    expect(await pointed()).toBeNull();
    expect(await steps.refused('removeItemAlias', { id: first.id, alias: 'prod' })).toEqual([
      'NOT_FOUND input.alias',
    ]);
  });

  test('a clone has the same content and is linked with nothing', async () => {
    const first = await steps.aModel();
    const clone = await steps.done(
      'cloneItem',
      { id: first.id, name: 'Copy' },
      ADA,
      'id name version previousVersion { id } metadata',
    );
    expect(clone).toMatchObject({ name: 'Copy', version: 1, previousVersion: null, metadata: MODEL });
    expect(clone.id).not.toBe(first.id);
  });

  test('what is locked nobody edits, and the lock tells why', async () => {
    const { id: itemId } = await steps.aModel();
    await steps.done('lockItem', { id: itemId, reason: 'under review' });
    await steps.done('lockItem', { id: itemId, reason: 'again' });
    expect(await steps.refused('editItem', { id: itemId, name: 'x', reason: 'r' })).toEqual([
      'ITEM_LOCKED input.id',
    ]);
    expect(await steps.refused('withdrawItem', { id: itemId, reason: 'r' })).toEqual([
      'ITEM_LOCKED input.id',
    ]);
    const item = await steps.done(
      'unlockItem',
      { id: itemId, reason: 'reviewed' },
      ADA,
      'id locked lockHistory { edges { node { locked reason } } }',
    );
    expect(item).toMatchObject({
      locked: false,
      lockHistory: {
        edges: [
          { node: { locked: false, reason: 'reviewed' } },
          { node: { locked: true, reason: 'under review' } },
        ],
      },
    });
    await steps.done('editItem', { id: itemId, name: 'x', reason: 'r' });
  });

  test('what was withdrawn stays as a tombstone', async () => {
    const { id: itemId, pid } = await steps.aModel();
    await steps.done('withdrawItem', { id: itemId, reason: 'wrong data' });
    expect(await steps.item(pid, 'name metadata withdrawn { reason user { id } }')).toMatchObject({
      metadata: MODEL,
      withdrawn: { reason: 'wrong data', user: { id: ADA.id } },
    });
    for (const [mutation, input] of [
      ['editItem', { name: 'x', reason: 'r' }],
      ['createItemVersion', { reason: 'r' }],
      ['setItemAccess', { grants: [] }],
      ['lockItem', { reason: 'r' }],
    ] as const)
      expect(await steps.refused(mutation, { id: itemId, ...input })).toEqual(['ITEM_WITHDRAWN input.id']);
  });

  test('lists go by how far items are, and by their tags', async () => {
    const owner = aMember('lister', 'OWNER', [id('organization lists')]);
    const make = (input: object) => steps.done('createItem', { subtype: 'MODEL', ...input }, owner);
    const seed = await make({ tags: ['blue'] });
    const whole = await make({ metadata: MODEL, tags: [' red', 'blue', 'red ', 'red'] });
    expect(await steps.item(whole.id, 'tags', owner)).toEqual({ tags: ['red', 'blue'] });
    const listed = async (filter: object): Promise<string[]> => {
      const { items } = await steps.ask.data<{ items: { edges: { node: { id: string } }[] } }>(
        'query ($filter: ItemFilter) { items(filter: $filter) { edges { node { id } } } }',
        { filter },
        owner,
      );
      return items.edges.map(({ node }) => node.id);
    };
    for (const scope of [{}, { organizationId: id('organization lists') }]) {
      expect(await listed({ ...scope, recordType: 'SEED' })).toEqual([seed.id]);
      expect(await listed({ ...scope, tag: 'red' })).toEqual([whole.id]);
      expect(await listed({ ...scope, tag: 'blue', subtype: 'MODEL' })).toEqual([whole.id, seed.id]);
      expect(await listed({ ...scope, tag: 'blue', text: 'reef' })).toEqual([whole.id]);
    }
  });

  test('the types are told with their schemas, and metadata can be tried', async () => {
    const { itemTypes, itemType } = await steps.ask.data<{
      itemTypes: { subtype: string }[];
      itemType: { currentSchema: { version: number; jsonSchema: { title: string } }; versionable: boolean };
    }>(
      `{ itemTypes { subtype } itemType(subtype: MODEL) { versionable currentSchema { version jsonSchema uiSchema } } }`,
      {},
      ADA,
    );
    expect(itemTypes).toHaveLength(10);
    expect(itemType).toMatchObject({
      versionable: true,
      currentSchema: { version: 1, jsonSchema: { title: 'Model' } },
    });
    const tried = await steps.ask.data<{ checkItemMetadata: { valid: boolean; userErrors: unknown[] } }>(
      'query ($input: CheckItemMetadataInput!) { checkItemMetadata(input: $input) { valid userErrors { path } } }',
      { input: { subtype: 'MODEL', metadata: { name: 'x' } } },
      ADA,
    );
    expect(tried.checkItemMetadata).toMatchObject({ valid: false });
  });
});
