// What a job leaves as provenance, on its way out of the platform and in again, through the gateway only.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crateFaults, type RoCrate } from '@weft/lineage-formats';
import {
  difference,
  LINEAGE_RELATIONS,
  readProvJson,
  readProvN,
  violationsOf,
  type LineageRelation,
  type ProvDocument,
} from '@weft/prov';
import { eventually } from '@weft/testkit';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { REPO, startWeft } from './testing/weft.js';
import { finish, publishService, submitJob } from './testing/work.js';

const TIDES = `export const run = (data, params) => 'x'.repeat(params.length);`;
const HEIGHTS = JSON.stringify('heights '.repeat(10));
const URN = 'urn:uuid:';
const same = { onlyOne: [], onlyOther: [] };

interface Node {
  readonly id: string;
  readonly name: string;
}
interface Told {
  readonly resultArtifact: { readonly id: string; readonly provenance: Node | null };
  readonly dataArtifact: { readonly id: string; readonly provenance: Node | null };
  readonly serviceVersion: { readonly provenance: Node | null };
  readonly target: { readonly provenance: Node | null };
  readonly provenance: {
    readonly activity: { readonly id: string };
    readonly target: Node;
    readonly code: { readonly edges: readonly { readonly node: Node }[] };
    readonly results: { readonly edges: readonly { readonly node: Node }[] };
    readonly environments: {
      readonly edges: readonly { readonly node: { readonly environment: object | null } }[];
    };
  } | null;
}
const TOLD = `query($id: ID!) { job(id: $id) {
  resultArtifact { id provenance { id name } } dataArtifact { id provenance { id name } }
  serviceVersion { provenance { id name } } target { provenance { id name } }
  provenance { activity { id } target { id name } code { edges { node { id name } } } results { edges { node { id name } } }
    environments { edges { node { environment } } } } } }`;

let client: GraphClient;
let jobId: string;
let job: Told;
let result: string;
beforeAll(async () => {
  const weft = await startWeft();
  client = graphClient(weft.url, weft.token);
  const serviceVersionId = await publishService(client, 'tides.mjs', TIDES);
  const dataArtifactId = await client.upload('heights.json', 'application/json', 'INPUT', HEIGHTS);
  // Longer than a value may be, so it is a file.
  const params = { length: 200_000 };
  jobId = await submitJob(client, { name: 'tides', serviceVersionId, dataArtifactId, params });
  expect((await finish(client, jobId)).state).toBe('SUCCEEDED');
  // With all that is told apart from the job, so that documents stay as they are from now on.
  job = await eventually('its provenance', async () => {
    const { job: told } = await client.query<{ job: Told }>(TOLD, { id: jobId });
    const isWhole =
      told.provenance?.environments.edges[0]?.node.environment != null &&
      told.dataArtifact.provenance?.name === 'heights.json' &&
      told.serviceVersion.provenance !== null;
    return isWhole ? told : undefined;
  });
  result = job.provenance?.results.edges[0]?.node.id ?? '';
}, 120_000);
afterAll(closeClients);

