import { randomUUID } from 'node:crypto';
import { writeDocx, writeHtml } from '@weft/report';
import { testDatabase, type TestDatabase } from '@weft/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import type { OperationContext, OperationFile } from '../application/operations.js';
import type { WriteReport } from '../application/report-ports.js';
import { createRegistryParts, registryDatabase, type RegistryParts } from '../context.js';
import { REPORT_OPERATION } from '../domain/report.js';
import { inTurn } from '../retell-data-pools.js';
import { retellReports } from '../persistence/report-store.js';
import { id, RIVAL } from '../testing/finished-jobs.js';
import { ADA, aMember, itemSteps, type ItemSteps, type Refused } from '../testing/item-steps.js';
import { aCrowdedStudy, aStudy, type PlantedStudy } from '../testing/planted-study.js';
import { withoutFiles } from '../testing/without-files.js';

const write: WriteReport = async (report, format) =>
  new Uint8Array(format === 'HTML' ? Buffer.from(writeHtml(report)) : await writeDocx(report));

const SHOWN =
  'id state depth formats error job { id } item { id } requestedBy { id } htmlArtifact { id } docxArtifact { id }';

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly error: string | null;
  readonly job: { readonly id: string };
  readonly item: { readonly id: string } | null;
  readonly htmlArtifact: { readonly id: string } | null;
  readonly docxArtifact: { readonly id: string } | null;
}

let database: TestDatabase;
let parts: RegistryParts;
let steps: ItemSteps;
let planted: PlantedStudy;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  parts = createRegistryParts(database, {
    pidBase: 'https://pid.example.org/',
    writeReport: write,
  });
  steps = await itemSteps(database);
  planted = await aStudy(database);
});

const bytesOf = (file: OperationFile | undefined): Uint8Array =>
  file?.bytes instanceof Uint8Array ? file.bytes : new Uint8Array();

async function generate(input: Record<string, unknown>, actor = ADA) {
  const { generateReport } = await steps.ask.data<{
    generateReport: { report: Shown | null; userErrors: Refused[] };
  }>(
    `mutation ($input: GenerateReportInput!) { generateReport(input: $input) { report { ${SHOWN} } userErrors { code path } } }`,
    { input },
    actor,
  );
  return generateReport;
}

const asked = async (input: Record<string, unknown>, actor = ADA): Promise<Shown> => {
  const { report, userErrors } = await generate(input, actor);
  expect(userErrors).toEqual([]);
  return report as Shown;
};

const shown = async (reportId: string, actor = ADA): Promise<Shown | null> =>
  (
    await steps.ask.data<{ report: Shown | null }>(
      `query ($id: ID!) { report(id: $id) { ${SHOWN} } }`,
      { id: reportId },
      actor,
    )
  ).report;

/** Runs the report's job as the registry's worker does. */
async function run(report: Pick<Shown, 'id' | 'job'>, jobId = report.job.id) {
  const files = new Map<string, OperationFile>();
  const context: OperationContext = {
    ...{ jobId, attempt: 1, organizationId: 'unused', userId: ADA.id, correlationId: 'test' },
    signal: new AbortController().signal,
    progress: () => undefined,
    ...withoutFiles,
    store(file) {
      const artifactId = randomUUID();
      files.set(artifactId, file);
      return Promise.resolve(artifactId);
    },
  };
  const result = await parts.operations[REPORT_OPERATION]?.({ reportId: report.id }, context);
  return { result, files };
}

async function pageOf(report: Shown): Promise<string> {
  const { files } = await run(report);
  const after = await shown(report.id);
  const file = files.get(after?.htmlArtifact?.id ?? '');
  return Buffer.from(bytesOf(file)).toString();
}

interface Telling {
  readonly workflowId: string;
}

const tellings = async (): Promise<Telling[]> =>
  (
    await database.query<{ body: { payload: Telling } }>(
      `select body from outbox where subject like '%activity-workflow-requested%' order by position`,
    )
  ).map(({ body }) => body.payload);

