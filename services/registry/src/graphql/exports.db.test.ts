import type { Database } from '@weft/database';
import { difference, readProvJson, readProvN, violationsOf, type ProvDocument } from '@weft/prov';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { exchangeSteps, type ExchangeSteps } from '../testing/exchange.js';
import { ACME, aSucceededJob, anOutcome, id, RIVAL, sha } from '../testing/finished-jobs.js';
import { aMember, itemSteps, type ItemSteps } from '../testing/item-steps.js';
import { withoutFiles } from '../testing/without-files.js';

let database: Database;
let steps: ExchangeSteps;
let items: ItemSteps;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  steps = await exchangeSteps(database);
  items = await itemSteps(database);
  const { recordFinishedJobs } = createRegistryParts(database);
  const jobs = [
    aSucceededJob('make', {
      outcomes: [anOutcome(0, { resultArtifactId: id('made'), resultSha256: sha('made') })],
    }),
    aSucceededJob('use', {
      inputs: { dataSha256: null, paramsSha256: sha('{}'), artifactIds: [id('made')] },
    }),
  ];
  for (const job of jobs) await recordFinishedJobs('test', [{ messageId: job.jobId, job }]);
});
afterAll(() => steps.close());

const same = { onlyOne: [], onlyOther: [] };
const idOf = async (name: string): Promise<string> => {
  const [node] = await database.query<{ id: string }>('select public_id as id from node where name = $1', [
    name,
  ]);
  if (node === undefined) throw new Error(`nothing is called ${name}`);
  return node.id;
};
const labels = (document: ProvDocument): string[] =>
  document.statements
    .flatMap(({ attributes }) =>
      attributes.flatMap(({ name, value }) => (name.endsWith('#label') && 'text' in value ? value.text : [])),
    )
    .sort();
/** Runs the two jobs of an item's Create workflow. */
async function lodged(itemId: string): Promise<void> {
  const [workflow] = await database.query<{ id: string }>(
    'select w.id from activity_workflow w join node n on n.id = w.node where n.public_id = $1',
    [itemId],
  );
  const { operations } = createRegistryParts(database);
  const context = {
    ...{
      attempt: 1,
      organizationId: ACME,
      userId: undefined,
      correlationId: 'test',
    },
    signal: new AbortController().signal,
    progress: () => undefined,
    ...withoutFiles,
  };
  for (const operation of ['REGISTER_CREATE_ACTIVITY', 'LODGE_CREATE_ACTIVITY'])
    await operations[operation]?.(
      { workflowId: workflow?.id },
      { ...context, jobId: id(operation + itemId) },
    );
}

