import {
  difference,
  LINEAGE_RELATIONS,
  readProvJson,
  readProvN,
  violationsOf,
  type ProvDocument,
  type Statement,
} from '@weft/prov';
import { testDatabase, type TestDatabase } from '@weft/testkit';
import fc from 'fast-check';
import { Parser } from 'n3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import type { Relation } from '../domain/node.js';
import { member } from '../testing/ask.js';
import { exchangeSteps, type ExchangeSteps } from '../testing/exchange.js';
import { aSucceededJob, anOutcome, id, RIVAL, sha } from '../testing/finished-jobs.js';
import { drawn, plant, type Planted } from '../testing/lineage-graph.js';
import { graphs, questions, type Question } from '../testing/lineage-questions.js';

let database: TestDatabase;
let steps: ExchangeSteps;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  steps = await exchangeSteps(database);
  const { recordFinishedJobs } = createRegistryParts(database);
  const made = { resultArtifactId: id('made'), resultSha256: sha('made') };
  for (const job of [
    aSucceededJob('make', { outcomes: [anOutcome(0, made)] }),
    aSucceededJob('use', {
      inputs: { dataSha256: null, paramsSha256: sha('{}'), artifactIds: [id('made')] },
    }),
  ])
    await recordFinishedJobs('test', [{ messageId: job.jobId, job }]);
});
afterAll(() => steps.close());

