import { AppError } from '@weft/errors';
import { buildSchema, parse, print } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createDocuments } from './documents.js';
import { checkLiterals } from './literal-limits.js';
import { namePrivately, restoreNames, restorePath } from './private-names.js';
import { checkQueryLimits } from './query-limits.js';
import { Recent } from './recent.js';

const schema = buildSchema(
  'type Query { a(x: Int, y: In): A, b: A } input In { p: Int q: Int } type A { id: ID a(x: Int): A }',
);

describe('private names', () => {
  const rename = (source: string) => namePrivately(parse(source), schema);

  test('only what is aliased or can take arguments is renamed, and comes back under its name', () => {
    const { document, publicNames } = rename('{ b { id k: id a { id } } __typename }');
    expect(print(document)).toMatch(/b \{\s+id\s+k__\w{8}: id\s+a__\w{8}: a \{\s+id\s+\}\s+\}\s+__typename/);
    const [k, a] = [...publicNames.keys()] as [string, string];
    expect(restoreNames({ b: [{ id: 1, [k]: 1, [a]: null }] }, publicNames)).toEqual({
      b: [{ id: 1, k: 1, a: null }],
    });
    expect(restorePath(['b', 0, a], publicNames)).toEqual(['b', 0, 'a']);
  });

  test('the same arguments in another spelling get the same name, others do not', () => {
    const names = (source: string) => [...rename(source).publicNames.keys()];
    expect(names('{ a(x: 1, y: {p: 1, q: 2}) { id } a(y: {q: 2, p: 1}, x: 1) { id } }')).toHaveLength(1);
    expect(names('{ a(x: 1) { id } o: a(x: 1) { id } p: a(x: 2) { id } }')).toHaveLength(3);
  });
});

describe('query limits', () => {
  const limits = { depth: 3, aliases: 2, rootFields: 3, fields: 8 };
  const check = (source: string) => checkQueryLimits(parse(source), limits);
  test.each([
    ['depth', '{ a { a { a { id } } } }'],
    [
      'depth through fragments',
      '{ ...F } fragment F on Query { a { ...G } } fragment G on A { a { a { id } } }',
    ],
    ['aliases', '{ a { x: id y: id z: id } }'],
    ['root fields', '{ a { id } b { id } c: a { id } d: a { id } }'],
    ['root fields through a fragment', '{ ...F ...F } fragment F on Query { a { id } b { id } }'],
    ['fields', '{ a { id id id id id id id id } }'],
    [
      'fields through fragments',
      '{ ...F } fragment F on Query { ...G ...G ...G } fragment G on Query { a { id id } }',
    ],
  ])('%s', (_, source) => {
    expect(() => check(source)).toThrow(AppError);
  });
  test('what is within them passes, introspection counts as one level, and a cycle ends', () => {
    check('{ a { a { id } } x: b { id } }');
    check('{ __schema { types { fields { type { ofType { ofType { name } } } } } } }');
    check('{ ...F } fragment F on Query { a { id } ...F }');
  });
});

describe('values in a document', () => {
  const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const objects = (depth: number) => '{x:'.repeat(depth) + '1' + '}'.repeat(depth);
  test.each([
    ['lists', `{ a(x: ${lists(7)}) }`, 'QUERY_TOO_COMPLEX'],
    ['lists in objects', `{ a(x: ${'[{x:'.repeat(7)}1${'}]'.repeat(7)}) }`, 'QUERY_TOO_COMPLEX'],
    ['objects', `{ a(x: ${objects(101)}) }`, 'QUERY_TOO_COMPLEX'],
    ['a default', `query ($x: JSON = ${lists(7)}) { a(x: $x) }`, 'QUERY_TOO_COMPLEX'],
    ['an infinite float', '{ a(x: {y: 1e999}) }', 'BAD_USER_INPUT'],
    ['an infinite integer', `{ a(x: ${'9'.repeat(400)}) }`, 'BAD_USER_INPUT'],
  ])('%s beyond the limits are refused', (_, source, code) => {
    expect(() => checkLiterals(parse(source))).toThrow(expect.objectContaining({ code }));
  });
  test('within them pass, side by side as many as there are', () => {
    checkLiterals(parse(`{ a(x: ${lists(6)}, y: [${`${lists(5)} `.repeat(50)}], z: ${objects(100)}) }`));
  });
});

test('a document that is too deep to be parsed is over a limit, and no syntax error', () => {
  const unlimited = { depth: 1e9, aliases: 1e9, rootFields: 1e9, fields: 1e9 };
  const documents = createDocuments(schema, unlimited, 1e9, true);
  for (const source of ['{ a'.repeat(50_000), `{ a(x: ${'['.repeat(50_000)}) }`])
    expect(documents.examine(source).error).toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
  expect(documents.examine('{ a').error).not.toBeInstanceOf(AppError);
});

test('recent values are kept by count and weight', () => {
  const recent = new Recent<number>(2, 10);
  recent.set('a', 1);
  recent.set('b', 2);
  recent.get('a');
  recent.set('c', 3);
  expect([recent.get('a'), recent.get('b'), recent.get('c')]).toEqual([1, undefined, 3]);
  recent.set('heavy', 4, 10);
  expect([recent.size, recent.get('heavy')]).toEqual([1, 4]);
  recent.set('too heavy', 5, 11);
  expect(recent.get('too heavy')).toBeUndefined();
});