describe('a report', () => {
  test('asked for again under its key is the one of the first time, also at the same time', async () => {
    const input = { id: planted.run.pid, idempotencyKey: 'once' };
    const [first, again] = await Promise.all([asked(input), asked(input)]);
    expect(again.id).toBe(first.id);
    // However the item is named, and whether what is left out is said.
    const same = { id: planted.run.id, depth: 1, formats: ['DOCX', 'HTML'], idempotencyKey: 'once' };
    expect((await asked(same)).id).toBe(first.id);
    expect((await generate({ ...input, depth: 2 })).userErrors).toEqual([
      { code: 'IDEMPOTENCY_CONFLICT', path: ['input', 'idempotencyKey'] },
    ]);
    expect((await generate({ ...input, idempotencyKey: '' })).userErrors).toMatchObject([
      { code: 'BAD_USER_INPUT' },
    ]);
    const other = { ...ADA, personalOrganizationId: id('organization of nobody else') };
    expect((await asked(input, other)).id).not.toBe(first.id);
    for (const report of [first, await asked({ ...input, idempotencyKey: 'twice' })]) await run(report);
    expect((await asked(input)).state).toBe('SUCCEEDED');
  });

  test('is asked of one job, in the organization of the user alone, and has both files when that is done', async () => {
    const personal = id('organization of ada');
    const ada = { ...ADA, personalOrganizationId: personal };
    const report = await asked({ id: planted.run.pid }, ada);
    expect(report).toMatchObject({
      ...{ state: 'PENDING', depth: 1, formats: ['HTML', 'DOCX'], htmlArtifact: null, error: null },
      ...{ item: { id: planted.run.id }, requestedBy: { id: ADA.id } },
    });
    const told = (await tellings()).filter(({ workflowId }) => workflowId === report.id);
    expect(told).toMatchObject([
      {
        organizationId: personal,
        createdBy: ADA.id,
        steps: [{ jobId: report.job.id, operation: 'GENERATE_REPORT', params: { reportId: report.id } }],
      },
    ]);
    const { result, files } = await run(report);
    const done = await shown(report.id);
    expect(done?.state).toBe('SUCCEEDED');
    expect(result).toEqual({
      htmlArtifactId: done?.htmlArtifact?.id,
      docxArtifactId: done?.docxArtifact?.id,
    });
    expect([...files.values()].map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'REPORT report-Reef-run-1.html',
      'REPORT report-Reef-run-1.docx',
    ]);
    expect(
      Buffer.from(bytesOf(files.get(done?.docxArtifact?.id ?? '')))
        .subarray(0, 2)
        .toString(),
    ).toBe('PK');
  });

  test('run again gives the files that are there', async () => {
    const report = await asked({ id: planted.run.id, formats: ['HTML'] });
    const first = await run(report);
    expect(await run(report)).toEqual({ result: first.result, files: new Map() });
    expect((await shown(report.id))?.docxArtifact).toBeNull();
  });

  test('of a run tells its team, inputs, model, template and outputs, and no further than its depth', async () => {
    const page = await pageOf(await asked({ id: planted.run.id }));
    for (const name of [
      'Reef run 1',
      'Reef growth',
      'Survey',
      'Grown reefs',
      'Ann Modeller',
      'Reef Institute',
      'Warming',
    ])
      expect(page).toContain(name);
    expect(page).toContain(`https://pid.example.org/${planted.run.pid}`);
    expect(page).toContain('seed 42');
    expect(page).not.toContain('Survey run');
    // For whom the modeller acted in other runs is no matter of this one.
    expect(page).not.toContain('Unrelated Institute');
    const deep = await pageOf(await asked({ id: planted.run.id, depth: 3 }));
    expect(deep).toContain('Survey run');
    expect(deep).toContain('Raw images');
  });

  test('of a study branches over its runs', async () => {
    const page = await pageOf(await asked({ id: planted.study.id }));
    for (const name of ['Reef run 1', 'Reef run 2', 'Grown reefs', 'Other reefs', 'Survey'])
      expect(page).toContain(name);
  });

  test('tells nothing of what the user who asked may not read but that there is something', async () => {
    const report = await asked({ id: planted.run.id });
    const page = await pageOf(report);
    expect(page).not.toContain('Secret');
    expect(page).toContain('the reader may not see it');
    const mine = await pageOf(await asked({ id: planted.open.id }));
    expect(mine).not.toContain('the reader may not see it');
  });

  test('is made with what the user was when he asked, and not with what he has become since', async () => {
    const team = id('team survey');
    const bob = aMember('bob', 'VIEWER', [id('organization of bob')]);
    await planted.share(planted.run.id, bob.id);
    await planted.share(planted.survey.id, team);
    const before = await asked({ id: planted.run.id }, bob);
    const since = await asked({ id: planted.run.id }, { ...bob, teams: [team] });
    const page = async (report: Shown): Promise<string> => {
      const [html] = (await run(report)).files.values();
      return Buffer.from(bytesOf(html)).toString();
    };
    expect(await page(before)).not.toContain('Survey');
    expect(await page(since)).toContain('Survey');
  });

  test('is for nobody but who asked for it, and not for him when he may read the item no more', async () => {
    const carl = aMember('carl', 'VIEWER', [id('organization of carl')]);
    await planted.share(planted.open.id, carl.id);
    const report = await asked({ id: planted.open.id }, carl);
    await run(report);
    const list = async (actor = carl) =>
      (
        await steps.ask.data<{ item: { reports: { edges: { node: { id: string } }[] } } | null }>(
          `query ($id: ID!) { item(id: $id) { reports(first: 5) { edges { node { id } } } } }`,
          { id: planted.open.id },
          actor,
        )
      ).item?.reports.edges.map(({ node }) => node.id);
    expect(await list()).toEqual([report.id]);
    expect(await list(aMember('dora'))).toEqual([]);
    expect(await shown(report.id)).toBeNull();
    expect(await shown(report.id, aMember('rival', 'OWNER', [RIVAL]))).toBeNull();
    await planted.share(planted.open.id, null);
    expect(await shown(report.id, carl)).toBeNull();
    expect((await generate({ id: planted.open.id }, carl)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  });

  test.each([
    ['of another subtype', () => ({ id: planted.survey.id }), 'BAD_USER_INPUT input.id'],
    ['of nothing', () => ({ id: randomUUID() }), 'NOT_FOUND input.id'],
    ['of what he may not see', () => ({ id: planted.secret.id }), 'NOT_FOUND input.id'],
    ['too deep', () => ({ id: planted.run.id, depth: 4 }), 'BAD_USER_INPUT input.depth'],
    ['without depth', () => ({ id: planted.run.id, depth: 0 }), 'BAD_USER_INPUT input.depth'],
    ['in no format', () => ({ id: planted.run.id, formats: [] }), 'BAD_USER_INPUT input.formats'],
  ])('%s is refused', async (_, input, refusal) => {
    const { report, userErrors } = await generate(input());
    expect(report).toBeNull();
    expect(userErrors.map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual([refusal]);
  });

  test('whose job failed says so, and is made by the retry', async () => {
    const report = await asked({ id: planted.run.id, formats: ['HTML'] });
    const news = { messageId: randomUUID(), correlationId: 'test' };
    const job = { jobId: report.job.id, retryOf: null, state: 'FAILED', errorCode: 'WORKER_LOST' } as const;
    await parts.hearRegistryJobs('test', [{ ...news, job }]);
    expect(await shown(report.id)).toMatchObject({ state: 'FAILED', error: 'WORKER_LOST' });
    const retry = randomUUID();
    await run(report, retry);
    const done = { state: 'SUCCEEDED', error: null, job: { id: retry } };
    expect(await shown(report.id)).toMatchObject(done);
    const late = { ...job, jobId: retry, retryOf: report.job.id, state: 'CANCELLED' } as const;
    await parts.hearRegistryJobs('test', [{ ...news, messageId: randomUUID(), job: late }]);
    expect(await shown(report.id)).toMatchObject(done);
  });

  test('of an item that its user lost before it was made is not made', async () => {
    const report = await asked({ id: planted.run.id });
    await planted.withdrawRights(planted.run.id, () =>
      expect(run(report)).rejects.toMatchObject({ code: 'NOT_FOUND' }),
    );
  });

  test('is asked for again when the stream was lost, until its job was heard of', async () => {
    const report = await asked({ id: planted.run.id });
    const before = (await tellings()).length;
    const retell = inTurn(() => Promise.resolve(undefined), retellReports);
    let next: string | undefined = '';
    while (next !== undefined) {
      const from: string = next;
      next = await database.transaction((tx) => retell(tx, from));
    }
    const again = (await tellings()).slice(before);
    expect(again.filter(({ workflowId }) => workflowId === report.id)).toHaveLength(1);
    await run(report);
  });

  test('of a study with more runs than fit names the first, and says that there are more', async () => {
    const report = await asked({ id: (await aCrowdedStudy(database, 520)).id });
    const page = await pageOf(report);
    expect(page).toContain('Model runs: only the first 500 are listed; there are more.');
    expect(page.match(/>Run \d+</g)?.length).toBeGreaterThanOrEqual(500);
  });

  test('is refused while too many of the user are on their way', async () => {
    const eve = aMember('eve');
    for (let n = 0; n < 20; n++) await asked({ id: planted.run.id, formats: ['HTML'] }, eve);
    expect((await generate({ id: planted.run.id }, eve)).userErrors).toMatchObject([
      { code: 'RATE_LIMITED' },
    ]);
  });
});
