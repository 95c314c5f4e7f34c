import { describe, expect, it } from 'vitest';
import { createSchemaChecker } from './schema-check.js';
import { inTime } from '../in-time.js';

const check = (schema: unknown, value: unknown): string[] =>
  createSchemaChecker(inTime)
    .check('key', schema, [{ value, path: ['data'] }])
    .map((error) => `${error.code} ${error.path.join('.')}: ${error.message}`);

describe('checking a value against a schema of someone else', () => {
  it.each([
    ['2020-12', { type: 'object', required: ['n'] }],
    ['draft-07', { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', required: ['n'] }],
  ])('takes what marketplace takes: %s', (_name, schema) => {
    expect(check(schema, { n: 1 })).toEqual([]);
    expect(check(schema, {})).toEqual([
      "INPUT_SCHEMA_VIOLATION input.data: data must have required property 'n'.",
    ]);
  });

  it('follows references inside the schema, also to its root', () => {
    const tree = {
      $defs: { leaf: { type: 'number' } },
      anyOf: [{ $ref: '#/$defs/leaf' }, { type: 'array', items: { $ref: '#' } }],
    };
    expect(check(tree, [1, [2, [3]]])).toEqual([]);
    expect(check(tree, [1, [2, ['x']]])).not.toEqual([]);
  });

  it('knows the schemas that are no objects', () => {
    expect(check(null, 1)).toEqual([]);
    expect(check(true, 1)).toEqual([]);
    expect(check(false, 1)).toHaveLength(1);
  });

  it.each([
    ['that cannot be compiled', { $ref: '#/nowhere' }, 1],
    [
      'that asks for endless work',
      { type: 'array', uniqueItems: true },
      Array.from({ length: 60_000 }, (_, n) => [n]),
    ],
    ['that needs more stack than there is', { type: 'array', items: { $ref: '#' } }, deep(20_000)],
    ['whose pattern never comes to an end', { pattern: '^(([a-z])+.)+[A-Z]([a-z])+$' }, 'a'.repeat(40)],
  ])('refuses the value for one %s, instead of failing or hanging', (_name, schema, value) => {
    const before = performance.now();
    expect(check(schema, value)).toEqual([expect.stringMatching(/^INPUT_SCHEMA_VIOLATION input\.data: /)]);
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});

function deep(levels: number): unknown {
  let value: unknown = [];
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}
