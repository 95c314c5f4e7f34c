import { parse, validate, type ExecutionResult } from 'graphql';
import { describe, expect, test } from 'vitest';
import { nobody } from '../identity/caller.js';
import { randomQuery, seeded } from '../testing/random-queries.js';
import { openZoo } from '../testing/zoo.js';
import { createOperationPlans } from './operation-plans.js';
import { newOutcome } from './request-context.js';
import { createStockExecutor } from './stock-executor.js';
import { createSupergraphExecutor } from './supergraph-executor.js';

const { graph, sources, sent } = openZoo();
const plans = createOperationPlans(graph, () => undefined);
const own = createSupergraphExecutor(graph, sources);
const stock = createStockExecutor(graph, sources);
const context = { caller: nobody, correlationId: 'c', outcome: newOutcome() };

/**
 * What a client can tell apart: data with the order of its keys, and the errors, which come in no order. Without the
 * list indices in their paths, which the stock executor gets wrong where only some of a list's entries are entities.
 */
const visible = ({ data, errors = [], extensions }: ExecutionResult) => ({
  data: JSON.stringify(data),
  errors: errors.map((error) => JSON.stringify(error).replace(/,\d+(?=[,\]])/g, ',#')).sort(),
  incomplete: extensions !== undefined,
});

async function both(query: string, variables: Record<string, unknown> = {}) {
  const planned = plans.plan(query, parse(query), undefined);
  expect(planned.compiled).toBeDefined();
  const mine = await own.execute(planned, variables, context);
  return {
    mine: visible(mine),
    theirs: visible(await stock.execute(planned, variables, context)),
    result: mine,
  };
}

const QUERIES: readonly (string | [string, Record<string, unknown>])[] = [
  '{ zoo { name star { __typename id name } boss { name title pay } keepers { id title } } }',
  '{ animals(first: 8) { id name mood ... on Cat { lives shape(size: 1) other: shape(size: 2, deep: {a: 1}) } ... on Dog { tricks } } }',
  '{ a: animals(first: 2) { id: name friend { id } friend { name friend { mood } } } animals(first: 1) { kind: __typename } }',
  '{ any { __typename ... on Cat { name } ... on Keeper { name age } ... on Animal { id food } } pet { ... on Cat { lives keeper { nickname } } } }',
  '{ cages { id food weight notes { text by { name } } } maybe { id } failing costs }',
  '{ strict { id name } }',
  '{ zoo { bad { id name } } failing }',
  '{ people { name age boss { boss { title address { city } } } extra } }',
  '{ people { ...P } } fragment P on Keeper { name ...Q } fragment Q on Keeper { title loves { id food ... on Dog { tricks } } }',
  [
    'query ($id: ID!) { keeper(id: $id) { name pay loves { __typename name weight(unit: "g") } } }',
    { id: 'k1' },
  ],
  ['query ($id: ID!) { keeper(id: $id) { name } }', { id: 'none' }],
  [
    'query ($x: Boolean! = false, $y: Boolean!) { zoo { name @include(if: $x) star @skip(if: $y) { id } boss @include(if: $y) { name @skip(if: $x) title } } }',
    { y: true },
  ],
  [
    'query ($x: Boolean! = false, $y: Boolean!) { zoo { ... @include(if: $x) { star { name } } ... @skip(if: $y) { star { mood } } } }',
    { x: true, y: false },
  ],
  '{ __typename __schema { queryType { name } } t: __type(name: "Cat") { kind name } people { id } }',
  '{ x: __typename }',
  'mutation { feed(id: "a0") { name food } hire(name: "x") { title } rename(id: "a2") { keeper { name } } }',
  '{ constructor: zoo { toString: name hasOwnProperty: star { __proto__: id valueOf: name } } }',
];

describe('the compiled executor answers as the stock one does', () => {
  test.each(QUERIES.map((one) => (typeof one === 'string' ? ([one, {}] as const) : one)))(
    '%s',
    async (query, variables) => {
      expect(validate(graph.schema, parse(query))).toEqual([]);
      const { mine, theirs } = await both(query, variables);
      expect(mine).toEqual(theirs);
    },
  );

  test('over queries at random', async () => {
    const random = seeded(20_261_121);
    let [compared, withErrors, incomplete] = [0, 0, 0];
    for (let count = 0; count < 1_000; count += 1) {
      const query = randomQuery(graph.schema, random);
      if (validate(graph.schema, parse(query)).length > 0) continue;
      const variables = random() < 0.5 ? {} : { yes: random() < 0.5, no: random() < 0.5 };
      const { mine, theirs } = await both(query, variables);
      expect(mine, `${query} ${JSON.stringify(variables)}`).toEqual(theirs);
      compared += 1;
      withErrors += Number(mine.errors.length > 0);
      incomplete += Number(mine.incomplete);
    }
    expect(compared).toBeGreaterThan(70);
    expect(withErrors).toBeGreaterThan(2);
    expect(incomplete).toBeGreaterThan(3);
  }, 30_000);
});

test('what the API schema hides is never shown', async () => {
  const { result } = await both('{ animals(first: 4) { __typename id mood } }');
  expect(JSON.stringify(result.data)).not.toMatch(/FURIOUS|Snake/);
  const { result: nested } = await both('{ zoo { star { id friend { id name } } } }');
  expect(nested.data).toEqual({ zoo: { star: { id: 'a1', friend: null } } });
});

test('an entity that is needed several times is asked for once', async () => {
  const query = '{ zoo { keepers { id name } } }';
  sent.length = 0;
  const result = await own.execute(plans.plan(query, parse(query), undefined), {}, context);
  expect(result.data).toMatchObject({
    zoo: { keepers: [{ id: 'k0' }, { id: 'k1' }, { id: 'k0', name: 'keeper 0' }, {}] },
  });
  const asked = sent.filter((one) => one.startsWith('people')).map((one) => JSON.parse(one.slice(7)));
  expect(asked.map((one) => one.variables.representations)).toEqual([
    ['k0', 'k1', 'k2'].map((id) => ({ __typename: 'Keeper', id })),
  ]);
});

test('an error stands at its own entry of a list whose other entries are no entities of that fetch', async () => {
  const { result } = await both('{ any { ... on Animal { id food } ... on Keeper { age } } }');
  expect(result.errors?.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      ['any', 1, 'food'],
      ['any', 2, 'age'],
    ]),
  );
});

test('errors of what is incomplete are placed under the names of the client', async () => {
  const { result } = await both('{ mine: zoo { worst: bad { id called: name } } }');
  expect(result.data).toEqual({ mine: { worst: null } });
  expect(result.extensions?.['valueCompletion']).toMatchObject([
    { message: 'Cannot return null for non-nullable field Cat.called.', path: ['mine', 'worst', 'called'] },
  ]);
});
