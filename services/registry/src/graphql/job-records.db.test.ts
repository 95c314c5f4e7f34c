// The records of jobs: every statement that a job leaves is asserted by its record, and by no other.
import type { Database } from '@weft/database';
import { difference, PROV, readProvJson, readProvN, violationsOf } from '@weft/prov';
import { testDatabase } from '@weft/testkit';
import { Parser } from 'n3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRegistryParts, registryDatabase, type RegistryParts } from '../context.js';
import { isWithinActivities } from '../domain/delegation.js';
import type { KnownEdge } from '../domain/exported-lineage.js';
import { statementsOfJob, type FinishedJob } from '../domain/finished-job.js';
import { recordIdOfJob } from '../domain/job-record.js';
import { EVERYONE } from '../domain/principal.js';
import { graphReader } from '../persistence/graph-reader.js';
import { publicId } from '../persistence/public-id.js';
import { exchangeSteps, type ExchangeSteps } from '../testing/exchange.js';
import {
  aCancelledJob,
  ACME,
  aFailedJob,
  aGivenJob,
  anAttempt,
  anEnvironment,
  anOutcome,
  aServiceVersion,
  aSucceededJob,
  id,
  RIVAL,
  sha,
} from '../testing/finished-jobs.js';
import { ADA, aMember, itemSteps, type ItemSteps } from '../testing/item-steps.js';
import { aDatasetOf } from '../testing/sample-metadata.js';

const THIRD = id('organization third');
const NEW_OWNER = aMember('nina', 'OWNER', [THIRD]);
const ran = { attempts: [anAttempt(1, { environment: anEnvironment().digest })] };
const fileOf = (name: string) => anOutcome(0, { resultArtifactId: id(name), resultSha256: sha(name) });
const items = (...names: string[]) =>
  names.map((name, index) => anOutcome(index, { resultSha256: sha(`out ${name}`), paramsSha256: sha(name) }));

const JOBS = {
  make: aSucceededJob('make', { ...ran, outcomes: [fileOf('made')] }),
  use: aSucceededJob('use', {
    ...ran,
    inputs: { dataSha256: null, paramsSha256: sha('{}'), artifactIds: [id('made')] },
  }),
  // Items that bring the same params, one of them that of another job's data.
  batch: aSucceededJob('batch', { ...ran, itemsTotal: 3, outcomes: items('a', 'a', 'data of make') }),
  broken: aFailedJob('broken', { itemsTotal: 2, outcomes: [fileOf('half'), ...items('x', 'y').slice(1)] }),
  again: aSucceededJob('again', {
    itemsTotal: 2,
    retryOf: id('broken'),
    outcomes: [{ ...fileOf('half'), attempt: null, carriedFrom: id('broken') }, ...items('x', 'y').slice(1)],
  }),
  // What it carries over was carried over before.
  third: aSucceededJob('third', {
    itemsTotal: 2,
    retryOf: id('again'),
    outcomes: [
      { ...fileOf('half'), attempt: null, carriedFrom: id('broken') },
      ...items('x', 'y')
        .slice(1)
        .map((one) => ({ ...one, attempt: null, carriedFrom: id('again') })),
    ],
  }),
  step: aSucceededJob('step', {
    needs: [id('make'), id('batch')],
    batchId: id('workflow'),
    inputs: {
      ...{ dataSha256: sha('filled'), paramsSha256: null, artifactIds: [id('made')] },
      results: [{ jobId: id('batch'), place: 'ITEMS', items: [[0, 2]] }],
    },
  }),
  shell: aSucceededJob('shell', {
    ...{ kind: 'COMMAND', serviceId: null, serviceVersionId: null },
    inputs: {
      ...{ dataSha256: null, paramsSha256: null, commandSha256: sha('ls') },
      ...{ artifactIds: [id('script')], codeArtifactId: id('script') },
    },
    attempts: [anAttempt(1, { outcome: 'LOST' }), anAttempt(2)],
    outcomes: [anOutcome(0, { attempt: 2, resultSha256: sha('shell') })],
  }),
  planned: aSucceededJob('planned', { ...ran, definition: { id: id('nightly'), version: 3 } }),
  never: aCancelledJob('never'),
  given: aSucceededJob('given', { outcomes: [fileOf('given file')] }),
} as const;

