import type { Database } from '@weft/database';
import { readProvN, statementsOf } from '@weft/prov';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { recordIdOfJob } from '../domain/job-record.js';
import { exchangeSteps, type ExchangeSteps, type ShownRecord } from '../testing/exchange.js';
import { aSucceededJob, id, RIVAL } from '../testing/finished-jobs.js';
import { aMember } from '../testing/item-steps.js';
import { aLaboratory } from '../testing/model-run-steps.js';

let database: Database;
let steps: ExchangeSteps;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  steps = await exchangeSteps(database);
});
afterAll(() => steps.close());

const doc = (...lines: string[]): string =>
  ['document', 'prefix ex <http://example.org/>', ...lines, 'endDocument'].join('\n');
const contradictory = (...lines: string[]): Promise<ShownRecord> =>
  steps.imported(doc(...lines), { allowInvalid: true });

const REPORT = `query ($id: ID!, $first: Int, $after: String) {
  validityReport(id: $id, first: $first, after: $after) {
    report { statementCount bundleCount violationCount truncated
      violations { constraint because bundle statements }
      pageInfo { hasNextPage hasPreviousPage endCursor } }
    userErrors { code path } } }`;
interface Violation {
  readonly constraint: number;
  readonly because: readonly number[];
  readonly bundle: string | null;
  readonly statements: readonly string[];
}
interface Answer {
  readonly report: {
    readonly statementCount: number;
    readonly bundleCount: number;
    readonly violationCount: number;
    readonly truncated: boolean;
    readonly violations: readonly Violation[];
    readonly pageInfo: {
      readonly hasNextPage: boolean;
      readonly hasPreviousPage: boolean;
      readonly endCursor: string | null;
    };
  } | null;
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
}
const answerOf = async (of: string, more: object = {}, actor = aMember('ada')): Promise<Answer> =>
  (await steps.ask.data<{ validityReport: Answer }>(REPORT, { id: of, ...more }, actor)).validityReport;
const reportOf = async (of: string, more: object = {}) => {
  const { report, userErrors } = await answerOf(of, more);
  if (report === null) throw new Error(`refused: ${JSON.stringify(userErrors)}`);
  return report;
};
const idsOf = async (name: string): Promise<string[]> =>
  (
    await database.query<{ id: string }>('select public_id as id from node where name = $1 order by id', [
      name,
    ])
  ).map((row) => row.id);

/** What is said of a text that nobody keeps. */
async function checked(text: string): Promise<object> {
  const { provDocument } = await steps.ask.data<{ provDocument: { document: object } }>(
    `query ($input: ProvDocumentInput!) { provDocument(input: $input) { document {
      violationCount violations { constraint because bundle statements } } } }`,
    { input: { text, notation: 'PROV_N' } },
  );
  return provDocument.document;
}

interface Case {
  readonly rule: number;
  readonly says: string;
  readonly lines: readonly string[];
  /** What is at fault, in parts. */
  readonly fault: readonly string[];
  /** Something of it, and the rules that what the graph keeps of it breaks. */
  readonly thing: string;
  readonly inGraph: readonly number[];
}
const CASES: readonly Case[] = [
  {
    rule: 55,
    says: 'one name is an entity and an activity',
    lines: ['entity(ex:twofold)', 'activity(ex:twofold)', 'used(ex:reader, ex:twofold, -)'],
    fault: ['entity(ex:twofold)', 'activity(ex:twofold)'],
    thing: 'twofold',
    inGraph: [],
  },
  {
    rule: 42,
    says: 'the second generation is by what began after something came of the thing',
    lines: [
      'wasGeneratedBy(ex:twice, ex:first, -)',
      'wasGeneratedBy(ex:twice, ex:second, -)',
      'wasStartedBy(ex:second, ex:bell, -, -)',
      'entity(ex:bell)',
      'wasDerivedFrom(ex:bell, ex:twice)',
    ],
    fault: ['wasGeneratedBy(ex:twice, ex:second, -)', 'wasDerivedFrom(ex:bell, ex:twice)'],
    thing: 'twice',
    inGraph: [],
  },
  {
    rule: 22,
    says: 'an activity begins at two times',
    lines: [
      'activity(ex:early, 2020-01-01T00:00:00Z, -)',
      'activity(ex:early, 2021-01-01T00:00:00Z, -)',
      'used(ex:early, ex:bread, -)',
    ],
    fault: ['2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z'],
    thing: 'early',
    inGraph: [],
  },
  {
    rule: 28,
    says: 'a start is not when its activity begins',
    lines: [
      'activity(ex:late, 2020-01-01T00:00:00Z, -)',
      'wasStartedBy(ex:late, ex:alarm, ex:night, 2021-01-01T00:00:00Z)',
    ],
    fault: ['2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z'],
    thing: 'late',
    inGraph: [28],
  },
  {
    rule: 52,
    says: 'a thing is special to itself',
    lines: ['specializationOf(ex:selfish, ex:selfish)'],
    fault: ['specializationOf(ex:selfish, ex:selfish)'],
    thing: 'selfish',
    inGraph: [52],
  },
];

