// A table of runs of a model, through the gateway and the real engine: watched live, the registry killed twice on the way, every
// row registered exactly once, the table back with what became of each, and given again for those that failed.
import { eventually } from '@weft/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { armedBy, killAt } from './testing/armed-points.js';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { databaseOf } from './testing/sound-history.js';
import { newDataFolder, startWeft, type Weft } from './testing/weft.js';

const SETTINGS = {
  JOBS_LEASE: '4s',
  JOBS_START_LEASE: '4s',
  JOBS_SWEEP: '200ms',
  JOBS_BACKOFF: '100ms',
  WEFT_RESTART_PAUSE_MAX: '200ms',
};
const ROWS = 300;
const [TWIN, FORGETFUL, UNDATED] = [99, 250, 251];
const WRONG = [FORGETFUL, UNDATED];

interface Changed {
  readonly batchChanged: {
    readonly seq: number;
    readonly batch: {
      readonly state: string;
      readonly progress: number;
      readonly counts: { readonly total: number; readonly succeeded: number; readonly failed: number };
    };
  };
}

let weft: Weft;
let client: GraphClient;
beforeAll(async () => {
  const data = newDataFolder();
  weft = await startWeft({ data, env: { ...SETTINGS, WEFT_SYNC_POINTS: armedBy(data) } });
  client = graphClient(weft.url, weft.token);
}, 90_000);
afterAll(closeClients);

const make = async (subtype: string, metadata: object): Promise<{ id: string; pid: string }> => {
  const { item } = await client.mutate<{ item: { id: string; pid: string } }>(
    `mutation ($input: CreateItemInput!) { createItem(input: $input) { item { id pid } userErrors { code message path } } }`,
    { subtype, metadata },
  );
  return item;
};

const irrelevant = { relevant: false, obtained: false };

