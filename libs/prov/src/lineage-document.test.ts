import fc from 'fast-check';
import { Parser } from 'n3';
import { describe, expect, it } from 'vitest';
import {
  difference,
  LINEAGE_RELATIONS,
  lineageDocument,
  PROV,
  readProvJson,
  readProvN,
  statementLines,
  statementsOf,
  violationsOf,
  writeProvJson,
  writeProvN,
  writeTrig,
  writeTurtle,
  type Lineage,
  type LineageEdge,
  type LineageNode,
  type LineageRelation,
  type ProvDocument,
} from './index.js';
import { triplesIn } from './testing/triples.js';

const EX = 'http://example.org/';
const namespaces = { prefixes: new Map([['ex', EX]]), fallback: undefined };
const ex = (name: string): string => EX + name;

const node = (kind: LineageNode['kind'], name: string, more: Partial<LineageNode> = {}): LineageNode => ({
  iri: ex(name),
  kind,
  ...more,
});
const edge = (relation: LineageRelation, from: string, to: string, more: Partial<LineageEdge> = {}) => ({
  relation,
  from: ex(from),
  to: ex(to),
  ...more,
});

const T = '2026-03-02T10:30:00.000Z';

/** A data set created, versioned, used by a model run, and withdrawn; told by three records. */
const create = { records: [ex('record-create')] };
const version = { records: [ex('record-version')] };
const run = { records: [ex('record-run')] };
const lineage: Lineage = {
  nodes: [
    node('ENTITY', 'data-1', {
      name: 'Data',
      types: [ex('Dataset')],
      facts: { [ex('sha256')]: 'ab', [ex('size')]: 5e9 },
    }),
    node('ENTITY', 'data-2', {
      facts: { [ex('tag')]: ['a', 'b'], [ex('sealed')]: true, [ex('score')]: 0.5 },
    }),
    node('ENTITY', 'series'),
    node('ENTITY', 'model'),
    node('ENTITY', 'template'),
    node('ENTITY', 'result'),
    node('ENTITY', 'pool', { types: [`${PROV}Collection`] }),
    node('ACTIVITY', 'create', { startedAt: T, endedAt: T, types: [ex('Create')] }),
    node('ACTIVITY', 'version', { startedAt: '2026-03-03T10:30:00', endedAt: '2026-03-03T11:30:00+01:00' }),
    node('ACTIVITY', 'run', { startedAt: '2026-03-04T10:30:00Z' }),
    node('ACTIVITY', 'study'),
    node('ACTIVITY', 'withdrawal'),
    node('AGENT', 'ada', { name: 'Ada', types: [`${PROV}Person`] }),
    node('AGENT', 'lab', { types: [`${PROV}Organization`] }),
    node('AGENT', 'worker', { types: [`${PROV}SoftwareAgent`] }),
  ],
  edges: [
    edge('WAS_GENERATED_BY', 'data-1', 'create', { time: T, ...create }),
    edge('WAS_ASSOCIATED_WITH', 'create', 'ada', create),
    edge('WAS_ATTRIBUTED_TO', 'data-1', 'ada', create),
    edge('ACTED_ON_BEHALF_OF', 'ada', 'lab', { activity: ex('create'), ...create }),
    edge('SPECIALIZATION_OF', 'data-1', 'series', create),
    edge('USED', 'version', 'data-1', { id: ex('use-1'), ...version }),
    edge('WAS_GENERATED_BY', 'data-2', 'version', { id: ex('gen-2'), ...version }),
    edge('WAS_REVISION_OF', 'data-2', 'data-1', {
      activity: ex('version'),
      generation: ex('gen-2'),
      usage: ex('use-1'),
      facts: { [ex('reason')]: 'a column was wrong' },
      ...version,
    }),
    edge('SPECIALIZATION_OF', 'data-2', 'series', version),
    edge('USED', 'run', 'data-2', { role: 'forcing', time: '2026-03-04T10:31:00Z', ...run }),
    edge('USED', 'run', 'data-2', { role: 'validation', ...run }),
    edge('USED', 'run', 'model', { role: { iri: ex('model-role') }, ...run }),
    edge('WAS_GENERATED_BY', 'result', 'run', { role: 'output', ...run }),
    edge('WAS_ASSOCIATED_WITH', 'run', 'ada', { plan: ex('template'), ...run }),
    edge('WAS_ASSOCIATED_WITH', 'run', 'worker', run),
    edge('ACTED_ON_BEHALF_OF', 'worker', 'ada', { activity: ex('run'), ...run }),
    edge('WAS_INFORMED_BY', 'run', 'study', run),
    edge('WAS_DERIVED_FROM', 'result', 'data-2', { generation: ex('unknown'), ...run }),
    edge('WAS_STARTED_BY', 'run', 'study', run),
    edge('WAS_ENDED_BY', 'run', 'model', run),
    edge('HAD_MEMBER', 'pool', 'result'),
    edge('WAS_INVALIDATED_BY', 'data-1', 'withdrawal', { time: '2026-04-01T00:00:00Z' }),
  ],
  records: ['create', 'version', 'run'].map((name) => ({
    iri: ex(`record-${name}`),
    name: `record of ${name}`,
    lodgedBy: ex(`lodge-${name}`),
    lodgedAt: T,
    attributedTo: ex('registry'),
  })),
};