describe('the lineage of something', () => {
  it('is a valid document that says the same in both notations', async () => {
    const made = await idOf('result of make');
    const json = readProvJson(await steps.exported(made));
    const text = readProvN(await steps.exported(made, { notation: 'PROV_N' }));
    expect(difference(json, text)).toEqual(same);
    expect(violationsOf(json)).toEqual([]);
    expect(labels(json)).toContain('use');
    expect(labels(json)).toContain('make');
    expect(await steps.exported(made, { notation: 'TURTLE' })).toContain('prov:wasGeneratedBy');
    const short = readProvJson(await steps.exported(made, { direction: 'UPSTREAM', depth: 1 }));
    // The job, and the record that says what it did.
    expect(labels(short)).toEqual(['make', 'make', 'result of make', `user ${id('user ada')}`]);
  });

  it('names registered things by their pids, tells records as bundles, and comes in again as what it was', async () => {
    const model = await items.aModel({ name: 'Tides' });
    await lodged(model.id);
    const document = readProvJson(await steps.exported(model.pid));
    expect(violationsOf(document)).toEqual([]);
    expect(document.statements.map((one) => one.id)).toContain(`urn:weft:${model.pid}`);
    expect(document.bundles.map(({ statements }) => statements.map(({ kind }) => kind).sort())).toEqual([
      [
        ...['actedOnBehalfOf', 'activity', 'agent', 'agent', 'entity', 'wasAssociatedWith'],
        ...['wasAssociatedWith', 'wasAttributedTo', 'wasGeneratedBy'],
      ],
    ]);
    const delegation = document.bundles[0]?.statements.find(({ kind }) => kind === 'actedOnBehalfOf');
    expect(delegation?.args['activity']).toMatch(/^urn:weft:ark:/);
    const nodes = async () =>
      (await database.query('select 1 from node where subtype = $1', ['IMPORTED'])).length;
    const before = await nodes();
    const exported = await steps.exported(model.pid, { notation: 'PROV_N' });
    const record = await steps.imported(exported);
    expect(record.bundles.edges.length).toBe(1);
    // All but the job that lodged the record, which the registry does not know as an activity.
    expect(await nodes()).toBe(before + 2);
    expect((await items.item(model.id))?.name).toBe('Tides');
    // Of the record itself, as of any.
    const { item } = await steps.ask.data<{
      item: { records: { edges: { node: { kind: string; document: string } }[] } };
    }>(
      'query ($id: ID!) { item(id: $id) { records { edges { node { kind document(notation: PROV_N) } } } } }',
      { id: model.id },
    );
    const create = item.records.edges.find(({ node }) => node.kind === 'CREATE')?.node;
    const told = readProvN(create?.document ?? '');
    expect(violationsOf(told)).toEqual([]);
    expect(told.bundles.map(({ statements }) => statements.length)).toEqual([9]);
  });

  it('of what was imported says what its document said', async () => {
    const text = `document
      prefix ex <http://example.org/>
      entity(ex:out)
      activity(ex:run, 2026-01-01T00:00:00Z, 2026-01-01T01:00:00Z)
      used(ex:u; ex:run, ex:in, 2026-01-01T00:10:00Z, [prov:role = "grid", ex:cells = 5])
      used(ex:run, ex:in, 2026-01-01T00:20:00Z, [prov:role = "grid"])
      wasGeneratedBy(ex:g; ex:out, ex:run, -)
      wasDerivedFrom(ex:out, ex:in, ex:run, ex:g, ex:u, [prov:type = 'prov:Quotation', ex:why = "x"@en])
      wasAssociatedWith(ex:run, ex:ada, ex:plan)
      actedOnBehalfOf(ex:ada, ex:lab, ex:run)
    endDocument`;
    await steps.imported(text);
    const document = readProvJson(await steps.exported(await idOf('out')));
    expect(violationsOf(document)).toEqual([]);
    const relations = (all: ProvDocument['statements']) => ({
      namespaces: document.namespaces,
      statements: all.filter(({ kind }) => !['entity', 'activity', 'agent'].includes(kind)),
      bundles: [],
    });
    expect(
      difference(relations(readProvN(text).statements), relations(document.bundles[0]?.statements ?? [])),
    ).toEqual(same);
  });

  it('says nothing of what the reader may not read, and nothing of how much that is', async () => {
    const shared = await items.aModel({ name: 'Shared by Acme' });
    await lodged(shared.id);
    await items.done('setItemAccess', {
      id: shared.id,
      grants: [{ kind: 'EVERYONE', roles: ['METADATA_READ'] }],
    });
    const bob = aMember('bob', 'OWNER', [RIVAL]);
    const seen = async () => {
      const answer = await steps.export(shared.id, {}, bob);
      return answer.export;
    };
    const before = await seen();
    expect(labels(readProvJson(before?.document ?? ''))).not.toContain(`user ${id('user ada')}`);
    expect(violationsOf(readProvJson(before?.document ?? ''))).toEqual([]);
    const derived = Array.from({ length: 50 }, (_, n) => `wasDerivedFrom(ex:d${n}, u:${shared.id})`);
    await steps.imported(
      ['document', 'prefix ex <http://example.org/>', 'prefix u <urn:uuid:>', ...derived, 'endDocument'].join(
        '\n',
      ),
    );
    expect(labels(readProvJson(await steps.exported(shared.id))).length).toBeGreaterThan(50);
    expect(await seen()).toEqual(before);
    const hidden = await items.aModel({ name: 'Hidden' });
    const unknown = await steps.export(id('no such thing'), {}, bob);
    expect(await steps.export(hidden.id, {}, bob)).toEqual(unknown);
    expect(unknown.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'id'] }]);
  });

  it('has what lies behind something hidden, and no word of what lies between', async () => {
    const open = { grants: [{ kind: 'EVERYONE', roles: ['METADATA_READ'] }] };
    const [source, result] = [await items.aModel({ name: 'Source' }), await items.aModel({ name: 'Result' })];
    await steps.imported(`document
      prefix ex <http://example.org/>
      prefix u <urn:uuid:>
      wasDerivedFrom(u:${result.id}, ex:between)
      wasDerivedFrom(ex:between, u:${source.id})
    endDocument`);
    for (const { id: itemId } of [source, result]) await items.done('setItemAccess', { id: itemId, ...open });
    const asked = { direction: 'UPSTREAM', notation: 'PROV_N' };
    const bob = aMember('bob', 'OWNER', [RIVAL]);
    const document = readProvN(await steps.exported(result.id, asked, bob));
    expect(labels(document)).toEqual(['Result', 'Source']);
    expect([document.statements.length, document.bundles]).toEqual([2, []]);
    expect(labels(readProvN(await steps.exported(result.id, asked)))).toContain('between');
  });

  it('does not tell what a record says that the reader may not read', async () => {
    const record = await steps.imported(`document
      prefix ex <http://example.org/>
      used(ex:walk, ex:map, 2026-01-01T00:10:00Z, [prov:role = "guide", ex:secret = "x"])
    endDocument`);
    const map = await idOf('map');
    expect(await steps.exported(map)).toContain('secret');
    await database.query(`update record set readers = '{}' where public_id = $1`, [record.id]);
    const document = await steps.exported(map);
    expect(document).not.toContain('secret');
    expect(document).not.toContain(record.id);
    // The relation itself is between two things that the reader may read.
    expect(
      readProvJson(document)
        .statements.map(({ kind }) => kind)
        .sort(),
    ).toEqual([...['activity', 'entity', 'used']]);
  });

  it('is cut where there is more than a document holds, and its depth is bounded', async () => {
    // What takes long counts against its user, and the other tests are somebody else's.
    const eve = aMember('eve');
    const lines = Array.from({ length: 5_100 }, (_, n) => `wasDerivedFrom(ex:wide${n}, ex:hub)`);
    const text = ['document', 'prefix ex <http://example.org/>', ...lines, 'endDocument'].join('\n');
    await steps.imported(text, {}, eve);
    const hub = await idOf('hub');
    const { export: cut } = await steps.export(hub, { direction: 'DOWNSTREAM', depth: 1 }, eve);
    expect(cut?.truncated).toBe(true);
    expect(readProvJson(cut?.document ?? '').statements.length).toBeLessThan(5_010);
    const { userErrors } = await steps.export(hub, { depth: 11 });
    expect(userErrors).toMatchObject([{ code: 'BAD_USER_INPUT', path: ['input', 'depth'] }]);
  });
});

