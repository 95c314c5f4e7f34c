import { describe, expect, it } from 'vitest';
import { jsonSchemaProblems, MAX_SCHEMA_BYTES } from './json-schema.js';

const codes = (schema: unknown): string[] =>
  jsonSchemaProblems(schema, 'input', 'dataSchema').map((error) => error.code);

const nested = (depth: number): unknown => {
  let schema: unknown = true;
  for (let level = 0; level < depth; level++) schema = { not: schema };
  return schema;
};

describe('a JSON Schema', () => {
  it.each([
    ['nothing', null],
    ['everything', true],
    ['an object', { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }],
    [
      '2020-12',
      { $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [{ type: 'string' }] },
    ],
    ['draft-07', { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }] }],
    ['own references', { $defs: { n: { type: 'number' } }, $ref: '#/$defs/n' }],
    ['escapes within a pattern', { pattern: '[\\u0000\\ud83d]', enum: ['\\\\u0000', '💥'] }],
    ['formats and unknown keywords', { type: 'string', format: 'date-time', 'x-unit': 'K' }],
  ])('is good: %s', (_what, schema) => {
    expect(codes(schema)).toEqual([]);
    // Twice, since nothing may be remembered between two checks.
    expect(codes(schema)).toEqual([]);
  });

  it.each([
    ['a text', 'object'],
    ['a list', []],
    ['an unknown type', { type: 'nonsense' }],
    ['a broken pattern', { pattern: '(' }],
    ['a reference to elsewhere', { $ref: 'https://example.org/schema' }],
    ['an unknown dialect', { $schema: 'https://example.org/dialect' }],
    ['an asynchronous one', { $async: true, type: 'object' }],
    ['U+0000 in a value', { title: 'a\u0000' }],
    ['U+0000 in a name', { properties: { 'a\\\u0000': true } }],
    ['half a character', { enum: ['\ud83d'] }],
    ['an endless nest', nested(4_000)],
  ])('is refused: %s', (_what, schema) => {
    expect(codes(schema)).toEqual(['BAD_USER_INPUT']);
  });

  it('is bounded in bytes, not in characters', () => {
    const around = JSON.stringify({ title: '' }).length;
    expect(codes({ title: 'x'.repeat(MAX_SCHEMA_BYTES - around) })).toEqual([]);
    expect(codes({ title: 'ü'.repeat(MAX_SCHEMA_BYTES / 2) })).toEqual(['PAYLOAD_TOO_LARGE']);
  });

  it('can have an $id that another one has', () => {
    expect(codes({ $id: 'https://example.org/same', type: 'string' })).toEqual([]);
    expect(codes({ $id: 'https://example.org/same', type: 'number' })).toEqual([]);
  });
});
