// The records of jobs: every statement that a job leaves is asserted by its record, and by no other.
import type { Database } from '@weft/database';
import { difference, PROV, readProvJson, readProvN, violationsOf } from '@weft/prov';
import { testDatabase } from '@weft/testkit';
import { Parser } from 'n3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { isWithinActivities } from '../domain/delegation.js';
import type { KnownEdge } from '../domain/exported-lineage.js';
import { statementsOfJob, type FinishedJob } from '../domain/finished-job.js';
import { EVERYONE } from '../domain/principal.js';
import { graphReader } from '../persistence/graph-reader.js';
import { publicId } from '../persistence/public-id.js';
import { exchangeSteps, type ExchangeSteps } from '../testing/exchange.js';
import { ACME, id } from '../testing/finished-jobs.js';
import { ADA, aMember, itemSteps, type ItemSteps } from '../testing/item-steps.js';
import { documentOf, idOfRecord, JOBS, recordJobs, THIRD } from '../testing/recorded-jobs.js';
import { aDatasetOf } from '../testing/sample-metadata.js';

let database: Database;
let steps: ExchangeSteps;
let registered: ItemSteps;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  steps = await exchangeSteps(database);
  registered = await itemSteps(database);
  await recordJobs(createRegistryParts(database));
});
afterAll(() => steps.close());

const everybody = { principals: [ACME, THIRD, EVERYONE], organizations: [ACME, THIRD] };
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
    const document = readProvJson(
      await documentOf(steps, idOfRecord(name), aMember('ada', 'OWNER', [ACME, THIRD])),
    );
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

describe('the record of a job', () => {
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
    expect(await documentOf(steps, idOfRecord('make'))).not.toContain('claimed');
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
    expect(await documentOf(steps, idOfRecord('use'))).toContain(dataset.pid.split('/').at(-1));
  });
});