interface Written {
  readonly document: string;
  readonly statementCount: number;
  readonly truncated: boolean;
}
interface Lineage {
  readonly edges: readonly { readonly node: Node }[];
  readonly counts: { readonly total: number };
  readonly links: readonly {
    readonly from: string;
    readonly to: string;
    readonly relation: LineageRelation;
  }[];
  readonly json: Written;
  readonly text: Written;
  readonly turtle: Written;
}
const WRITTEN = 'document statementCount truncated';
const upstream = async (): Promise<Lineage> => {
  const { lineage } = await client.query<{ lineage: Lineage }>(
    `query($input: LineageInput!) { lineage(input: $input) {
      edges { node { id name } } counts { total } links { from to relation }
      json: document(notation: PROV_JSON) { ${WRITTEN} } text: document(notation: PROV_N) { ${WRITTEN} }
      turtle: document(notation: TURTLE) { ${WRITTEN} } } }`,
    { input: { start: result, direction: 'UPSTREAM' } },
  );
  return lineage;
};
/** Its own and those of its bundles. */
const statementsIn = ({ statements, bundles }: ProvDocument) => [
  ...statements,
  ...bundles.flatMap((bundle) => bundle.statements),
];
/** `kind later earlier` of each relation. */
const related = (document: ProvDocument): string[] => {
  const ends = new Map(Object.values(LINEAGE_RELATIONS).map((one) => [one.kind as string, one]));
  return statementsIn(document).flatMap(({ kind, args }) => {
    const { from, to } = ends.get(kind) ?? { from: '', to: '' };
    const [later, earlier] = [args[from], args[to]];
    // That a record was lodged names no activity.
    return typeof later === 'string' && typeof earlier === 'string' ? [`${kind} ${later} ${earlier}`] : [];
  });
};
interface Imported {
  readonly record: { readonly id: string; readonly statementCount: number; readonly document: string };
  readonly repeated: boolean;
}
const imported = (text: string, notation: string, more: object = {}) =>
  client.mutate<Imported>(
    `mutation($input: ImportProvenanceInput!) { importProvenance(input: $input) {
      record { id statementCount document(notation: PROV_JSON) } repeated userErrors { code message path } } }`,
    { text, notation, name: `tides as ${notation}`, ...more },
  );

it('its file, its code and its target lead to their nodes', () => {
  const told = job.provenance;
  expect(job.resultArtifact.provenance).toEqual(told?.results.edges[0]?.node);
  expect(job.serviceVersion.provenance).toEqual(told?.code.edges[0]?.node);
  expect(job.target.provenance).toEqual(told?.target);
  expect(job.dataArtifact.provenance).toMatchObject({ name: 'heights.json' });
});

it('an answer of lineage is written in three notations, which say what is shown', async () => {
  const { edges, links, json, text, turtle } = await upstream();
  const document = readProvJson(json.document);
  expect(difference(document, readProvN(text.document))).toEqual(same);
  expect(violationsOf(document)).toEqual([]);
  expect(json).toMatchObject({ statementCount: statementsIn(document).length, truncated: false });
  const said = related(document);
  for (const { from, to, relation } of links)
    expect(said).toContain(`${LINEAGE_RELATIONS[relation].kind} ${URN}${from} ${URN}${to}`);
  for (const { node } of edges) {
    expect(statementsIn(document).map((one) => one.id)).toContain(URN + node.id);
    expect(turtle.document).toContain(node.id);
  }
  expect(turtle.document).toContain('prov:wasGeneratedBy');
  const { lineagePath } = await client.query<{ lineagePath: { document: Written } }>(
    `query($input: LineagePathInput!) { lineagePath(input: $input) { document(notation: PROV_N) { ${WRITTEN} } } }`,
    { input: { from: result, to: job.dataArtifact.provenance?.id, direction: 'UPSTREAM' } },
  );
  const way = related(readProvN(lineagePath.document.document)).map((one) => one.split(' ')[0]);
  expect(way.sort()).toEqual(['used', 'wasGeneratedBy']);
});

it.each(['PROV_JSON', 'PROV_N'])('comes in again from %s as what it was', async (notation) => {
  const before = await upstream();
  const { exportProvenance } = await client.query<{
    exportProvenance: { export: Written; userErrors: readonly unknown[] };
  }>(
    `query($input: ExportProvenanceInput!) { exportProvenance(input: $input) { export { ${WRITTEN} } userErrors { code message } } }`,
    { input: { id: result, direction: 'UPSTREAM', depth: 10, notation } },
  );
  expect(exportProvenance.userErrors).toEqual([]);
  const given = exportProvenance.export.document;
  const read = notation === 'PROV_N' ? readProvN(given) : readProvJson(given);
  const { record, repeated } = await imported(given, notation);
  expect(repeated).toBe(false);
  expect(difference(readProvJson(record.document), read)).toEqual(same);
  // Names of ours are what they name: nothing has come to the lineage, and nothing has gone.
  expect(await upstream()).toEqual(before);
  expect(await imported(given, notation)).toMatchObject({ repeated: true, record: { id: record.id } });
});