let database: Database;
let parts: RegistryParts;
let steps: ExchangeSteps;
let registered: ItemSteps;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  parts = createRegistryParts(database);
  steps = await exchangeSteps(database);
  registered = await itemSteps(database);
  await parts.recordServiceVersion('test', 'v1', aServiceVersion({ lifecycle: 'PUBLISHED' }));
  for (const job of Object.values(JOBS))
    await parts.recordFinishedJobs('test', [{ messageId: job.jobId, job }]);
  await parts.keepJobRecords('test', [
    { messageId: 'given', at: '2026-11-20T11:00:00.000Z', change: aGivenJob('given', THIRD) },
  ]);
});
afterAll(() => steps.close());

const everybody = { principals: [ACME, THIRD, EVERYONE], organizations: [ACME, THIRD] };
const idOfRecord = (job: string) => recordIdOfJob(publicId(`job/${id(job)}`));
const said = (edges: readonly { from: string; relation: string; to: string; role: string }[]) =>
  edges.map(({ from, relation, to, role }) => `${from} ${relation} ${to} ${role}`).sort();
const readable = async (edges: readonly { from: number; relation: string; to: number; role: string }[]) => {
  const rows = await database.query<{ key: number; id: string }>(
    'select id as key, public_id as id from node',
  );
  const ids = new Map(rows.map((row) => [row.key, row.id]));
  return said(edges.map((edge) => ({ ...edge, from: ids.get(edge.from) ?? '', to: ids.get(edge.to) ?? '' })));
};

describe('what a job leaves', () => {
  test.each(Object.keys(JOBS) as (keyof typeof JOBS)[])('is what its record says: %s', async (name) => {
    const owner = name === 'given' ? THIRD : ACME;
    const kept = { organizationId: owner, givenTo: owner === ACME ? [] : [owner], deletedAt: null };
    const { edges } = statementsOfJob(JOBS[name] as unknown as FinishedJob, kept);
    const told = edges
      .filter((edge) => !isWithinActivities(edge))
      .map((edge) => ({ ...edge, from: publicId(edge.from), to: publicId(edge.to) }));
    expect(told.length).toBeGreaterThan(3);
    const graph = graphReader(database);
    expect(await readable(await graph.ofRecord(everybody, idOfRecord(name), 1_000))).toEqual(said(told));
    const counted = await steps.ask.data<{ record: { statementCount: number; kind: string } }>(
      'query ($id: ID!) { record(id: $id) { kind statementCount } }',
      { id: idOfRecord(name) },
      aMember('ada', 'OWNER', [ACME, THIRD]),
    );
    const document = readProvJson(await documentOf(idOfRecord(name), aMember('ada', 'OWNER', [ACME, THIRD])));
    const relations = document.bundles.flatMap(({ statements }) =>
      statements.filter(({ kind }) => !['entity', 'activity', 'agent'].includes(kind)),
    );
    expect(counted.record).toEqual({ kind: 'JOB', statementCount: relations.length });
    expect(relations.length).toBeGreaterThan(told.length);
  });

  test('is in its entirety said by records of jobs', async () => {
    const keys = (await database.query<{ key: number }>('select id as key from node')).map(({ key }) => key);
    const graph = graphReader(database);
    // What a service version is, its provider says.
    const isOfJobs = (edge: KnownEdge) => !isWithinActivities(edge) && edge.from !== version?.key;
    const [version] = await database.query<{ key: number }>(
      `select id as key from node where subtype = 'SERVICE_VERSION'`,
    );
    const edges = (await graph.edges(keys, 10_000)).filter(isOfJobs);
    const recorded = await graph.recorded(everybody, keys, 10_000);
    expect([...new Set(await readable(recorded))]).toEqual(await readable(edges));
  });
});

const documentOf = async (recordId: string, actor = ADA) =>
  (
    await steps.ask.data<{ record: { document: string } }>(
      'query ($id: ID!) { record(id: $id) { document(notation: PROV_JSON) } }',
      { id: recordId },
      actor,
    )
  ).record.document;

