import type { RegistryJob } from '@weft/contracts';
import { newId, type Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { readCsv, writeCsv } from '../domain/csv.js';
import { bulkSteps, type BulkSteps } from '../testing/bulk-steps.js';
import { ADA, aMember } from '../testing/item-steps.js';
import { aLaboratory, type Laboratory } from '../testing/model-run-steps.js';

const BOB = aMember('bob');
const EVE = aMember('eve', 'VIEWER');

describe('rows of many runs', () => {
  let database: Database;
  let lab: Laboratory;
  let bulk: BulkSteps;
  beforeAll(async () => {
    database = await testDatabase(registryDatabase);
    lab = await aLaboratory(database);
    await lab.runJobs();
    bulk = await bulkSteps(database, lab);
  });
  beforeEach(() => database.query('delete from outbox'));
  afterAll(() => database.close());

  const asked = async (input: object, actor = ADA): Promise<string> => {
    const { modelRunBatch, userErrors } = await bulk.ask(input, actor);
    expect(userErrors).toEqual([]);
    return modelRunBatch?.id ?? '';
  };
  const sheet = (...rows: readonly (readonly string[])[]): string => writeCsv([bulk.header, ...rows]);
  const cellsOf = async (id: string, row: number, ...names: string[]): Promise<(string | undefined)[]> => {
    const cells = readCsv((await bulk.csvOf(id)) ?? '')[row - 1] ?? [];
    return names.map((name) => cells[bulk.cell(name)]);
  };

  test('are read with their runs; those without one by who asked and who maintains', async () => {
    const closed = await bulk.aRow('closed run');
    const id = await asked({ csv: sheet(closed, await bulk.aRow('refused', { study_id: lab.model.pid })) });
    await bulk.runAll();
    const [first] = await bulk.rows(id, EVE);
    expect(first).toMatchObject({ label: 'Row 2: closed run', isHidden: false });
    await lab.done('setItemAccess', { id: first?.modelRun?.id ?? '', grants: [] });

    const seen = async (actor = ADA) =>
      (await bulk.rows(id, actor)).map(({ label, isHidden, modelRun, errors }) => [
        ...[label, isHidden, modelRun !== null, errors.length],
      ]);
    expect(await seen(EVE)).toEqual([
      ['Row 2', true, false, 0],
      ['Row 3', true, false, 0],
    ]);
    expect(await seen(BOB)).toEqual([
      ['Row 2', true, false, 0],
      ['Row 3: refused', false, false, 1],
    ]);
    expect(await seen()).toEqual([
      ['Row 2: closed run', false, true, 0],
      ['Row 3: refused', false, false, 1],
    ]);
    for (const actor of [EVE, BOB]) {
      const csv = (await bulk.csvOf(id, actor)) ?? '';
      expect(csv).not.toContain('closed run');
      const row = readCsv(csv)[1] ?? [];
      expect(row.filter((text) => text !== '')).toEqual([first?.job?.id, 'REGISTERED']);
    }

    // Who says the same has written it himself, and learns no more of the other one.
    await database.query('delete from outbox');
    const again = await asked({ csv: sheet(closed) }, BOB);
    const [job] = await bulk.jobs();
    expect(await bulk.run(job as RegistryJob)).toEqual({ state: 'DUPLICATE' });
    expect(await bulk.run(job as RegistryJob)).toEqual({ state: 'DUPLICATE' });
    const shown = { state: 'DUPLICATE', modelRun: null };
    expect(await bulk.rows(again, BOB)).toMatchObject([{ ...shown, label: 'Row 2: closed run' }]);
    expect(await bulk.rows(again, aMember('carol'))).toMatchObject([{ ...shown, isHidden: true }]);
    expect(await bulk.rows(again, ADA)).toMatchObject([{ isHidden: false, modelRun: {} }]);
  });

  test('one that is wrong in whatever way costs the others of its group no try', async () => {
    const rows = [
      await bulk.aRow('fine'),
      await bulk.aRow('no time', { start_time: '2026-03-31T12:00:00+01' }),
      await bulk.aRow('no day', { end_time: '2026-02-30 12:00' }),
      await bulk.aRow('also fine'),
    ];
    const id = await asked({ csv: sheet(...rows) });
    const ends = await bulk.runAll();
    expect(ends).toEqual([
      'done',
      expect.stringMatching(/startTime: .*RFC 3339/),
      expect.stringMatching(/endTime: .*a day that exists/),
      'done',
    ]);
    expect(await bulk.states(id)).toEqual(['REGISTERED', 'FAILED', 'FAILED', 'REGISTERED']);

    await database.query('delete from outbox');
    const other = await asked({ csv: sheet(await bulk.aRow('here'), await bulk.aRow('poison')) });
    // Nobody foresaw this.
    const poisoned: Database = {
      ...database,
      transaction: (work) =>
        database.transaction((tx) =>
          work({
            ...tx,
            query: (statement, values) => {
              if (JSON.stringify(values ?? []).includes('poison')) throw new RangeError('Invalid time value');
              return tx.query(statement, values);
            },
          }),
        ),
    };
    expect(await bulk.runAll(createRegistryParts(poisoned))).toEqual([
      'done',
      'RangeError: Invalid time value',
    ]);
    expect(await bulk.states(other)).toEqual(['REGISTERED', 'PENDING']);
  });

  test('one whose job ended without it says why', async () => {
    const id = await asked({ csv: sheet(await bulk.aRow('slow'), await bulk.aRow('unlucky')) });
    const { hearRegistryJobs } = createRegistryParts(database);
    const news = (job: RegistryJob, errorCode: string | null) => ({
      ...{ messageId: newId(), correlationId: 'test' },
      job: { jobId: job.jobId, retryOf: null, state: 'FAILED' as const, errorCode },
    });
    const [slow, unlucky] = (await bulk.jobs()) as [RegistryJob, RegistryJob];
    await hearRegistryJobs('test', [news(slow, 'TIMEOUT'), news(unlucky, null)]);
    expect((await bulk.rows(id)).map(({ state, errors }) => [state, errors[0]?.code])).toEqual([
      ['FAILED', 'TIMEOUT'],
      ['FAILED', 'INTERNAL'],
    ]);
    expect(await cellsOf(id, 2, '_error')).toEqual([
      expect.stringMatching(/took longer than its time limit/),
    ]);
    // A later try takes it back.
    await bulk.run({ ...slow, jobId: newId() });
    expect(await cellsOf(id, 2, '_job_status', '_error')).toEqual(['REGISTERED', '']);
  });

  test('one with characters that cannot be stored is refused alone, by its number', async () => {
    const lone = '\ud83d';
    const id = await asked({
      csv: sheet(
        await bulk.aRow(`half ${lone}`),
        await bulk.aRow('whole 😀'),
        await bulk.aRow('nothing \0', { description: 'fine' }),
      ),
    });
    expect(await bulk.jobs()).toHaveLength(1);
    expect(await bulk.runAll()).toEqual(['done']);
    expect(
      (await bulk.rows(id)).map(({ row, state, job, errors }) => [row, state, job !== null, errors[0]?.code]),
    ).toEqual([
      [2, 'FAILED', false, 'CSV_MALFORMED'],
      [3, 'REGISTERED', true, undefined],
      [4, 'FAILED', false, 'CSV_MALFORMED'],
    ]);
    expect(await cellsOf(id, 4, 'display_name', '_job_status', '_error')).toEqual([
      ...['nothing \ufffd', 'FAILED', expect.stringMatching(/Column 2 holds/)],
    ]);
    const record = await lab.aRecord();
    const records = [record, { ...record, description: lone }, { ...record, annotations: { 'a\0': 'b' } }];
    const told = await bulk.rows(await asked({ records }));
    expect(told.map(({ row, errors }) => [row, errors[0]?.path.join('.')])).toEqual([
      [1, undefined],
      [2, 'record.description'],
      [3, 'record.annotations'],
    ]);
    const all = await bulk.ask({ records: records.slice(1) });
    expect(all.userErrors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Row 1: .*surrogate/),
      expect.stringMatching(/^Row 2: .*cannot be stored/),
    ]);
    expect(
      (
        await bulk.ask({
          csv: writeCsv([
            [...bulk.header, 'no\0te'],
            [...(await bulk.aRow('x')), ''],
          ]),
        })
      ).userErrors,
    ).toMatchObject([{ code: 'CSV_MALFORMED', path: ['input', 'csv'] }]);
  });

  test('one that failed is tried again when its sheet is given again, corrected or not', async () => {
    const id = await asked({
      csv: sheet(await bulk.aRow('well'), await bulk.aRow('ill', { 'annotation: scenario': '' })),
    });
    await bulk.runAll();
    const back = readCsv((await bulk.csvOf(id)) ?? '');
    (back[2] as string[])[bulk.cell('annotation: scenario')] = 'cold';
    await database.query('delete from outbox');
    const again = await asked({ csv: writeCsv(back) });
    expect(await bulk.states(again)).toEqual(['SKIPPED', 'PENDING']);
    expect(await bulk.runAll()).toEqual(['done']);
    expect(await bulk.states(again)).toEqual(['SKIPPED', 'REGISTERED']);
    expect(await cellsOf(again, 3, '_job_status', '_error')).toEqual(['REGISTERED', '']);
  });

  test('one may name several datasets for a slot, and annotations of its own', async () => {
    const row = await bulk.aRow('several');
    const more = await lab.aDataset();
    const [wind, file] = [bulk.cell('input: wind'), bulk.header.findIndex((text) => text.endsWith('/ file'))];
    row[wind] = `${row[wind]}; ${more.pid}`;
    row[file] = 'a.nc; b.nc';
    const id = await asked({
      csv: writeCsv([
        [...bulk.header, 'annotation: weather'],
        [...row, 'fine'],
      ]),
    });
    expect(await bulk.runAll()).toEqual(['done']);
    const [shown] = await bulk.rows(id);
    const { metadata } = (await lab.item(shown?.modelRun?.id ?? '')) ?? {};
    expect(metadata).toMatchObject({
      inputs: [{ resources: { file: 'a.nc' } }, { datasetId: more.id, resources: { file: 'b.nc' } }],
      annotations: { scenario: '=warm', weather: 'fine' },
    });
  });

  test('a template from before that names one slot by id and by pid has one column for it', async () => {
    const template = await lab.done('createItem', {
      subtype: 'MODEL_RUN_WORKFLOW_TEMPLATE',
      metadata: {
        ...{ name: 'Old', modelId: lab.model.id, outputTemplates: [] },
        inputTemplates: [{ templateId: lab.wind.id }],
      },
    });
    await database.query(
      `update item set metadata = jsonb_set(metadata, '{inputTemplates,1}', $2, true) where pid = $1`,
      [template.pid, JSON.stringify({ templateId: lab.wind.pid })],
    );
    const { modelRunTemplateCsv } = await lab.ask.data<{ modelRunTemplateCsv: { csv: string } }>(
      'query ($id: ID!) { modelRunTemplateCsv(workflowTemplateId: $id) { csv } }',
      { id: template.id },
      ADA,
    );
    const [header = []] = readCsv(modelRunTemplateCsv.csv);
    expect(new Set(header).size).toBe(header.length);
  });
});
