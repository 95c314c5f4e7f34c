import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { id } from '../testing/finished-jobs.js';
import { aMember, itemSteps, MODEL, type ItemSteps } from '../testing/item-steps.js';
import { aDatasetOf } from '../testing/sample-metadata.js';

const HOME = id('organization search');
const EVE = aMember('eve', 'OWNER', [HOME]);
const STRANGER = aMember('bob', 'OWNER', [id('organization other')]);

describe('search of items', () => {
  let database: Database;
  let steps: ItemSteps;
  beforeAll(async () => {
    database = await testDatabase(registryDatabase);
    steps = await itemSteps(database);
    const { id: organisation } = await steps.done(
      'createItem',
      { subtype: 'ORGANISATION', metadata: { name: 'Weather Bureau' } },
      EVE,
    );
    const dataset = (name: string, info: object, tags: string[] = []) => {
      const metadata = aDatasetOf(organisation);
      const datasetInfo = { ...(metadata['datasetInfo'] as object), name, ...info };
      return steps.done(
        'createItem',
        { subtype: 'DATASET', metadata: { ...metadata, datasetInfo }, tags },
        EVE,
      );
    };
    await dataset('Rainfall measured', { description: 'From gauges.', keywords: ['monsoon'] }, [
      "o'clock \\",
    ]);
    await dataset('Rainfall computed', {
      description: 'Simulations of ten years.',
      rightsHolder: 'The Institutes of Weather',
    });
    await steps.done('createItem', { subtype: 'MODEL', tags: ['rainfall seed'] }, EVE);
    await steps.aModel({ name: 'Rainfall for all', description: 'It is what it is.' }, STRANGER);
  });
  afterAll(() => database.close());

  const found = async (text: string, filter: object = {}, actor = EVE): Promise<string[]> => {
    const { searchItems, items } = await steps.ask.data<
      Record<'searchItems' | 'items', { edges: { node: { name: string } }[] }>
    >(
      `query ($text: String!, $search: ItemSearchFilter, $list: ItemFilter) {
        searchItems(text: $text, filter: $search) { edges { node { name } } }
        items(filter: $list) { edges { node { name } } }
      }`,
      { text, search: filter, list: { ...filter, text } },
      actor,
    );
    const names = ({ edges }: typeof items): string[] => edges.map(({ node }) => node.name).sort();
    const listed = names(items);
    // Names that are only similar are no hits: no list has them.
    if (listed.length > 0) expect(names(searchItems)).toEqual(listed);
    return names(searchItems);
  };
  const [MEASURED, COMPUTED] = ['Rainfall measured', 'Rainfall computed'];

  test.each([
    ['a word of the name', 'rainfall', [COMPUTED, MEASURED, 'new model']],
    [
      'an excluded word of the description, in whatever form',
      'rainfall -simulations',
      [MEASURED, 'new model'],
    ],
    ['the same, in the other form', 'rainfall -simulation', [MEASURED, 'new model']],
    ['an excluded keyword', 'rainfall -monsoons -seed', [COMPUTED]],
    ['an excluded word of all else', 'rainfall -institute -seeds', [MEASURED]],
    ['words of different fields, bent', 'institutes simulation', [COMPUTED]],
    ['words of different fields, as they are', 'Institutes Simulations', [COMPUTED]],
    ['words that say little', 'of the', [COMPUTED]],
    ['an excluded word that says little', 'rainfall -of -seed', [MEASURED]],
    ['words together', '"simulations of ten"', [COMPUTED]],
    ['words together, bent', '"simulation of ten year"', [COMPUTED]],
    ['words apart that were asked together', '"simulations ten"', []],
    ['either word', 'monsoon or simulations', [COMPUTED, MEASURED]],
  ])('finds %s', async (_, text, names) => {
    expect(await found(text)).toEqual(names);
  });

  test('tags and how far items are narrow it, whatever is in a tag', async () => {
    expect(await found('rainfall', { recordType: 'SEED' })).toEqual(['new model']);
    expect(await found('rainfall', { recordType: 'COMPLETE' })).toEqual([COMPUTED, MEASURED]);
    expect(await found('rainfall', { tag: "o'clock \\" })).toEqual([MEASURED]);
    expect(await found('rainfall', { tag: 'rainfall seed' })).toEqual(['new model']);
    expect(await found('rainfall', { tag: 'seed' })).toEqual([]);
    expect(await found('rainfall', { tag: "' | '#rainfall seed" })).toEqual([]);
  });

  test('a name that is begun or mistyped is found where nothing else is, by who may read it', async () => {
    expect(await found('ranfall')).toEqual([COMPUTED, MEASURED]);
    expect(await found('comput')).toEqual([COMPUTED]);
    expect(await found('ranfall meazured')).toEqual([MEASURED]);
    expect(await found('ranfall', { tag: "o'clock \\" })).toEqual([MEASURED]);
    expect(await found('ranfall', {}, STRANGER)).toEqual(['Rainfall for all']);
    expect(await found('ranfall -measured')).toEqual([]);
    expect(await found('nothing like that')).toEqual([]);
  });

  test('an edit is found by its new words and tags, and no longer by the old', async () => {
    const item = await steps.aModel({ name: 'Tides' }, EVE);
    const metadata = { ...MODEL, name: 'Currents', description: 'In the bay.' };
    await steps.done('editItem', { id: item.id, metadata, tags: ['bay'], reason: 'better' }, EVE);
    expect(await found('currents -tides', { tag: 'bay', recordType: 'COMPLETE' })).toEqual(['Currents']);
    expect(await found('tides')).toEqual([]);
    expect(await found(item.pid.replace(/^.*\//, ''))).toEqual(['Currents']);
  });
});