describe('the validity report', () => {
  const REPORT = `query ($id: ID!) { validityReport(id: $id, direction: BOTH, depth: 5) {
    report { statementCount violationCount truncated violations { constraint name statements } } userErrors { code path } } }`;
  interface Report {
    readonly validityReport: {
      readonly report: {
        readonly violationCount: number;
        readonly violations: { constraint: number }[];
      } | null;
      readonly userErrors: readonly { code: string }[];
    };
  }
  const reportOn = async (nodeId: string, actor = aMember('ada')) =>
    (await steps.ask.data<Report>(REPORT, { id: nodeId }, actor)).validityReport;

  it('finds what two records say of one thing that cannot both be', async () => {
    const prefix = 'document\nprefix ex <http://example.org/>';
    await steps.imported(
      `${prefix}\nwasDerivedFrom(ex:later, ex:sooner, [prov:type = 'prov:Revision'])\nendDocument`,
    );
    const later = await idOf('later');
    expect((await reportOn(later)).report).toMatchObject({ violationCount: 0 });
    await steps.imported(`${prefix}\nwasDerivedFrom(ex:sooner, ex:later)\nendDocument`);
    const { report } = await reportOn(later);
    expect(report?.violations.map(({ constraint }) => constraint)).toEqual([42]);
    const bob = aMember('bob', 'OWNER', [RIVAL]);
    expect(await reportOn(later, bob)).toMatchObject({ report: null, userErrors: [{ code: 'NOT_FOUND' }] });
  });

  it('is read page by page, however many violations there are', async () => {
    const PAGE = `query ($id: ID!, $first: Int, $after: String) {
      validityReport(id: $id, direction: DOWNSTREAM, depth: 1, first: $first, after: $after) {
        report { violationCount violations { message } pageInfo { hasNextPage hasPreviousPage endCursor } } } }`;
    interface Page {
      readonly validityReport: {
        readonly report: {
          readonly violationCount: number;
          readonly violations: readonly { readonly message: string }[];
          readonly pageInfo: {
            readonly hasNextPage: boolean;
            readonly hasPreviousPage: boolean;
            readonly endCursor: string | null;
          };
        };
      };
    }
    // Nothing is special to itself (52).
    const lines = Array.from({ length: 130 }, (_, n) => [
      `wasDerivedFrom(ex:v${n}, ex:origin)`,
      `specializationOf(ex:v${n}, ex:v${n})`,
    ]);
    const text = ['document', 'prefix ex <http://example.org/>', ...lines.flat(), 'endDocument'].join('\n');
    await steps.imported(text, { allowInvalid: true });
    const origin = await idOf('origin');
    const read = async (variables: object) =>
      (await steps.ask.data<Page>(PAGE, { id: origin, ...variables }, aMember('ada'))).validityReport.report;
    const { violationCount, violations: whole } = await read({});
    expect(violationCount).toBeGreaterThan(100);
    expect(whole).toHaveLength(100);
    const found: string[] = [];
    let pages = 0;
    for (let after: string | null = null, more = true; more;) {
      const page = await read({ first: 60, after });
      expect([page.violationCount, page.pageInfo.hasPreviousPage]).toEqual([violationCount, pages > 0]);
      found.push(...page.violations.map(({ message }) => message));
      after = page.pageInfo.endCursor;
      more = page.pageInfo.hasNextPage;
      pages += 1;
    }
    expect([found.length, pages]).toEqual([violationCount, Math.ceil(violationCount / 60)]);
    expect(new Set(found).size).toBe(violationCount);
    expect(found.slice(0, 100)).toEqual(whole.map(({ message }) => message));
    for (const wrong of [{ first: 0 }, { first: 101 }, { after: 'x' }])
      expect((await steps.ask.refusals(PAGE, { id: origin, ...wrong }, aMember('ada'))).join()).toMatch(
        /"first"|cursor/,
      );
  });

  it('a token without the scope gets none', async () => {
    const nobody = { ...aMember('ada'), scopes: [] };
    for (const query of [REPORT, 'query ($id: ID!) { record(id: $id) { id } }'])
      expect((await steps.ask.refusals(query, { id: id('x') }, nobody)).join()).toContain('scope "read"');
  });
});
