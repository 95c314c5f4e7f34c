import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { recordIdOfJob } from '../domain/job-record.js';
import { exchangeSteps, type ExchangeSteps, type ShownRecord } from '../testing/exchange.js';
import { aSucceededJob, id, RIVAL } from '../testing/finished-jobs.js';
import { aMember } from '../testing/item-steps.js';

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

interface Case {
  readonly rule: number;
  readonly says: string;
  readonly lines: readonly string[];
  /** What stands at fault, in parts. */
  readonly fault: readonly string[];
  /** What the graph makes one of. */
  readonly thing: string;
}
const CASES: readonly Case[] = [
  {
    rule: 55,
    says: 'one name is an entity and an activity',
    lines: ['entity(ex:twofold)', 'activity(ex:twofold)', 'used(ex:reader, ex:twofold, -)'],
    fault: ['entity(ex:twofold)', 'activity(ex:twofold)'],
    thing: 'twofold',
  },
  {
    rule: 42,
    says: 'of two generations the one is before what it came from',
    lines: [
      'wasGeneratedBy(ex:g1; ex:twice, ex:first, 2020-01-01T00:00:00Z)',
      'wasGeneratedBy(ex:g2; ex:twice, ex:second, 2021-01-01T00:00:00Z)',
      'wasDerivedFrom(ex:twice, ex:origin)',
      'wasDerivedFrom(ex:origin, ex:twice)',
    ],
    fault: ['wasDerivedFrom(ex:twice, ex:origin', 'wasDerivedFrom(ex:origin, ex:twice'],
    thing: 'twice',
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
  },
  {
    rule: 52,
    says: 'a thing is special to itself',
    lines: ['specializationOf(ex:selfish, ex:selfish)'],
    fault: ['specializationOf(ex:selfish, ex:selfish)'],
    thing: 'selfish',
  },
];

describe('the validity report of an import', () => {
  it.each(CASES)('finds rule $rule: $says', async ({ rule, lines, fault, thing }) => {
    const record = await contradictory(...lines);
    const { violations, violationCount, statementCount, bundleCount, truncated } = await reportOf(record.id);
    console.log(
      JSON.stringify(violations),
      JSON.stringify((await reportOf((await idsOf(thing))[0] ?? '')).violations),
    );
    expect(violations.map(({ constraint }) => constraint)).toContain(rule);
    expect([violationCount, statementCount]).toEqual([violations.length, lines.length]);
    expect([bundleCount, truncated]).toEqual([0, false]);
    const told = violations.find(({ constraint }) => constraint === rule)?.statements.join('\n');
    for (const part of fault) expect(told).toContain(part);
  });
});
