import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { ADA, aMember, type Refused, type ShownItem } from '../testing/item-steps.js';
import { aLaboratory, datasetOf, type Laboratory } from '../testing/model-run-steps.js';

interface ChangedAnswer {
  readonly item: ShownItem | null;
  readonly diff: readonly { readonly action: string }[] | null;
  readonly userErrors: readonly Refused[];
}

describe('tags and earlier revisions of runs', () => {
  let database: Database;
  let lab: Laboratory;
  beforeAll(async () => {
    database = await testDatabase(registryDatabase);
    lab = await aLaboratory(database);
    await lab.runJobs();
  });
  afterAll(() => database.close());

  const SHOWN = 'id name revision tags metadata modelRun { recordStatus lodgedRevision }';
  const change = async (mutation: 'updateModelRun' | 'revertModelRun', input: object, actor = ADA) => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const answer = await lab.ask.data<Record<string, ChangedAnswer>>(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { item { ${SHOWN} } diff { action } userErrors { code message path } } }`,
      { input },
      actor,
    );
    return answer[mutation] as ChangedAnswer;
  };
  const lodged = async (): Promise<{ record: Record<string, unknown>; item: ShownItem }> => {
    const record = await lab.aRecord();
    const { item, userErrors } = await lab.register(record);
    if (item === null) throw new Error(JSON.stringify(userErrors));
    await lab.runJobs();
    return { record, item };
  };
  const tag = (id: string, ...tags: string[]) =>
    lab.done('editItem', { id, tags, reason: 'sorted' }, ADA, SHOWN);

  test('a run gets tags; the graph says of it what it said', async () => {
    const { record, item } = await lodged();
    await lab.done('withdrawItem', { id: datasetOf(item, 'inputs'), reason: 'wrong' });
    expect(await tag(item.id, 'reef')).toMatchObject({
      ...{ tags: ['reef'], revision: 2, metadata: item.metadata },
      modelRun: { recordStatus: 'LODGED', lodgedRevision: 2 },
    });
    const found = await lab.ask.data<{ items: { edges: { node: { id: string } }[] } }>(
      `{ items(filter: { tag: "reef" }) { edges { node { id } } } }`,
      {},
      ADA,
    );
    expect(found.items.edges.map(({ node }) => node.id)).toEqual([item.id]);
    // What is still to be lodged stays so, and an update keeps the tags.
    await change('updateModelRun', {
      id: item.id,
      reason: 'r',
      record: { ...record, displayName: 'renamed' },
    });
    expect(await tag(item.id, 'reef', 'old')).toMatchObject({
      modelRun: { recordStatus: 'COMPLETE', lodgedRevision: 2 },
    });
    await lab.runJobs();
    expect(await lab.item(item.id, SHOWN)).toMatchObject({
      ...{ name: 'renamed', tags: ['reef', 'old'] },
      modelRun: { recordStatus: 'LODGED', lodgedRevision: 4 },
    });
    const eve = aMember('eve', 'VIEWER');
    expect(await lab.refused('editItem', { id: item.id, tags: [], reason: 'r' }, eve)).toEqual([
      'FORBIDDEN input.id',
    ]);
  });

  test('what a run said comes back as an update to it', async () => {
    const { record, item } = await lodged();
    await tag(item.id, 'first');
    const other = await lab.aDataset();
    const changed = {
      ...{ ...record, displayName: 'changed' },
      outputs: [{ datasetTemplateId: lab.reefs.id, datasetId: other.id }],
    };
    await change('updateModelRun', { id: item.id, reason: 'r', record: changed });
    await lab.runJobs();
    await tag(item.id, 'second');
    // It named it then.
    await lab.done('withdrawItem', { id: datasetOf(item, 'inputs'), reason: 'wrong' });
    const before = await lab.statements(item.name, 'changed');

    const trial = await change('revertModelRun', { id: item.id, revision: 2, trial: true });
    expect(trial).toMatchObject({ userErrors: [], item: { revision: 4, name: 'changed' } });
    const done = await change('revertModelRun', { id: item.id, revision: 2, reason: 'it was right' });
    expect(done.diff).toEqual(trial.diff);
    expect(done.diff?.map(({ action }) => action)).toContain('REMOVE_EDGE');
    expect(done.item).toMatchObject({
      revision: 5,
      name: item.name,
      tags: ['first'],
      metadata: item.metadata,
    });
    const { history } = (await lab.item(
      item.id,
      'history(first: 1) { edges { node { action revertsTo reason } } }',
    )) as unknown as { history: { edges: { node: object }[] } };
    expect(history.edges[0]?.node).toEqual({ action: 'REVERTED', revertsTo: 2, reason: 'it was right' });
    await lab.runJobs();
    expect(await lab.statements(item.name, 'changed')).not.toEqual(before);
    expect(await lab.statements('changed')).toEqual([]);
    expect(await lab.item(item.id, SHOWN)).toMatchObject({
      modelRun: { recordStatus: 'LODGED', lodgedRevision: 5 },
    });
    expect(await lab.violations()).toEqual([]);
    expect((await change('revertModelRun', { id: item.id, revision: 5, reason: 'r' })).diff).toEqual([]);
  });

  test('an earlier record is judged by what is so today', async () => {
    const { record, item } = await lodged();
    const { item: taker } = await lodged();
    await change('updateModelRun', {
      ...{ id: item.id, reason: 'r' },
      record: {
        ...record,
        outputs: [{ datasetTemplateId: lab.reefs.id, datasetId: (await lab.aDataset()).id }],
      },
    });
    await lab.runJobs();
    await change('updateModelRun', {
      ...{ id: taker.id, reason: 'r' },
      record: { ...taker.metadata, outputs: record['outputs'] },
    });
    const refused = async (input: object, actor = ADA) =>
      (await change('revertModelRun', { id: item.id, reason: 'r', ...input }, actor)).userErrors.map(
        ({ code, path }) => `${code} ${path.join('.')}`,
      );
    expect(await refused({ revision: 1, reason: '' })).toEqual([
      'BAD_USER_INPUT input.reason',
      'MODEL_RUN_INVALID input.revision.outputs.0.datasetId',
    ]);
    expect(await refused({ revision: 9 })).toEqual(['NOT_FOUND input.revision']);
    expect(await refused({ revision: 1, expectedRevision: 1 })).toEqual(['CONFLICT input.expectedRevision']);
    expect(await refused({ revision: 1 }, aMember('eve', 'VIEWER'))).toEqual(['FORBIDDEN input.id']);
  });
});