interface Link {
  readonly from: string;
  readonly to: string;
  readonly relation: Relation | null;
}
interface Written {
  readonly document: string;
  readonly statementCount: number;
  readonly truncated: boolean;
}
interface Page {
  readonly edges: readonly { readonly node: { readonly id: string } }[];
  readonly links: readonly Link[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly document: Written;
  readonly text: Written;
  readonly turtle: Written;
  readonly trig: Written;
}

const WRITTEN = 'document statementCount truncated';
const PAGE = `edges { node { id } } links { from to relation } pageInfo { hasNextPage endCursor }
  document(notation: PROV_JSON) { ${WRITTEN} } text: document(notation: PROV_N) { ${WRITTEN} }
  turtle: document(notation: TURTLE) { ${WRITTEN} } trig: document(notation: TRIG) { ${WRITTEN} }`;
const LINEAGE = `query ($input: LineageInput!) { lineage(input: $input) { ${PAGE} } }`;
const PATH = `query ($input: LineagePathInput!) { lineagePath(input: $input) {
  steps { node { id } stub { name } } links { from to relation } document(notation: PROV_N) { ${WRITTEN} } } }`;

const lineage = async (input: Record<string, unknown>, actor = member()): Promise<Page | null> =>
  (await steps.ask.data<{ lineage: Page | null }>(LINEAGE, { input }, actor)).lineage;

async function pagesOf(planted: Planted, question: Question): Promise<Page[]> {
  const found: Page[] = [];
  for (let after: string | null = null, more = true; more;) {
    const page = await lineage({ ...question, start: planted.idOf(question.start), after });
    if (page === null) throw new Error('the start is hidden');
    found.push(page);
    after = page.pageInfo.endCursor;
    more = page.pageInfo.hasNextPage;
  }
  return found;
}

const URN = 'urn:uuid:';
/** Its own and those of its bundles. */
const statementsIn = ({ statements, bundles }: ProvDocument): readonly Statement[] => [
  ...statements,
  ...bundles.flatMap((bundle) => bundle.statements),
];
const things = (document: ProvDocument): string[] =>
  statementsIn(document)
    .filter(({ kind }) => ['entity', 'activity', 'agent'].includes(kind))
    .map((one) => String(one.id).slice(URN.length))
    .sort();
/** As `kind later earlier`, each once. */
const relationsIn = (documents: readonly ProvDocument[]): string[] => {
  const terms = new Map<string, { readonly from: string; readonly to: string }>(
    Object.values(LINEAGE_RELATIONS).map((one) => [one.kind, one]),
  );
  const shown = ({ kind, args }: Statement): string[] => {
    const { from, to } = terms.get(kind) ?? { from: '', to: '' };
    const [later, earlier] = [args[from], args[to]];
    // That a record was lodged names no activity.
    if (typeof later !== 'string' || typeof earlier !== 'string') return [];
    return [`${kind} ${later.slice(URN.length)} ${earlier.slice(URN.length)}`];
  };
  return [...new Set(documents.flatMap((one) => statementsIn(one).flatMap(shown)))].sort();
};
const linked = (links: readonly Link[]): string[] =>
  [
    ...new Set(
      links.flatMap(({ from, to, relation }) =>
        relation === null ? [] : [`${LINEAGE_RELATIONS[relation].kind} ${from} ${to}`],
      ),
    ),
  ].sort();

describe('the document of a lineage', () => {
  it('has the nodes and the links of its page and no others, whatever is hidden, asked for and left out', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, questions, async (drawing, question) => {
        const planted = await plant(database, drawing);
        for (const page of await pagesOf(planted, question)) {
          const document = readProvN(page.text.document);
          const ends = page.links.flatMap((one) => (one.relation === null ? [] : [one.from, one.to]));
          const listed = page.edges.map(({ node }) => node.id);
          expect(things(document)).toEqual(
            [...new Set([planted.idOf(question.start), ...listed, ...ends])].sort(),
          );
          expect(relationsIn([document])).toEqual(linked(page.links));
          expect(page.text.truncated).toBe(false);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('of each page states what no other page does', async () => {
    const planted = await plant(database, drawn('a > b > c', 'a > c'));
    const pages = await pagesOf(planted, { start: 'a', direction: 'UPSTREAM', first: 1 });
    const stated = pages.map(({ text }) => relationsIn([readProvN(text.document)]));
    const derived = (from: string, to: string) => `wasDerivedFrom ${planted.idOf(from)} ${planted.idOf(to)}`;
    // Of b and c the newer comes first; both are on the first hop.
    expect(stated).toEqual([[derived('a', 'c')], [derived('a', 'b'), derived('b', 'c')].sort()]);
  });

  it('says the same in both notations, is valid, and tells who acted for whom in a job', async () => {
    const { item } = await steps.ask.data<{ item: { id: string } }>(
      'query ($id: ID!) { item(id: $id) { id } }',
      {
        id: (
          await database.query<{ id: string }>(
            `select public_id as id from node where name = 'result of make'`,
          )
        )[0]?.id,
      },
    );
    const page = await lineage({ start: item.id, direction: 'UPSTREAM' });
    const document = readProvJson(page?.document.document ?? '');
    expect(difference(document, readProvN(page?.text.document ?? ''))).toEqual({
      onlyOne: [],
      onlyOther: [],
    });
    expect(violationsOf(document)).toEqual([]);
    expect(page?.document.statementCount).toBe(statementsIn(document).length);
    expect(page?.turtle.document).toContain('prov:qualifiedDelegation');
    const graphsIn = (text = '', format = 'text/turtle') =>
      new Set(new Parser({ format }).parse(text).map(({ graph }) => graph.value));
    expect(graphsIn(page?.turtle.document)).toEqual(new Set(['']));
    expect(graphsIn(page?.trig.document, 'application/trig')).toEqual(
      new Set(['', ...document.bundles.map((bundle) => bundle.id)]),
    );
    const kinds = statementsIn(document).map(({ kind }) => kind);
    // The worker for the user, he for his organization.
    expect(kinds.filter((kind) => kind === 'actedOnBehalfOf')).toHaveLength(2);
    const entities = await lineage({ start: item.id, direction: 'UPSTREAM', kinds: ['ENTITY'] });
    expect(
      new Set(readProvJson(entities?.document.document ?? '').statements.map(({ kind }) => kind)),
    ).toEqual(new Set(['entity']));
    const made = await lineage({ start: item.id, direction: 'UPSTREAM', relations: ['WAS_GENERATED_BY'] });
    expect(relationsIn([readProvJson(made?.document.document ?? '')])).toHaveLength(1);
  });

  it('of a record tells what it says of what is shown, and no record that says nothing of it', async () => {
    const texts = {
      first: 'wasDerivedFrom(ex:result, ex:draft)\n used(ex:edit, ex:draft, -, [ex:line = 5])',
      second: 'wasAttributedTo(ex:draft, ex:somebody)',
    };
    for (const [name, text] of Object.entries(texts))
      await steps.imported(`document\n prefix ex <http://example.org/>\n ${text}\nendDocument`, { name });
    const [result] = await database.query<{ id: string }>(
      `select public_id as id from node where name = 'result'`,
    );
    const told = async (input: object) =>
      readProvJson(
        (await lineage({ start: result?.id, direction: 'UPSTREAM', ...input }))?.document.document ?? '',
      );
    const all = await told({});
    expect(all.bundles.map(({ statements }) => statements.map(({ kind }) => kind).sort()).sort()).toEqual([
      ['agent', 'entity', 'wasAttributedTo'],
      ['entity', 'entity', 'wasDerivedFrom'],
    ]);
    expect((await told({ depth: 1 })).bundles).toHaveLength(1);
    expect((await told({ relations: ['WAS_ATTRIBUTED_TO'] })).bundles).toHaveLength(0);
  });

  it('is cut where its page is more than a document holds', async () => {
    const planted = await plant(database, {
      nodes: [{ name: 'hub' }, ...Array.from({ length: 150 }, (_, at) => ({ name: `d${at}` }))],
      edges: [
        ...Array.from({ length: 150 }, (_, at) => ({ from: `d${at}`, to: 'hub' })),
        ...Array.from({ length: 150 * 75 }, (_, at) => ({
          from: `d${at % 150}`,
          to: `d${Math.floor(at / 150)}`,
        })),
      ],
    });
    const page = await lineage({ start: planted.idOf('hub'), direction: 'DOWNSTREAM', first: 1000 });
    expect(page?.text.truncated).toBe(true);
    expect(page?.text.statementCount).toBeLessThanOrEqual(10_000);
  });

  it('is of nobody else, and needs the scope', async () => {
    const planted = await plant(database, drawn('a > b'));
    const input = { start: planted.idOf('a'), direction: 'UPSTREAM' };
    expect(await lineage(input, member(RIVAL))).toBeNull();
    const refusals = await steps.ask.refusals(LINEAGE, { input }, member(undefined, []));
    expect(refusals.join()).toContain('scope "read"');
  });
});

describe('the document of a way', () => {
  interface Way {
    readonly steps: readonly { readonly node: { readonly id: string } | null }[];
    readonly links: readonly Link[];
    readonly document: Written | null;
  }
  const way = async (planted: Planted, from: string, to: string) =>
    (
      await steps.ask.data<{ lineagePath: Way | null }>(PATH, {
        input: { from: planted.idOf(from), to: planted.idOf(to), direction: 'UPSTREAM' },
      })
    ).lineagePath;

  it('has its nodes and its links, and nothing of what is hidden or beside it', async () => {
    const planted = await plant(database, drawn('a > b > Hidden > c > d', 'c > b', 'a > beside > c'));
    const found = await way(planted, 'b', 'd');
    const document = readProvN(found?.document?.document ?? '');
    expect(things(document)).toEqual(['b', 'c', 'd'].map(planted.idOf).sort());
    expect(relationsIn([document])).toEqual([`wasDerivedFrom ${planted.idOf('c')} ${planted.idOf('d')}`]);
    expect(linked(found?.links ?? [])).toEqual(relationsIn([document]));
  });

  it('is none where there is no way', async () => {
    const planted = await plant(database, drawn('a > b', 'c > b'));
    expect((await way(planted, 'a', 'c'))?.document).toBeNull();
  });
});