const RECORDS = '{ edges { cursor node { id kind name } } pageInfo { hasNextPage } }';
interface Page {
  readonly edges: readonly { cursor: string; node: { id: string; kind: string; name: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean };
}
const named = ({ edges }: Page) => edges.map(({ node: { kind, name } }) => `${kind} ${name}`);

/** All pages of two, one after the other. */
async function paged(read: (after: string | null) => Promise<Page>): Promise<string[]> {
  const seen: string[] = [];
  for (let after: string | null = null; ;) {
    const page: Page = await read(after);
    seen.push(...named(page));
    if (!page.pageInfo.hasNextPage) return seen;
    after = page.edges.at(-1)?.cursor ?? null;
  }
}

describe('the record of a job', () => {
  test('is where those of lodged statements are: of a link, an item, an organization, and by its id', async () => {
    const made = publicId(`${ACME}/artifact/${id('made')}`);
    const { lineage } = await steps.ask.data<{
      lineage: { links: { relation: string; records: { name: string }[] }[] };
    }>(
      `query ($input: LineageInput!) { lineage(input: $input) { links { relation records { name } } } }`,
      { input: { start: made, direction: 'UPSTREAM', depth: 1 } },
      ADA,
    );
    expect(
      lineage.links.map(({ relation, records }) => [relation, records.map(({ name }) => name)]).sort(),
    ).toEqual([
      ['WAS_ASSOCIATED_WITH', ['make']],
      ['WAS_ATTRIBUTED_TO', ['make']],
      ['WAS_GENERATED_BY', ['make']],
    ]);
    await steps.imported(`document\nprefix u <urn:uuid:>\nprefix ex <http://example.org/>
      wasDerivedFrom(ex:copy, u:${made})\nendDocument`);
    const ofItem = (after: string | null) =>
      steps.ask
        .data<{ item: { records: Page } }>(
          `query ($id: ID!, $after: String) { item(id: $id) { records(first: 1, after: $after) ${RECORDS} } }`,
          { id: made, after },
          ADA,
        )
        .then(({ item }) => item.records);
    expect(await paged(ofItem)).toEqual(['IMPORT a document', 'JOB step', 'JOB use', 'JOB make']);
    const half = publicId(`${ACME}/artifact/${id('half')}`);
    const ofHalf = await steps.ask.data<{ item: { records: Page } }>(
      `query ($id: ID!) { item(id: $id) { records ${RECORDS} } }`,
      { id: half },
      ADA,
    );
    expect(named(ofHalf.item.records)).toEqual(['JOB third', 'JOB again', 'JOB broken']);
    const ofOrganization = (after: string | null) =>
      steps.ask
        .data<{ records: Page }>(
          `query ($id: ID!, $after: String) { records(organizationId: $id, first: 2, after: $after) ${RECORDS} }`,
          { id: ACME, after },
          ADA,
        )
        .then(({ records }) => records);
    const jobs = ['never', 'planned', 'shell', 'step', 'third', 'again', 'broken', 'batch', 'use', 'make'];
    expect((await paged(ofOrganization)).filter((one) => one !== 'JOB given')).toEqual([
      'IMPORT a document',
      ...new Set(jobs.map((name) => `JOB ${name}`)),
    ]);
    const { _entities: [entity] = [] } = await steps.ask.data<{
      _entities: { provenance: { record: unknown } }[];
    }>(
      `query ($id: ID!) { _entities(representations: [{ __typename: "Job", id: $id }]) { ... on Job { provenance {
        record { id kind name lodgedAt lodgedBy { id } job { id } parent { id } bundle bundles { edges { cursor } } } } } } }`,
      { id: id('use') },
      ADA,
    );
    expect(entity?.provenance.record).toEqual({
      ...{ id: idOfRecord('use'), kind: 'JOB', name: 'use', lodgedAt: JOBS.use.endedAt },
      ...{ lodgedBy: { id: id('user ada') }, job: { id: id('use') } },
      ...{ parent: null, bundle: null, bundles: { edges: [] } },
    });
  });

  test('is a bundle of what is exported, in every notation, and nothing of it stands elsewhere', async () => {
    const made = publicId(`${ACME}/artifact/${id('made')}`);
    const json = readProvJson(await steps.exported(made, { direction: 'UPSTREAM' }));
    const relating = json.statements.flatMap(({ kind, args }) =>
      ['entity', 'activity', 'agent'].includes(kind) ? [] : `${kind} ${args['entity']}`,
    );
    // But when it was recorded, and whose the service is.
    expect(relating).toEqual([
      `wasGeneratedBy urn:uuid:${idOfRecord('make')}`,
      `wasAttributedTo urn:uuid:${publicId(`service-version/${id('version tabu 1')}`)}`,
    ]);
    const [bundle, ...others] = json.bundles;
    expect(bundle?.id).toBe(`urn:uuid:${idOfRecord('make')}`);
    expect(others).toEqual([]);
    const kinds = new Set(bundle?.statements.map(({ kind }) => kind));
    for (const kind of ['used', 'wasGeneratedBy', 'wasAssociatedWith', 'wasAttributedTo', 'actedOnBehalfOf'])
      expect(kinds).toContain(kind);
    expect(violationsOf(json)).toEqual([]);
    const text = readProvN(await steps.exported(made, { direction: 'UPSTREAM', notation: 'PROV_N' }));
    expect(difference(json, text)).toEqual({ onlyOne: [], onlyOther: [] });
    const turtle = await steps.exported(made, { direction: 'UPSTREAM', notation: 'TURTLE' });
    const quads = new Parser({ format: 'text/turtle' }).parse(turtle);
    const bundles = quads.filter(({ object }) => object.value === `${PROV}Bundle`);
    expect(bundles.map(({ subject }) => subject.value)).toEqual([bundle?.id]);
    const trig = await steps.exported(made, { direction: 'UPSTREAM', notation: 'TRIG' });
    expect(trig).toMatch(new RegExp(`uuid:${idOfRecord('make')} \\{|<urn:uuid:${idOfRecord('make')}> \\{`));
    // Many jobs, as many bundles; and it comes in again.
    const all = readProvN(await steps.exported(made, { notation: 'PROV_N' }));
    expect(all.bundles.length).toBeGreaterThan(2);
    expect(violationsOf(all)).toEqual([]);
    const again = await steps.imported(await steps.exported(made, { notation: 'PROV_N' }));
    expect(again.bundles.edges.length).toBe(all.bundles.length);
  });

  test('tells the plan of those who followed it, and when something was used and made', async () => {
    const lines = async (name: string) => {
      const { record } = await steps.ask.data<{ record: { document: string } }>(
        'query ($id: ID!) { record(id: $id) { document(notation: PROV_N) } }',
        { id: idOfRecord(name) },
        ADA,
      );
      return record.document.split('\n').map((line) => line.trim());
    };
    const plans = (all: readonly string[]) => [
      ...new Set(
        all
          .filter((line) => line.startsWith('wasAssociatedWith('))
          .map((line) => /, ([^,]+), \[prov:role = "(.*)"\]\)/.exec(line)?.slice(1).reverse().join(': ')),
      ),
    ];
    const service = `uuid:${publicId(`service-version/${id('version tabu 1')}`)}`;
    const definition = `uuid:${publicId(`${ACME}/job-definition/${id('nightly')}/3`)}`;
    const planned = await lines('planned');
    expect(plans(planned).sort()).toEqual(
      ['on behalf of: -', `submitter: ${definition}`, 'target: -', `worker: ${definition}`].sort(),
    );
    expect(plans(await lines('use'))).toContain(`submitter: ${service}`);
    expect(plans(await lines('shell')).sort()).toEqual(
      ['lost worker: -', 'on behalf of: -', 'submitter: -', 'target: -', 'worker: -'].sort(),
    );
    const times = (all: readonly string[], kind: string) =>
      all.filter((line) => line.startsWith(`${kind}(`)).map((line) => line.split(', ')[2]);
    expect(new Set(times(planned, 'used'))).toEqual(new Set([JOBS.planned.startedAt]));
    // The result, and the record itself.
    expect(times(planned, 'wasGeneratedBy').map((time) => time?.replace(')', ''))).toEqual([
      ...[JOBS.planned.endedAt, JOBS.planned.endedAt],
    ]);
    expect(new Set(times(await lines('never'), 'used'))).toEqual(new Set(['-']));
    const turtle = await steps.exported(publicId(`job/${id('planned')}`), { depth: 1, notation: 'TURTLE' });
    expect(turtle).toContain(`prov:hadPlan ${definition}`);
    const { _entities: [entity] = [] } = await steps.ask.data<{
      _entities: { provenance: { plan: unknown } }[];
    }>(
      `query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on Job { provenance { plan {
        subtype name jobDefinition { id } jobDefinitionVersion serviceVersion { id } } } } } }`,
      { ids: [{ __typename: 'Job', id: id('planned') }] },
      ADA,
    );
    expect(entity?.provenance.plan).toEqual({
      ...{ subtype: 'JOB_DEFINITION', name: `version 3 of job definition ${id('nightly')}` },
      ...{ jobDefinition: { id: id('nightly') }, jobDefinitionVersion: 3, serviceVersion: null },
    });
    const others = await steps.ask.data<{ _entities: { provenance: { plan: unknown } }[] }>(
      `query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on Job { provenance { plan { name } } } } }`,
      { ids: ['use', 'shell'].map((name) => ({ __typename: 'Job', id: id(name) })) },
      ADA,
    );
    expect(others._entities.map(({ provenance }) => provenance.plan)).toEqual([{ name: 'tabu 1.0.0' }, null]);
  });

  test('says nothing that a document of others said of the job', async () => {
    const record = await steps.imported(`document\nprefix u <urn:uuid:>\nprefix ex <http://example.org/>
      wasGeneratedBy(ex:claimed, u:${publicId(`job/${id('make')}`)}, -, [prov:role = "result"])
      wasAttributedTo(ex:claimed, u:${publicId(`${ACME}/user/${id('user ada')}`)})\nendDocument`);
    const { lineage } = await steps.ask.data<{ lineage: { links: { records: { id: string }[] }[] } }>(
      `query ($input: LineageInput!) { lineage(input: $input) { links { relation records { id } } } }`,
      {
        input: {
          start: publicId(`${ACME}/prov/http://example.org/claimed`),
          direction: 'UPSTREAM',
          depth: 1,
          kinds: ['ACTIVITY', 'AGENT'],
        },
      },
      ADA,
    );
    const saying = lineage.links.map(({ records }) => records.map(({ id: one }) => one).join());
    expect(saying.filter((one) => one === record.id)).toHaveLength(2);
    expect(await documentOf(idOfRecord('make'))).not.toContain('claimed');
  });

  test('is read by those who read the job, and went with it to its new owner', async () => {
    const shown = async (name: string, actor = ADA) =>
      (
        await steps.ask.data<{ record: object | null }>(
          'query ($id: ID!) { record(id: $id) { kind organization { id } } }',
          { id: idOfRecord(name) },
          actor,
        )
      ).record;
    const bob = aMember('bob', 'OWNER', [RIVAL]);
    expect(await shown('make')).toEqual({ kind: 'JOB', organization: { id: ACME } });
    expect(await shown('make', bob)).toBeNull();
    expect(await shown('given')).toBeNull();
    expect(await shown('given', NEW_OWNER)).toEqual({ kind: 'JOB', organization: { id: THIRD } });
    // The new owner reads of what went along, and not of what stayed.
    expect(await documentOf(idOfRecord('given'), NEW_OWNER)).toContain('alternateOf');
    expect(await documentOf(idOfRecord('given'), NEW_OWNER)).not.toContain(sha('data of given'));
    const list = await steps.ask.data<{ records: Page }>(
      `query ($id: ID!) { records(organizationId: $id) ${RECORDS} }`,
      { id: ACME },
      bob,
    );
    expect(list.records.edges).toEqual([]);
    // What is shared does not tell of the job that made it.
    const result = publicId(`${ACME}/artifact/${id('made')}`);
    const { item } = await steps.ask.data<{ item: { records: Page } | null }>(
      `query ($id: ID!) { item(id: $id) { records ${RECORDS} } }`,
      { id: result },
      bob,
    );
    expect(item).toBeNull();
  });

  test('is listed however many others used the same', async () => {
    const made = publicId(`${ACME}/artifact/${id('made')}`);
    await steps.imported(
      ['document', 'prefix u <urn:uuid:>', 'prefix ex <http://example.org/>']
        .concat(
          [1, 2, 3, 4].map((n) => `used(ex:run${n}, u:${made}, -)`),
          'endDocument',
        )
        .join('\n'),
      { name: 'four uses' },
    );
    const seen = await paged((after) =>
      steps.ask
        .data<{ item: { records: Page } }>(
          `query ($id: ID!, $after: String) { item(id: $id) { records(first: 2, after: $after) ${RECORDS} } }`,
          { id: made, after },
          ADA,
        )
        .then(({ item }) => item.records),
    );
    expect(seen.filter((one) => one.startsWith('JOB'))).toEqual(['JOB step', 'JOB use', 'JOB make']);
  });

  test('stays that of a result which became a dataset', async () => {
    const organisation = await registered.done('createItem', {
      subtype: 'ORGANISATION',
      metadata: { name: 'Reef institute' },
    });
    const dataset = await registered.done('registerJobResult', {
      jobId: id('use'),
      itemIndex: 0,
      metadata: aDatasetOf(organisation.id),
    });
    expect(await documentOf(idOfRecord('use'))).toContain(dataset.pid.split('/').at(-1));
  });
});
