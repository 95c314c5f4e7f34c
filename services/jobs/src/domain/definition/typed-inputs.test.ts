import { expect, it } from 'vitest';
import { inTime } from '../../in-time.js';
import { EVIL } from '../../testing/evil-schemas.js';
import { createTypedInputs } from './typed-inputs.js';

const inputs = createTypedInputs(inTime);
const schema = {
  type: 'object',
  required: ['depth', 'who'],
  additionalProperties: false,
  properties: {
    depth: { type: 'integer', minimum: 1 },
    who: { type: 'object', required: ['mail'], properties: { mail: { type: 'string', format: 'email' } } },
    mode: { enum: ['fast', 'exact'], default: 'fast' },
    seed: { type: 'integer', default: 7 },
  },
};

it('tells every violation with its path', () => {
  const outcome = inputs.fill('o', 'a:1', schema, { depth: 0, who: { mail: 'x' }, mode: 'slow', dept: 1 });
  if (outcome.ok) throw new Error('accepted');
  expect(outcome.errors.map((error) => [error.path.join('.'), error.message]).sort()).toEqual([
    ['input.inputs.dept', 'dept is not an input.'],
    ['input.inputs.depth', 'depth must be >= 1.'],
    ['input.inputs.mode', 'mode must be equal to one of the allowed values: ["fast","exact"].'],
    ['input.inputs.who.mail', 'who.mail must match format "email".'],
  ]);
  expect(inputs.fill('o', 'a:1', schema, null)).toMatchObject({
    errors: [{ path: ['input', 'inputs', 'depth'] }, { path: ['input', 'inputs', 'who'] }],
  });
});

it('fills in defaults, and leaves what was given as it is', () => {
  const given = { depth: 3, who: { mail: 'a@example.org' }, seed: 1 };
  expect(inputs.fill('o', 'a:1', schema, given)).toEqual({ ok: true, value: { ...given, mode: 'fast' } });
  expect(given).not.toHaveProperty('mode');
});

it('takes nothing where nothing is declared', () => {
  expect(inputs.fill('o', 'b:1', null, undefined)).toEqual({ ok: true, value: {} });
  expect(inputs.fill('o', 'b:1', null, { x: 1 })).toMatchObject({
    ok: false,
    errors: [{ path: ['input', 'inputs', 'x'] }],
  });
  expect(inputs.fill('o', 'b:1', null, [1])).toMatchObject({ ok: false });
});

it('refuses what cannot be a schema of inputs', () => {
  const problem = (given: unknown): string | undefined => inputs.checkSchema('o', given)[0]?.message;
  expect(problem(schema)).toBeUndefined();
  expect(problem(null)).toBeUndefined();
  expect(problem(true)).toMatch(/object/);
  expect(problem({ type: 'array' })).toMatch(/"type": "object"/);
  expect(problem({ type: 'object', properties: { a: { type: 'number!' } } })).toMatch(
    /not a usable JSON Schema/,
  );
  expect(problem({ type: 'object', $ref: 'https://example.org/x' })).toMatch(/resolve/);
  expect(problem({ type: 'object', $async: true })).toMatch(/async/);
  expect(problem({ type: 'object', description: 'x'.repeat(70_000) })).toMatch(/65536 bytes/);
  expect(
    inputs.checkSchema('o', { type: 'object', properties: { n: { type: 'integer', default: 'many' } } }),
  ).toMatchObject([
    {
      path: ['input', 'inputs', 'properties', 'n', 'default'],
      message: expect.stringMatching(/must be integer/),
    },
  ]);
});

it.each(EVIL)('gives up on $name, and says nothing of how', ({ name, schema, value }) => {
  const given = { type: 'object', properties: { s: schema.$defs ? { $ref: '#/$defs/root' } : schema } };
  const whole = schema.$defs
    ? { ...given, $defs: { ...(schema.$defs as object), root: { ...schema, $defs: undefined } } }
    : given;
  const outcome = inputs.fill('o', name, JSON.parse(JSON.stringify(whole)), { s: value });
  expect(outcome).toMatchObject({ ok: false, errors: [{ code: 'SCHEMA_TOO_EXPENSIVE' }] });
  expect(JSON.stringify(outcome)).not.toMatch(/script|timed out|\dms/i);
});
