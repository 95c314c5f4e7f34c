import type { Database } from '@weft/database';
import type { Actor } from '@weft/identity';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { RIVAL } from '../testing/finished-jobs.js';
import { ADA, aMember, type Refused, type ShownItem } from '../testing/item-steps.js';
import { aLaboratory, datasetOf, type Laboratory } from '../testing/model-run-steps.js';

interface Entry {
  readonly action: string;
  readonly recordId: string | null;
  readonly nodeId: string | null;
  readonly statement: { fromId: string; toId: string; relation: string; role: string | null } | null;
}

interface ChangedAnswer {
  readonly item: ShownItem | null;
  readonly diff: Entry[] | null;
  readonly job: { id: string } | null;
  readonly userErrors: Refused[];
}

describe('runs that are changed', () => {
  let database: Database;
  let lab: Laboratory;
  beforeAll(async () => {
    database = await testDatabase(registryDatabase);
    lab = await aLaboratory(database);
    await lab.runJobs();
  });
  afterAll(() => database.close());

  const change = async (mutation: string, input: object, actor: Actor = ADA): Promise<ChangedAnswer> => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const answer = await lab.ask.data<Record<string, ChangedAnswer>>(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) {
        item { id revision metadata modelRun { recordStatus lodgedRevision } withdrawn { reason } }
        diff { action recordId nodeId statement { fromId toId relation role } } job { id } userErrors { code message path }
      } }`,
      { input },
      actor,
    );
    return answer[mutation] as ChangedAnswer;
  };
  const refused = async (mutation: string, input: object, actor?: Actor): Promise<string[]> => {
    const { item, userErrors } = await change(mutation, input, actor);
    expect(item).toBeNull();
    return userErrors.map(({ code, path }) => `${code} ${path.join('.')}`);
  };
  /** What the graph holds: nodes and statements, and who asserts them. */
  const held = async (): Promise<Set<string>> => {
    const rows = await database.query<{ said: string }>(
      `select 'NODE  ' || public_id as said from node
       union all select 'EDGE  ' || concat_ws(' ', s.public_id, e.relation, d.public_id, e.role)
         from edge e join node s on s.id = e.src join node d on d.id = e.dst
       union all select concat_ws(' ', 'RECORD_TO_NODE', r.public_id, n.public_id)
         from record_node h join record r on r.id = h.record join node n on n.id = h.node
       union all select concat_ws(' ', 'RECORD_TO_EDGE', r.public_id, s.public_id, h.relation, d.public_id, h.role)
         from record_edge h join record r on r.id = h.record join node s on s.id = h.src join node d on d.id = h.dst`,
    );
    return new Set(rows.map(({ said }) => said));
  };
  const said = ({ action, recordId, nodeId, statement }: Entry): string => {
    const what =
      statement === null
        ? nodeId
        : `${statement.fromId} ${statement.relation} ${statement.toId} ${statement.role ?? ''}`;
    const kind = action.replace(/^(ADD|REMOVE)_/, '').replace('_FROM_', '_TO_');
    return `${kind} ${recordId ?? ''} ${what}`;
  };
  /** The graph changes by just what was said. */
  const comesTrue = async (diff: readonly Entry[] | null, work: () => Promise<unknown>): Promise<void> => {
    const before = await held();
    await work();
    for (const entry of diff ?? [])
      if (entry.action.startsWith('REMOVE')) expect(before.delete(said(entry))).toBe(true);
    for (const entry of diff ?? []) if (entry.action.startsWith('ADD')) before.add(said(entry));
    expect([...(await held())].sort()).toEqual([...before].sort());
  };
  const lodged = async (
    changes: Record<string, unknown> = {},
  ): Promise<{ record: Record<string, unknown>; item: ShownItem }> => {
    const record = await lab.aRecord(changes);
    const { item, userErrors } = await lab.register(record);
    if (item === null) throw new Error(JSON.stringify(userErrors));
    await lab.runJobs();
    return { record, item };
  };

  test('an update is tried first, then done as it was told, by a job, once', async () => {
    await lodged();
    const { record, item } = await lodged();
    const other = await lab.aDataset('other output');
    const changed = {
      ...record,
      outputs: [{ datasetTemplateId: lab.reefs.id, datasetId: other.id }],
      associations: { modellerId: lab.person.id },
      endTime: '2026-04-01T00:00:00Z',
    };
    await lab.runJobs();
    const unchanged = await held();
    const trial = await change('updateModelRun', { id: item.id, record: changed, trial: true });
    expect(trial.userErrors).toEqual([]);
    expect(await held()).toEqual(unchanged);
    expect(trial.item?.revision).toBe(1);
    const kinds = new Set(trial.diff?.map(({ action }) => action));
    // The delegation stands by the other run.
    expect(trial.diff?.filter(({ statement }) => statement?.relation === 'ACTED_ON_BEHALF_OF')).toMatchObject(
      [{ action: 'REMOVE_RECORD_FROM_EDGE' }],
    );
    expect([...kinds].sort()).toEqual([
      ...['ADD_EDGE', 'ADD_NODE', 'ADD_RECORD_TO_EDGE', 'ADD_RECORD_TO_NODE'],
      ...['REMOVE_EDGE', 'REMOVE_NODE', 'REMOVE_RECORD_FROM_EDGE', 'REMOVE_RECORD_FROM_NODE'],
    ]);
    const done = await change('updateModelRun', { id: item.id, record: changed, reason: 'wrong output' });
    expect(done.diff).toEqual(trial.diff);
    expect(done.item).toMatchObject({
      revision: 2,
      modelRun: { recordStatus: 'COMPLETE', lodgedRevision: 1 },
    });
    expect(await held()).toEqual(unchanged);
    await comesTrue(trial.diff, lab.runJobs);
    expect(
      await lab.item(item.id, 'modelRun { recordStatus lodgedRevision } workflow { kind }'),
    ).toMatchObject({
      modelRun: { recordStatus: 'LODGED', lodgedRevision: 2 },
      workflow: { kind: 'MODEL_RUN_UPDATE' },
    });
    // The first output is again what its registration made it.
    const first = await lab.item(datasetOf(item, 'outputs'));
    expect(await lab.statements(first?.name ?? '')).toContain(
      `${first?.name} WAS_GENERATED_BY/ Creation of ${first?.name}`,
    );
    expect(await lab.violations()).toEqual([]);
    // And may be made by another run.
    await lodged({ outputs: record['outputs'] });
    const same = await change('updateModelRun', { id: item.id, record: changed, reason: 'again' });
    expect(same).toMatchObject({ diff: [], item: { revision: 2 } });
  });

  test('updates in a row, whose jobs come late, end as the last one says', async () => {
    const { record, item } = await lodged();
    const { studyId, ...unlinked } = record;
    for (const [name, said] of [
      ['second', { ...unlinked, studyId }],
      ['third', unlinked],
    ] as const)
      await change('updateModelRun', {
        ...{ id: item.id, reason: name },
        record: { ...said, displayName: name },
      });
    await lab.runJobs();
    expect(await lab.statements('third')).toHaveLength(6);
    expect((await lab.item(item.id, 'modelRun { lodgedRevision }'))?.['modelRun']).toEqual({
      lodgedRevision: 3,
    });
  });

  test('an update is judged as a new run is, but may go on naming what was withdrawn', async () => {
    const { record, item } = await lodged();
    await lab.done('withdrawItem', { id: datasetOf(item, 'inputs'), reason: 'wrong' });
    const gone = await lab.aDataset();
    await lab.done('withdrawItem', { id: gone.id, reason: 'wrong' });
    const { item: other } = await lodged();
    const id = item.id;
    expect(
      await refused('updateModelRun', {
        ...{ id, reason: '' },
        record: {
          ...record,
          inputs: [{ datasetTemplateId: lab.wind.id, datasetId: gone.id }],
          outputs: [{ datasetTemplateId: lab.reefs.id, datasetId: datasetOf(other, 'outputs') }],
        },
      }),
    ).toEqual([
      'BAD_USER_INPUT input.reason',
      'ITEM_REFERENCE_INVALID input.record.inputs.0.datasetId',
      'MODEL_RUN_INVALID input.record.inputs.0.resources',
      'MODEL_RUN_INVALID input.record.outputs.0.datasetId',
    ]);
    const fine = { ...record, description: 'Better said.' };
    expect(await refused('updateModelRun', { id, record: fine, reason: ' ' })).toEqual([
      'BAD_USER_INPUT input.reason',
    ]);
    expect(await refused('updateModelRun', { id, record: fine, reason: 'r', expectedRevision: 7 })).toEqual([
      'CONFLICT input.expectedRevision',
    ]);
    expect(
      await refused('updateModelRun', { id, record: fine, reason: 'r' }, aMember('eve', 'VIEWER')),
    ).toEqual(['FORBIDDEN input.id']);
    expect(await refused('updateModelRun', { id: lab.model.id, record: fine, reason: 'r' })).toEqual([
      'BAD_USER_INPUT input.id',
    ]);
    expect((await change('updateModelRun', { id, record: fine, reason: 'r' })).item?.revision).toBe(2);
    const { metadata } = (await lab.item(other.id)) as ShownItem;
    const twin = { ...metadata };
    expect(await refused('updateModelRun', { id, record: twin, trial: true })).toEqual([
      'MODEL_RUN_DUPLICATE input.record',
    ]);
  });

  test('a deleted run leaves a tombstone and no statement; what others say survives', async () => {
    const { item: neighbour } = await lodged();
    const { record, item } = await lodged();
    const id = item.id;
    expect(await refused('deleteModelRun', { id, reason: 'r' }, aMember('bob'))).toEqual([
      'FORBIDDEN input.id',
    ]);
    const before = await lab.statements(neighbour.name);
    const trial = await change('deleteModelRun', { id, trial: true });
    expect(trial.item?.['withdrawn']).toBeNull();
    const done = await change('deleteModelRun', { id, reason: 'never ran' });
    expect(done.diff).toEqual(trial.diff);
    expect(done.item).toMatchObject({ withdrawn: { reason: 'never ran' } });
    await comesTrue(trial.diff, lab.runJobs);
    expect(await lab.item(id, 'modelRun { recordStatus lodgedRevision }')).toMatchObject({
      modelRun: { recordStatus: 'REMOVED', lodgedRevision: null },
    });
    expect(await lab.statements(item.name)).toEqual([]);
    expect(await lab.statements(neighbour.name)).toEqual(before);
    expect(await lab.violations()).toEqual([]);
    expect(await change('deleteModelRun', { id, reason: 'again' })).toMatchObject({
      diff: [],
      userErrors: [],
    });
    expect(await refused('updateModelRun', { id, record, reason: 'r' })).toEqual(['ITEM_WITHDRAWN input.id']);
    // It may be registered anew.
    expect((await lab.register(record)).userErrors).toEqual([]);
  });

  test('a run that is deleted before its first job says nothing ever', async () => {
    const { item } = await lab.register(await lab.aRecord({ displayName: 'short-lived' }));
    await change('deleteModelRun', { id: item?.id, reason: 'too early' });
    await lab.runJobs();
    expect(await lab.statements('short-lived')).toEqual([]);
    expect(await lab.violations()).toEqual([]);
  });

  test('a run is put into a study and taken out of it', async () => {
    const { item } = await lodged({ studyId: undefined, displayName: 'unlinked' });
    const id = item.id;
    const seed = await lab.done('createItem', { subtype: 'STUDY' });
    expect(await refused('linkModelRunToStudy', { id, studyId: seed.id, reason: 'r' })).toEqual([
      'ITEM_REFERENCE_INVALID input.studyId',
    ]);
    const linked = await change('linkModelRunToStudy', { id, studyId: lab.study.pid, reason: 'belongs' });
    expect(linked.diff?.map(({ action }) => action)).toEqual([
      ...['ADD_EDGE', 'ADD_RECORD_TO_EDGE', 'ADD_RECORD_TO_NODE'],
    ]);
    await comesTrue(linked.diff, lab.runJobs);
    expect(await lab.statements('unlinked')).toContain('unlinked WAS_INFORMED_BY/ Warming');
    const other = await lab.done('createItem', {
      subtype: 'STUDY',
      metadata: { title: 'Other', description: 'Another.' },
    });
    expect(await refused('linkModelRunToStudy', { id, studyId: other.id, reason: 'r' })).toEqual([
      'CONFLICT input.id',
    ]);
    const again = await change('linkModelRunToStudy', { id, studyId: lab.study.id, reason: 'again' });
    expect(again).toMatchObject({ diff: [], item: { revision: 2 } });
    const unlinked = await change('unlinkModelRunFromStudy', { id, reason: 'does not' });
    await comesTrue(unlinked.diff, lab.runJobs);
    expect(unlinked.item?.metadata).not.toHaveProperty('studyId');
    expect(await refused('unlinkModelRunFromStudy', { id, reason: 'r' })).toEqual(['CONFLICT input.id']);
  });

  test('the impact of a change: what came of it and which runs used that; what is hidden is a part without a size', async () => {
    const first = await lodged({ displayName: 'source' });
    const made = datasetOf(first.item, 'outputs');
    const second = await lodged({
      displayName: 'user of it',
      inputs: [{ datasetTemplateId: lab.wind.id, datasetId: made, resources: { file: 'a' } }],
    });
    const impact = async (id: string, actor: Actor = ADA, field = 'modelRunImpact'): Promise<unknown> => {
      const answer = await lab.ask.data<Record<string, unknown>>(
        `query ($id: ID!) { ${field}(id: $id) { item { id } dependents { counts { total hiddenParts } }
          modelRuns { counts { total } edges { hop node { name } } } } }`,
        { id },
        actor,
      );
      return answer[field];
    };
    expect(await impact(first.item.pid)).toEqual({
      item: { id: first.item.id },
      dependents: { counts: { total: 3, hiddenParts: 0 } },
      modelRuns: { counts: { total: 1 }, edges: [{ hop: 2, node: { name: 'user of it' } }] },
    });
    expect(await impact(made, ADA, 'itemImpact')).toMatchObject({ modelRuns: { counts: { total: 1 } } });
    expect(await impact(made)).toBeNull();
    expect(await impact(first.item.id, aMember('mallory', 'OWNER', [RIVAL]))).toBeNull();
    await lab.done('setItemAccess', { id: second.item.id, grants: [] });
    expect(await impact(first.item.id, aMember('bob'))).toMatchObject({
      dependents: { counts: { hiddenParts: 1 } },
      modelRuns: { counts: { total: 0 }, edges: [] },
    });
  });

  test('the record of a dataset is read by whoever may read the dataset', async () => {
    const { item } = await lodged();
    const made = (await lab.item(datasetOf(item, 'outputs'))) as ShownItem;
    await lab.done('setItemAccess', { id: made.id, grants: [] });
    const readers = await database.query<{ readers: string[] }>(
      'select readers from node where name in ($1, $2)',
      [`${made.pid}/record`, made.name],
    );
    expect(readers).toHaveLength(2);
    expect(readers[0]).toEqual(readers[1]);
  });
});
