import type { RegistryJob } from '@weft/contracts';
import type { Database } from '@weft/database';
import { newId } from '@weft/database';
import type { Actor } from '@weft/identity';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { readCsv, writeCsv } from '../domain/csv.js';
import { RIVAL } from '../testing/finished-jobs.js';
import { bulkSteps, type BulkSteps } from '../testing/bulk-steps.js';
import { aMember } from '../testing/item-steps.js';
import { aLaboratory, type Laboratory } from '../testing/model-run-steps.js';

describe('many runs at once', () => {
  let database: Database;
  let lab: Laboratory;
  let { header, ask, batch, states, csvOf, cell, aRow, jobs, run, runAll } = {} as BulkSteps;
  beforeAll(async () => {
    database = await testDatabase(registryDatabase);
    lab = await aLaboratory(database);
    await lab.runJobs();
    ({ header, ask, batch, states, csvOf, cell, aRow, jobs, run, runAll } = await bulkSteps(database, lab));
  });
  beforeEach(() => database.query('delete from outbox'));
  afterAll(() => database.close());

  test('a row is a run by a job of its own; one that is refused fails alone, with all that is wrong', async () => {
    const rows = [
      header,
      await aRow('one'),
      await aRow('two', {
        start_time: 'yesterday',
        'annotation: scenario': '',
        'input: wind': 'ark:nothing',
      }),
      header.map(() => ''),
      await aRow('three', { 'annotation: scenario': '', 'input: wind': lab.study.pid }),
    ];
    const asked = await ask({ csv: `\uFEFF${writeCsv(rows)}`, batchName: 'winter' });
    expect(asked).toMatchObject({ userErrors: [], warnings: [], repeated: false });
    const id = asked.modelRunBatch?.id ?? '';
    expect(asked.modelRunBatch).toMatchObject({ name: 'winter', counts: [{ state: 'PENDING', count: 3 }] });
    expect((await jobs()).map(({ name }) => name)).toEqual(['Row 2: one', 'Row 3: two', 'Row 5: three']);
    const ends = await runAll();
    expect(ends[0]).toBe('done');
    expect(ends[1]).toMatch(/startTime[^]*inputs\.0\.datasetId[^]*"scenario" is required/);
    expect(ends[2]).toMatch(/inputs\.0\.datasetId: .*STUDY[^]*annotations: .*"scenario" is required/);
    const shown = await batch(id);
    expect(shown?.counts).toEqual([
      { state: 'REGISTERED', count: 1 },
      { state: 'FAILED', count: 2 },
    ]);
    expect(shown?.rows.edges.map(({ node: { row, errors } }) => [row, errors.length])).toEqual([
      [2, 0],
      [3, 3],
      [5, 2],
    ]);
    const runId = shown?.rows.edges[0]?.node.modelRun?.id ?? '';
    expect(
      await lab.item(runId, 'metadata modelRun { recordStatus job { id } } workflow { state }'),
    ).toMatchObject({
      metadata: { startTime: '2026-01-01T10:00:00Z', annotations: { scenario: '=warm' } },
      modelRun: { recordStatus: 'LODGED', job: shown?.rows.edges[0]?.node.job },
      workflow: { state: 'SUCCEEDED' },
    });
    expect(await lab.statements('one')).toHaveLength(5);

    const back = readCsv((await csvOf(id)) ?? '');
    expect(back[0]).toEqual(header);
    expect(back.slice(1).map((row) => row[cell('_job_status')])).toEqual(['REGISTERED', 'FAILED', 'FAILED']);
    expect(back[1]?.[cell('_model_run_id')]).toBe(shown?.rows.edges[0]?.node.modelRun?.pid);
    expect(back[3]?.[cell('_error')]).toMatch(/scenario/);
    expect(back[1]?.slice(0, cell('_job_id'))).toEqual(rows[1]?.slice(0, cell('_job_id')));
    // Given again, what has its job is skipped, and what failed is tried again.
    expect((await ask({ csv: writeCsv(back.slice(0, 2)) })).userErrors).toMatchObject([
      { code: 'BAD_USER_INPUT', path: ['input', 'csv'] },
    ]);
    const withNew = await ask({ csv: writeCsv([...back, await aRow('four')]) });
    expect(withNew.modelRunBatch?.counts).toEqual([
      { state: 'PENDING', count: 3 },
      { state: 'SKIPPED', count: 1 },
    ]);
  });

  test('what is registered already is recognised: within a file, in another one, and at the same time', async () => {
    const row = await aRow('twin');
    const first = await ask({ csv: writeCsv([header, row, row, row]) });
    expect(await runAll()).toEqual(['done', 'done', 'done']);
    const shown = (await batch(first.modelRunBatch?.id ?? ''))?.rows.edges.map(({ node }) => node) ?? [];
    expect(shown.map(({ state }) => state).sort()).toEqual(['DUPLICATE', 'DUPLICATE', 'REGISTERED']);
    expect(new Set(shown.map(({ modelRun }) => modelRun?.id)).size).toBe(1);
    const again = await ask({ csv: writeCsv([header, row]) });
    await database.query(`delete from outbox where body::text not like $1`, [`%${again.modelRunBatch?.id}%`]);
    await runAll();
    expect(await states(again.modelRunBatch?.id ?? '')).toEqual(['DUPLICATE']);
    const runs = await database.query(`select from node where subtype = 'MODEL_RUN' and name = 'twin'`);
    expect(runs).toHaveLength(1);
  });

  test('jobs that are tried again, beside each other and by successors, register nothing twice', async () => {
    const rows = [header, ...(await Promise.all(['a', 'b', 'c', 'd'].map((name) => aRow(`again ${name}`))))];
    const asked = await ask({ csv: writeCsv(rows) });
    const all = await jobs();
    const successors = all.map((job) => ({ ...job, jobId: newId() }));
    await Promise.all([...all, ...all, ...successors].map((job) => run(job)));
    await Promise.all(all.map((job) => run(job)));
    expect(await states(asked.modelRunBatch?.id ?? '')).toEqual(Array(4).fill('REGISTERED'));
    const runs = await database.query(`select from node where subtype = 'MODEL_RUN' and name like 'again %'`);
    expect(runs).toHaveLength(4);
    expect(await lab.violations()).toEqual([]);
  });

  test('a row whose first try was refused is registered by a later one', async () => {
    const gone = await aRow('late');
    const seed = await lab.done('createItem', { subtype: 'STUDY' });
    gone[cell('study_id')] = seed.id;
    const asked = await ask({ csv: writeCsv([header, gone]) });
    expect((await runAll())[0]).toMatch(/seed/);
    await lab.done('completeItem', { id: seed.id, metadata: { title: 'Late', description: 'but there' } });
    await runAll();
    expect(await states(asked.modelRunBatch?.id ?? '')).toEqual(['REGISTERED']);
  });

  test('what came of jobs that ended by themselves is heard', async () => {
    const asked = await ask({
      csv: writeCsv([header, await aRow('lost'), await aRow('cancelled'), await aRow('x')]),
    });
    const { hearRegistryJobs } = createRegistryParts(database);
    const [lost, cancelled, fine] = await jobs();
    await run(fine as RegistryJob);
    const news = (job: RegistryJob | undefined, state: 'FAILED' | 'CANCELLED' | 'SUCCEEDED') => ({
      ...{ messageId: newId(), correlationId: 'test' },
      job: { jobId: job?.jobId ?? '', retryOf: null, state, errorCode: null },
    });
    await hearRegistryJobs('test', [
      news(lost, 'FAILED'),
      news(cancelled, 'CANCELLED'),
      news(fine, 'SUCCEEDED'),
    ]);
    expect(await states(asked.modelRunBatch?.id ?? '')).toEqual(['FAILED', 'CANCELLED', 'REGISTERED']);
  });

  test('records come as JSON, too, and go back as a table', async () => {
    const good = await lab.aRecord({ displayName: 'by JSON' });
    const asked = await ask({
      records: [good, { ...good, inputs: [] }, { nonsense: true }],
      idempotencyKey: 'k',
    });
    const id = asked.modelRunBatch?.id ?? '';
    const [first, ...rest] = await jobs();
    await run(first as RegistryJob);
    await Promise.allSettled(rest.map((job) => run(job)));
    expect(await states(id)).toEqual(['REGISTERED', 'FAILED', 'FAILED']);
    const [top, ...rows] = readCsv((await csvOf(id)) ?? '');
    expect(top).toEqual(header);
    expect(rows.map((row) => row[cell('display_name')])).toEqual(['by JSON', 'by JSON', '']);
    const again = await ask({
      records: [good, { ...good, inputs: [] }, { nonsense: true }],
      idempotencyKey: 'k',
    });
    expect(again).toMatchObject({ repeated: true, modelRunBatch: { id } });
    const other = await ask({ records: [good], idempotencyKey: 'k' });
    expect(other.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_CONFLICT' }]);
  });

  test('a table that is none is refused with its place, and nothing is begun', async () => {
    const refused = async (input: object, actor?: Actor): Promise<string[]> =>
      (await ask(input, actor)).userErrors.map(({ code, message }) => `${code} ${message}`);
    const row = await aRow('fine');
    expect(await refused({ csv: `${writeCsv([header, row])}"open` })).toEqual([
      expect.stringMatching(/^CSV_MALFORMED In row 3, line \d+, column 1/),
    ]);
    expect(await refused({ csv: writeCsv([header.slice(1), row.slice(1)]) })).toEqual([
      expect.stringMatching(/^CSV_MALFORMED Row 1: The column "_template ark/),
    ]);
    expect(
      await refused({
        csv: writeCsv([
          [...header, 'input: x [ark:99999/w1none]'],
          [...row, ''],
        ]),
      }),
    ).toEqual([
      `CSV_MALFORMED Row 1, column ${header.length + 1}: The template has no column "input: x [ark:99999/w1none]".`,
    ]);
    expect(await refused({ csv: writeCsv([header]) })).toEqual([expect.stringMatching(/1 to 10000/)]);
    expect(await refused({ csv: '' })).toContainEqual(expect.stringMatching(/"display_name" is missing/));
    expect(await refused({})).toEqual([expect.stringMatching(/either csv or records/)]);
    expect(await refused({ csv: 'a', records: [] })).toHaveLength(1);
    expect(await refused({ csv: writeCsv([header, row]), workflowTemplateId: lab.model.id })).toEqual([
      expect.stringMatching(/^ITEM_REFERENCE_INVALID/),
    ]);
    expect(await refused({ csv: writeCsv([header, row]) }, aMember('eve', 'VIEWER'))).toEqual([
      expect.stringMatching(/^FORBIDDEN/),
    ]);
    expect(await jobs()).toEqual([]);
    const warned = await ask({
      csv: writeCsv([
        [...header, 'my notes'],
        [...row, 'kept'],
      ]),
    });
    expect(warned.warnings).toEqual([expect.stringContaining('my notes')]);
    expect((await csvOf(warned.modelRunBatch?.id ?? '')) ?? '').toContain('kept');
  });

  test('a batch is for members of its organization only', async () => {
    const { modelRunBatch } = await ask({ csv: writeCsv([header, await aRow('ours')]) });
    const id = modelRunBatch?.id ?? '';
    const mallory = aMember('mallory', 'OWNER', [RIVAL]);
    expect([await batch(id, mallory), await csvOf(id, mallory)]).toEqual([null, null]);
    expect(await batch(id, aMember('eve', 'VIEWER'))).not.toBeNull();
  });
});