const same = { onlyOne: [], onlyOther: [] };
const expectSameInAllNotations = (document: ProvDocument): void => {
  expect(difference(document, readProvJson(JSON.stringify(writeProvJson(document))))).toEqual(same);
  expect(difference(document, readProvN(writeProvN(document)))).toEqual(same);
  const turtle = new Parser({ format: 'text/turtle' }).parse(writeTurtle(document));
  expect(turtle.length).toBeGreaterThan(0);
  const trig = new Parser({ format: 'application/trig' }).parse(writeTrig(document));
  expect(triplesIn(trig)).toEqual(triplesIn(turtle));
};

describe('a lineage as a document of PROV', () => {
  it.each([true, false])('is valid, and the same in all notations (bundled: %s)', (bundled) => {
    const document = lineageDocument(lineage, namespaces, bundled);
    expect(violationsOf(document)).toEqual([]);
    expectSameInAllNotations(document);
  });

  it('says each relation the right way round, with what belongs to it', () => {
    const lines = statementLines(lineageDocument(lineage, namespaces, false));
    for (const line of [
      'entity(ex:data-1, [prov:label = "Data", prov:type = \'ex:Dataset\', ex:sha256 = "ab", ex:size = "5000000000" %% xsd:integer])',
      'entity(ex:data-2, [ex:tag = "a", ex:tag = "b", ex:sealed = "true" %% xsd:boolean, ex:score = "0.5" %% xsd:double])',
      `activity(ex:create, ${T}, ${T}, [prov:type = 'ex:Create'])`,
      'activity(ex:version, 2026-03-03T10:30:00Z, 2026-03-03T11:30:00+01:00)',
      'agent(ex:ada, [prov:label = "Ada", prov:type = \'prov:Person\'])',
      `wasGeneratedBy(ex:data-1, ex:create, ${T})`,
      'actedOnBehalfOf(ex:ada, ex:lab, ex:create)',
      'specializationOf(ex:data-1, ex:series)',
      'used(ex:use-1; ex:version, ex:data-1, -)',
      'wasDerivedFrom(ex:data-2, ex:data-1, ex:version, ex:gen-2, ex:use-1, [ex:reason = "a column was wrong", prov:type = \'prov:Revision\'])',
      'used(ex:run, ex:data-2, 2026-03-04T10:31:00Z, [prov:role = "forcing"])',
      "used(ex:run, ex:model, -, [prov:role = 'ex:model-role'])",
      'wasAssociatedWith(ex:run, ex:ada, ex:template)',
      'wasAssociatedWith(ex:run, ex:worker, -)',
      'actedOnBehalfOf(ex:worker, ex:ada, ex:run)',
      'wasInformedBy(ex:run, ex:study)',
      // A generation means nothing without the activity of the derivation (51).
      'wasDerivedFrom(ex:result, ex:data-2)',
      'wasStartedBy(ex:run, -, ex:study, -)',
      'wasEndedBy(ex:run, ex:model, -, -)',
      'hadMember(ex:pool, ex:result)',
      'wasInvalidatedBy(ex:data-1, ex:withdrawal, 2026-04-01T00:00:00Z)',
      'entity(ex:record-run, [prov:label = "record of run", prov:type = \'prov:Bundle\'])',
      `wasGeneratedBy(ex:record-run, ex:lodge-run, ${T})`,
      'wasAttributedTo(ex:record-run, ex:registry)',
      'agent(ex:registry)',
    ])
      expect(lines).toContain(line);
  });

  it('holds in the bundle of a record what it asserts, declared, and nothing else', () => {
    const { statements, bundles } = lineageDocument(lineage, namespaces, true);
    expect(bundles.map(({ id }) => id)).toEqual(lineage.records.map(({ iri }) => iri));
    expect(statementLines({ namespaces, statements: bundles[0]?.statements ?? [] })).toEqual([
      'entity(ex:data-1)',
      'activity(ex:create)',
      'agent(ex:ada)',
      'agent(ex:lab)',
      'entity(ex:series)',
      `wasGeneratedBy(ex:data-1, ex:create, ${T})`,
      'wasAssociatedWith(ex:create, ex:ada, -)',
      'wasAttributedTo(ex:data-1, ex:ada)',
      'actedOnBehalfOf(ex:ada, ex:lab, ex:create)',
      'specializationOf(ex:data-1, ex:series)',
    ]);
    expect(statements.filter(({ kind }) => kind === 'used')).toEqual([]);
    expect(statements.filter(({ kind }) => kind === 'hadMember')).toHaveLength(1);
  });

  it('says of what is hidden that it had an influence, and not what it is', () => {
    const hidden: Lineage = {
      nodes: [node('ENTITY', 'e'), { iri: '_:hidden1', kind: 'HIDDEN', name: 'secret' }],
      edges: [{ relation: 'WAS_GENERATED_BY', from: ex('e'), to: '_:hidden1', time: T }],
      records: [],
    };
    const document = lineageDocument(hidden, namespaces, true);
    expect(statementLines(document)).toEqual(['entity(ex:e)', 'wasInfluencedBy(ex:e, _:hidden1)']);
    expectSameInAllNotations(document);
  });

  it('shows the trap of two generations, and the ways out of it', () => {
    const nodes = ['in', 'out', 'record'].map((name) => node('ENTITY', name));
    const derived = [
      edge('USED', 'run', 'in'),
      edge('WAS_GENERATED_BY', 'out', 'run'),
      edge('WAS_DERIVED_FROM', 'out', 'in'),
    ];
    // What was registered is used before the run begins: it cannot have been made by it, too.
    const started = edge('WAS_STARTED_BY', 'run', 'trigger');
    const judged = (...edges: LineageEdge[]) =>
      violationsOf(lineageDocument({ nodes, edges: [...derived, ...edges], records: [] }, namespaces, false));
    const created = edge('WAS_GENERATED_BY', 'out', 'create');
    const followed = edge('WAS_DERIVED_FROM', 'trigger', 'out');
    const begun = [edge('WAS_GENERATED_BY', 'trigger', 'other'), started];
    expect(judged(created)).toEqual([]);
    const [found] = judged(created, followed, ...begun);
    expect(found?.because).toEqual(expect.arrayContaining([42, 43, 34]));
    expect(judged(created, ...begun)).toEqual([]);
    // The registered record is a specialization of what the run makes.
    const record = [edge('WAS_GENERATED_BY', 'record', 'create'), edge('SPECIALIZATION_OF', 'record', 'out')];
    expect(judged(...record, ...begun)).toEqual([]);
  });

  it('refuses a time that is none', () => {
    const wrong = { ...lineage, edges: [edge('USED', 'run', 'model', { time: 'yesterday' })] };
    expect(() => lineageDocument(wrong, namespaces, false)).toThrow(RangeError);
  });

  it('whatever the graph, each edge is said where its records are, and read again as it was', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd').map(ex);
    const record = fc.constantFrom('r1', 'r2').map(ex);
    const kind = fc.constantFrom('ENTITY', 'ACTIVITY', 'AGENT', 'HIDDEN' as const);
    const option = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
    const anyEdge = fc.record({
      relation: fc.constantFrom(...(Object.keys(LINEAGE_RELATIONS) as LineageRelation[])),
      from: name,
      to: name,
      role: option(fc.string()),
      time: option(fc.constantFrom(T, '2026-03-02T10:30:00')),
      plan: option(name),
      activity: option(name),
      usage: option(name),
      records: option(fc.subarray([ex('r1'), ex('r2')])),
    });
    const graph = fc.record({
      nodes: fc.uniqueArray(fc.record({ iri: name, kind }), { selector: ({ iri }) => iri }),
      edges: fc.array(anyEdge, { maxLength: 8 }),
      records: fc.uniqueArray(fc.record({ iri: record, lodgedBy: option(name) }), {
        selector: ({ iri }) => iri,
      }),
    });
    fc.assert(
      fc.property(graph, fc.boolean(), (given, bundled) => {
        const document = lineageDocument(given, namespaces, bundled);
        expectSameInAllNotations({ ...document, statements: [...document.statements, ...always] });
        const lodged = new Set(bundled ? given.records.map(({ iri }) => iri) : []);
        const places = given.edges.map(
          ({ records = [] }) => records.filter((one) => lodged.has(one)).length || 1,
        );
        const relating = [document, ...document.bundles].flatMap(({ statements }) =>
          statements.filter(({ kind: of }) => !['entity', 'activity', 'agent'].includes(of)),
        );
        const ofRecords = given.records.filter(({ lodgedBy }) => lodgedBy !== undefined).length;
        expect(relating).toHaveLength(places.reduce((sum, one) => sum + one, ofRecords));
      }),
    );
  });
});

/** So that there is something to read in Turtle. */
const always = lineageDocument(
  { nodes: [node('ENTITY', 'x')], edges: [], records: [] },
  namespaces,
  false,
).statements;

it('an answer of many edges is written at once', () => {
  const many = 20_000;
  const edges = Array.from({ length: many }, (_, n) =>
    edge('USED', `a${n}`, `e${n}`, { records: [ex(`r${n % 50}`)] }),
  );
  const records = Array.from({ length: 50 }, (_, n) => ({ iri: ex(`r${n}`) }));
  const document = lineageDocument({ nodes: [], edges, records }, namespaces, true);
  expect(statementsOf(document).size).toBe(many + 100);
});
