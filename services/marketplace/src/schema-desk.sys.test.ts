import { afterAll, expect, it } from 'vitest';
import { createSchemaDesk } from './schema-desk.js';

const desk = createSchemaDesk();
afterAll(desk.close);

const fields = Object.fromEntries(
  Array.from({ length: 300 }, (_, n) => [`p${n}`, { type: 'string', minLength: 2, maxLength: 9 }]),
);
const copies = { $defs: { a: { properties: fields } }, allOf: Array(500).fill({ $ref: '#/$defs/a' }) };

it('refuses a schema that takes minutes to compile, and judges others meanwhile', async () => {
  const order: string[] = [];
  const judge = async (userId: string, schema: unknown) => {
    const problems = await desk.problems(userId, schema, 'input', 'dataSchema');
    order.push(userId);
    return problems.map(({ code, path }) => `${code} ${path.join('.')}`);
  };
  const evil = judge('evil', copies);
  expect(await judge('good', { type: 'object' })).toEqual([]);
  expect(await judge('good', { type: 'nonsense' })).toEqual(['BAD_USER_INPUT input.dataSchema']);
  expect(await evil).toEqual(['SCHEMA_TOO_EXPENSIVE input.dataSchema']);
  expect(order).toEqual(['good', 'good', 'evil']);
});

it('asks nobody about what is no schema', async () => {
  expect(await desk.problems('good', null, 'input')).toEqual([]);
});