it('is judged, and what contradicts itself is told page by page', async () => {
  interface Report {
    readonly violationCount: number;
    readonly violations: readonly { readonly constraint: number; readonly statements: readonly string[] }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  }
  const judged = async (id: string, more: object = {}): Promise<Report> => {
    const { validityReport } = await client.query<{ validityReport: { report: Report } }>(
      `query($id: ID!, $first: Int, $after: String) { validityReport(id: $id, direction: BOTH, depth: 3, first: $first, after: $after) {
        report { violationCount violations { constraint statements } pageInfo { hasNextPage endCursor } } userErrors { code } } }`,
      { id, ...more },
    );
    return validityReport.report;
  };
  expect(await judged(result)).toMatchObject({ violationCount: 0, violations: [] });
  const wrong = ['one', 'two'].map(
    (name) => `wasDerivedFrom(ex:${name}, u:${result})\n specializationOf(ex:${name}, ex:${name})`,
  );
  await imported(
    `document\n prefix ex <http://example.org/>\n prefix u <${URN}>\n ${wrong.join('\n ')}\nendDocument`,
    'PROV_N',
    { allowInvalid: true },
  );
  const first = await judged(result, { first: 1 });
  expect(first).toMatchObject({ violationCount: 2, pageInfo: { hasNextPage: true } });
  const rest = await judged(result, { first: 1, after: first.pageInfo.endCursor });
  expect(rest.pageInfo.hasNextPage).toBe(false);
  const found = [...first.violations, ...rest.violations];
  expect(found.map(({ constraint }) => constraint)).toEqual([52, 52]);
  expect(new Set(found.flatMap(({ statements }) => statements)).size).toBe(2);
});

it('is told to OpenLineage, and as a crate whose files can be fetched', async () => {
  const { byJob, byActivity } = await client.query<
    Record<
      'byJob' | 'byActivity',
      { eventType: string; run: { runId: string }; outputs: { name: string }[] }[]
    >
  >(
    `query($id: ID!, $activity: ID!) { byJob: openLineageEvents(jobId: $id) byActivity: openLineageEvents(activityId: $activity) }`,
    { id: jobId, activity: job.provenance?.activity.id },
  );
  expect(byActivity).toEqual(byJob);
  expect(byJob.map(({ eventType }) => eventType)).toEqual(['OTHER', 'START', 'COMPLETE']);
  expect(byJob.at(-1)).toMatchObject({
    run: { runId: jobId },
    outputs: [{ name: `artifact/${job.resultArtifact.id}` }],
  });
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const schema = readFileSync(join(REPO, 'libs/lineage-formats/cases/openlineage-2-0-2.json'), 'utf8');
  const fits = ajv.compile(JSON.parse(schema) as object);
  for (const event of byJob) expect([fits(event), fits.errors]).toEqual([true, null]);

  const { crate } = await client.query<{
    crate: {
      readonly metadata: RoCrate['metadata'];
      readonly files: readonly {
        readonly path: string;
        readonly artifact: { readonly downloadUrl: string };
      }[];
    };
  }>(
    `query($activity: ID!) { crate: exportRoCrate(activityId: $activity, license: "CC0-1.0") { metadata
      files { path artifact { downloadUrl } } } }`,
    { activity: job.provenance?.activity.id },
  );
  expect(crateFaults(crate, 'process')).toEqual([]);
  const bytes = await Promise.all(
    crate.files.map(async ({ artifact }) => (await fetch(artifact.downloadUrl)).text()),
  );
  expect(bytes.sort()).toEqual([TIDES, HEIGHTS, JSON.stringify('x'.repeat(200_000))].sort());
});