describe('the validity report of an import', () => {
  it.each(CASES)('finds rule $rule: $says', async ({ rule, lines, fault, thing, inGraph }) => {
    const record = await contradictory(...lines);
    const report = await reportOf(record.id);
    const { violations, violationCount } = report;
    expect(report).toMatchObject({ statementCount: lines.length, bundleCount: 0, truncated: false });
    expect(violationCount).toBe(violations.length);
    const broken = violations.find(({ because }) => because.includes(rule));
    for (const part of fault) expect(broken?.statements.join('\n')).toContain(part);
    // What provDocument says of the text.
    expect(await checked(doc(...lines))).toEqual({ violationCount, violations });
    // The graph keeps one kind, one generation and one time of a thing.
    const [of] = await idsOf(thing);
    expect((await reportOf(of ?? '')).violations.map(({ constraint }) => constraint)).toEqual(inGraph);
  });

  it('judges each bundle for itself, and a bundle that is asked for alone', async () => {
    const selfish = 'specializationOf(ex:self, ex:self)';
    const record = await contradictory(
      'entity(ex:both)',
      `bundle ex:wrong ${selfish} endBundle`,
      'bundle ex:right activity(ex:both) endBundle',
    );
    const whole = await reportOf(record.id);
    expect(whole).toMatchObject({ statementCount: 3, bundleCount: 2, violationCount: 1 });
    expect(whole.violations).toMatchObject([
      { constraint: 52, bundle: 'http://example.org/wrong', statements: [selfish] },
    ]);
    const rulesOf = new Map<string | null, readonly number[]>();
    for (const { node } of record.bundles.edges)
      rulesOf.set(
        node.bundle,
        (await reportOf(node.id)).violations.map(({ constraint }) => constraint),
      );
    expect(rulesOf).toEqual(
      new Map([
        ['http://example.org/wrong', [52]],
        ['http://example.org/right', []],
      ]),
    );
  });

  it('is read page by page', async () => {
    const lines = Array.from({ length: 130 }, (_, n) => `specializationOf(ex:p${n}, ex:p${n})`);
    const record = await contradictory(...lines);
    const first = await reportOf(record.id);
    expect([first.violationCount, first.violations.length]).toEqual([130, 100]);
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const rest = await reportOf(record.id, { after: first.pageInfo.endCursor });
    expect([rest.violationCount, rest.violations.length]).toEqual([130, 30]);
    expect(rest.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const told = [...first.violations, ...rest.violations].flatMap(({ statements }) => statements);
    expect(new Set(told)).toEqual(new Set(lines));
  });

  it('is for who may read the record, also of one that was taken back', async () => {
    const record = await contradictory('specializationOf(ex:ours, ex:ours)');
    const stranger = aMember('bob', 'OWNER', [RIVAL]);
    expect(await answerOf(record.id, {}, stranger)).toEqual(await answerOf(id('nothing'), {}, stranger));
    expect(await answerOf(record.id, {}, stranger)).toMatchObject({
      report: null,
      userErrors: [{ code: 'NOT_FOUND', path: ['id'] }],
    });
    const nobody = { ...aMember('ada'), scopes: [] };
    expect((await steps.ask.refusals(REPORT, { id: record.id }, nobody)).join()).toContain('scope "read"');
    await steps.ask.data(
      'mutation ($input: WithdrawRecordInput!) { withdrawRecord(input: $input) { userErrors { code } } }',
      { input: { id: record.id, reason: 'it contradicts itself' } },
      aMember('ada'),
    );
    expect((await reportOf(record.id.toUpperCase())).violationCount).toBe(1);
    // Whoever reads the thing that stands for the record, and not the record, is told nothing of its text.
    await database.query(`update record set readers = '{}' where public_id = $1`, [record.id]);
    expect((await answerOf(record.id)).report?.violationCount ?? 0).toBe(0);
  });
});

describe('the validity report of a record that was made here', () => {
  const judgedAsTold = async (recordId: string): Promise<void> => {
    const { record } = await steps.ask.data<{ record: { document: string } }>(
      'query ($id: ID!) { record(id: $id) { document(notation: PROV_N) } }',
      { id: recordId },
    );
    const report = await reportOf(recordId);
    expect(report).toMatchObject({ violationCount: 0, bundleCount: 1, truncated: false });
    const told = readProvN(record.document);
    expect(report.statementCount).toBe(statementsOf(told).size - told.bundles.length);
  };

  it('judges what the document of a job tells', async () => {
    const job = aSucceededJob('judged');
    await createRegistryParts(database).recordFinishedJobs('test', [{ messageId: 'judged', job }]);
    const [activity] = await database.query<{ id: string }>(
      `select public_id as id from node where subtype = 'JOB' and name = 'judged'`,
    );
    await judgedAsTold(recordIdOfJob(activity?.id ?? ''));
  });

  it('judges what the documents of registrations and of a model run tell', async () => {
    const lab = await aLaboratory(database);
    const { item } = await lab.register(await lab.aRecord({ displayName: 'Judged reefs' }));
    await lab.runJobs();
    const records = await database.query<{ id: string; kind: string }>(
      `select public_id as id, kind from record where kind <> 'IMPORT'`,
    );
    expect(item).not.toBeNull();
    expect(records.map(({ kind }) => kind)).toContain('MODEL_RUN');
    for (const { id: recordId } of records) await judgedAsTold(recordId);
  });
});