/** A template whose runs use one dataset and make none, and the dataset. */
async function laboratory() {
  const organisation = await make('ORGANISATION', { name: 'Reef Institute' });
  const model = await make('MODEL', {
    ...{ name: 'Reef growth', description: 'Grows reefs.' },
    ...{ documentationUrl: 'https://example.org/docs', sourceUrl: 'https://example.org/source' },
  });
  const wind = await make('DATASET_TEMPLATE', { name: 'wind', definedResources: [], deferredResources: [] });
  return {
    person: await make('PERSON', {
      ...{ firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.org', ethicsApproved: true },
    }),
    template: await make('MODEL_RUN_WORKFLOW_TEMPLATE', {
      ...{ name: 'Yearly run', modelId: model.id, outputTemplates: [] },
      inputTemplates: [{ templateId: wind.id }],
      annotations: { required: ['scenario'], optional: [] },
    }),
    dataset: await make('DATASET', {
      associations: { organisationId: organisation.id },
      approvals: {
        ...{ ethicsRegistration: irrelevant, ethicsAccess: irrelevant },
        ...{ indigenousKnowledge: irrelevant, exportControls: irrelevant },
      },
      datasetInfo: {
        ...{ name: 'winds', description: 'Winds, measured.', publisherId: organisation.id },
        accessInfo: { reposited: true },
        ...{ createdDate: '2026-01-31', publishedDate: '2026-02-01' },
        license: 'https://creativecommons.org/licenses/by/4.0/',
      },
    }),
  };
}

/** No cell of this test has a comma, a quote or a line end. */
const cellsOf = (csv: string): string[][] =>
  csv
    .trim()
    .split('\r\n')
    .map((line) => line.split(','));
const csvOf = (rows: readonly (readonly string[])[]): string => rows.map((row) => row.join(',')).join('\r\n');

const registerRuns = async (workflowTemplateId: string, csv: string): Promise<string> => {
  const { modelRunBatch } = await client.mutate<{ modelRunBatch: { id: string } }>(
    `mutation ($input: RegisterModelRunsInput!) {
      registerModelRuns(input: $input) { modelRunBatch { id } userErrors { code message path } }
    }`,
    { workflowTemplateId, csv },
  );
  await eventually('jobs that are known', async () => {
    const { batch } = await client.query<{ batch: object | null }>(
      'query ($id: ID!) { batch(id: $id) { id } }',
      { id: modelRunBatch.id },
    );
    return batch !== null;
  });
  return modelRunBatch.id;
};
const follow = (id: string) =>
  client.follow<Changed>(
    `subscription ($id: ID!) { batchChanged(id: $id) { seq batch { state progress counts { total succeeded failed } } } }`,
    { id },
  );
const countsOf = async (id: string) => {
  const { modelRunBatch } = await client.query<{
    modelRunBatch: { counts: { state: string; count: number }[] };
  }>('query ($id: ID!) { modelRunBatch(id: $id) { counts { state count } } }', { id });
  return Object.fromEntries(modelRunBatch.counts.map(({ state, count }) => [state, count]));
};

async function ofRegistry<T extends object>(text: string): Promise<T[]> {
  const database = await databaseOf(weft, 'registry');
  try {
    return (await database.query<T>(text)).rows;
  } finally {
    await database.end();
  }
}

it('every row of a table is one run, whenever the registry dies', async () => {
  const { person, template, dataset } = await laboratory();
  const { modelRunTemplateCsv } = await client.query<{ modelRunTemplateCsv: { csv: string } }>(
    'query ($id: ID!) { modelRunTemplateCsv(workflowTemplateId: $id) { csv } }',
    { id: template.id },
  );
  const header = cellsOf(modelRunTemplateCsv.csv)[0] ?? [];
  const cell = (name: string): number => header.findIndex((text) => text.startsWith(name));
  const rowOf = (n: number): string[] => {
    const cells: Readonly<Record<string, string>> = {
      ...{ display_name: `run ${n === TWIN + 1 ? TWIN : n}`, description: 'As every year.' },
      ...{ modeller_id: person.pid, 'input: wind': dataset.pid, end_time: '2026-02-28 11:00' },
      start_time: n === UNDATED ? '2026-02-30 10:00' : '2026-01-01 10:00',
      'annotation: scenario': n === FORGETFUL ? '' : 'warm',
    };
    return header.map((name) => cells[name.replace(/ \[.*$/, '')] ?? '');
  };
  const rows = Array.from({ length: ROWS }, (_, n) => rowOf(n));

  const begun: { id: string; live: ReturnType<typeof follow> }[] = [];
  // Between the claim and the work of one row, and between the work of another one and its report.
  await killAt(
    weft,
    'registry-after-claim=kill#60',
    (run) => run.subgraphs.registry.pid,
    async () => {
      const id = await registerRuns(template.id, csvOf([header, ...rows]));
      begun.push({ id, live: follow(id) });
    },
  );
  await killAt(
    weft,
    'registry-before-report=kill#60',
    (run) => run.subgraphs.registry.pid,
    () => Promise.resolve(),
  );
  const [{ id, live }] = begun as [(typeof begun)[number]];
  await live.ended;

  const told = live.payloads.map(({ batchChanged }) => batchChanged);
  expect(told.at(-1)?.batch).toEqual({
    ...{ state: 'FAILED', progress: 1 },
    counts: { total: ROWS, succeeded: ROWS - WRONG.length, failed: WRONG.length },
  });
  expect(told.some(({ batch: { progress } }) => progress > 0 && progress < 1)).toBe(true);
  const done = told.map(({ batch: { counts } }) => counts.succeeded + counts.failed);
  expect(done).toEqual(done.toSorted((one, other) => one - other));

  const distinct = ROWS - WRONG.length - 1;
  expect(await countsOf(id)).toEqual({ REGISTERED: distinct, DUPLICATE: 1, FAILED: WRONG.length });
  // Each run is one item, with one record that says once what it used.
  expect(
    await ofRegistry(
      `select count(*)::int as runs, count(distinct n.name)::int as names, sum(records)::int as records, sum(used)::int as used
       from node n cross join lateral (
         select (select count(*) from record r where r.item = n.id) as records,
           (select count(*) from edge e where e.src = n.id and e.relation = 'USED' and e.role = 'wind') as used) counted
       where n.subtype = 'MODEL_RUN'`,
    ),
  ).toEqual([{ runs: distinct, names: distinct, records: distinct, used: distinct }]);

  const { modelRunBatchCsv } = await client.query<{ modelRunBatchCsv: string }>(
    'query ($id: ID!) { modelRunBatchCsv(batchId: $id) }',
    { id },
  );
  const back = cellsOf(modelRunBatchCsv).slice(1);
  expect(back).toHaveLength(ROWS);
  expect(new Set(back.map((row) => row[cell('_job_id')])).size).toBe(ROWS);
  const runIds = back.map((row) => row[cell('_model_run_id')]).filter((pid) => pid !== '');
  expect([runIds.length, new Set(runIds).size]).toEqual([ROWS - WRONG.length, distinct]);
  for (const [n, row] of back.entries()) {
    const status = row[cell('_job_status')];
    if (WRONG.includes(n))
      expect([status, row[cell('_error')]]).toEqual(['FAILED', expect.stringMatching(/:/)]);
    else if (n !== TWIN && n !== TWIN + 1) expect(status).toBe('REGISTERED');
  }
  expect([TWIN, TWIN + 1].map((n) => back[n]?.[cell('_job_status')]).sort()).toEqual([
    'DUPLICATE',
    'REGISTERED',
  ]);

  // Corrected and given again as it is, only those that failed have something to do.
  for (const n of WRONG)
    back[n] = header.map((name, at) => (name.startsWith('_error') ? '' : (back[n]?.[at] ?? '')));
  (back[FORGETFUL] as string[])[cell('annotation: scenario')] = 'cold';
  (back[UNDATED] as string[])[cell('start_time')] = '2026-02-27 10:00';
  const again = await registerRuns(template.id, csvOf([header, ...back]));
  await follow(again).ended;
  expect(await countsOf(again)).toEqual({ REGISTERED: WRONG.length, SKIPPED: ROWS - WRONG.length });
}, 180_000);
