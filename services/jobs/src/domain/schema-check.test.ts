import { describe, expect, it } from 'vitest';
import { createSchemaChecker } from './schema-check.js';
import { inTime } from '../in-time.js';
import { EVIL } from '../testing/evil-schemas.js';

const check = (schema: unknown, value: unknown): string[] => checkText(schema, JSON.stringify(value));

const checkText = (schema: unknown, base: string): string[] =>
  createSchemaChecker(inTime)
    .check('organization', [{ key: 'key', schema, base, values: [{ path: ['data'], own: null }] }])
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
    ['that cannot be compiled', { $ref: '#/nowhere' }, '1'],
    [
      'that needs more stack than there is',
      { type: 'array', items: { $ref: '#' } },
      `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    ],
  ])('refuses the value for one %s, instead of failing', (_name, schema, text) => {
    expect(checkText(schema, text)).toEqual([expect.stringMatching(/^INPUT_SCHEMA_VIOLATION input\.data: /)]);
  });

  it.each(EVIL)('gives up on $name, and says nothing of how', ({ schema, value }) => {
    expect(check(schema, value)).toEqual([
      expect.stringMatching(
        /^SCHEMA_TOO_EXPENSIVE input\.data: The check against the JSON Schema takes too long/,
      ),
    ]);
  });
});
