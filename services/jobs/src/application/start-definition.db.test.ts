import { aUser } from '@weft/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { aVersion, startEngine, type Engine } from '../testing/engine.js';
import { aContent, aDefinition, checks, codesOf, INPUTS, valueOf } from '../testing/stored-jobs.js';
import { deleteDefinition } from './delete-definition.js';
import { updateDefinition } from './save-definition.js';
import { startDefinition } from './start-definition.js';

let engine: Engine;
let id: string;
beforeAll(async () => {
  engine = await startEngine();
  id = await aDefinition(engine, {
    name: 'report',
    inputs: INPUTS,
    template: { params: '{"depth":9,"fixed":true}', tags: ['report'], priority: 7 },
  });
});

const start = (
  inputs: unknown,
  idempotencyKey: string | null = null,
  definitionId = id,
  actor = engine.user,
) => startDefinition(engine.ports, checks, actor, 'correlation-3', { definitionId, inputs, idempotencyKey });
const paramsOf = async (jobId: string): Promise<unknown> => (await engine.reader.inputs([jobId]))[0]?.params;

it('runs the last version with its inputs laid over the params, and tells which version that was', async () => {
  const { jobId } = valueOf(await start({ day: 'monday' }));
  expect(await engine.job(jobId)).toMatchObject({
    definitionId: id,
    definitionVersion: 1,
    plannedFor: null,
    name: 'report',
    priority: 7,
    tags: ['report'],
    correlationId: 'correlation-3',
  });
  expect(await paramsOf(jobId)).toEqual({ day: 'monday', depth: 3, fixed: true });
  await updateDefinition(engine.ports, checks.typedInputs, engine.user, id, null, (present) => ({
    ...present,
    description: 'changed',
  }));
  const later = valueOf(await start({ day: 'tuesday', depth: 1 }));
  expect((await engine.job(later.jobId)).definitionVersion).toBe(2);
  expect((await engine.job(jobId)).definitionVersion).toBe(1);
});

it('tells every violation by the name of its input, and writes nothing', async () => {
  const before = await engine.database.query('select count(*) as n from job');
  expect(codesOf(await start({ depth: 0, dey: 'monday' })).sort()).toEqual([
    'INPUT_SCHEMA_VIOLATION input.inputs.day',
    'INPUT_SCHEMA_VIOLATION input.inputs.depth',
    'INPUT_SCHEMA_VIOLATION input.inputs.dey',
  ]);
  expect(codesOf(await start('monday'))).toEqual(['BAD_USER_INPUT input.inputs']);
  expect(codesOf(await start({ day: 'x'.repeat(1024 * 1024) }))).toEqual(['PAYLOAD_TOO_LARGE input.inputs']);
  expect(await engine.database.query('select count(*) as n from job')).toEqual(before);
});

it('also what the service version itself does not take is said of the input, or of the definition', async () => {
  const strict = aVersion(engine.organizationId, {
    paramsSchema: {
      type: 'object',
      properties: { day: { enum: ['monday'] }, fixed: { type: 'boolean' } },
    },
  });
  await engine.ports.transact((tx) => tx.references.keepServiceVersion(strict));
  const by = (params: string) =>
    aDefinition(engine, {
      name: `strict ${params}`,
      inputs: INPUTS,
      template: { serviceVersionId: strict.id, params },
    });
  expect(codesOf(await start({ day: 'sunday' }, null, await by('{"fixed":true}')))).toEqual([
    'INPUT_SCHEMA_VIOLATION input.inputs.day',
  ]);
});

describe('under a key', () => {
  it('starts once, and gives the same job for ever after', async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => start({ day: 'a', depth: 2 }, 'k-1')));
    expect(new Set(outcomes.map((one) => valueOf(one).jobId)).size).toBe(1);
    expect(outcomes.map((one) => valueOf(one).repeated).sort()).toEqual([false, true, true]);
    const [first] = outcomes;
    expect(codesOf(await start({ day: 'b' }, 'k-1'))).toEqual(['IDEMPOTENCY_CONFLICT input.idempotencyKey']);
    // Neither a new version nor an end of the definition makes it another job.
    await updateDefinition(engine.ports, checks.typedInputs, engine.user, id, null, (present) => ({
      ...present,
      description: 'changed again',
    }));
    if (first?.ok !== true) throw new Error('refused');
    expect(valueOf(await start({ depth: 2, day: 'a' }, 'k-1'))).toEqual({
      jobId: first.value.jobId,
      repeated: true,
    });
  });

  it('a refused start leaves the key free', async () => {
    expect(codesOf(await start({}, 'k-2'))).toEqual(['INPUT_SCHEMA_VIOLATION input.inputs.day']);
    expect(valueOf(await start({ day: 'a' }, 'k-2')).repeated).toBe(false);
    expect(codesOf(await start({ day: 'a' }, 'x'.repeat(201)))).toEqual([
      'BAD_USER_INPUT input.idempotencyKey',
    ]);
  });
});

it('is for maintainers, and for nobody once it is deleted', async () => {
  const other = await aDefinition(engine, aContent(engine, { name: 'short-lived' }));
  const viewer = { ...aUser(), organizations: [{ id: engine.organizationId, role: 'VIEWER' as const }] };
  expect(codesOf(await start(null, null, other, viewer))).toEqual(['FORBIDDEN input.id']);
  expect(codesOf(await start(null, null, other, aUser()))).toEqual(['NOT_FOUND input.id']);
  expect(codesOf(await start(null, null, 'nothing'))).toEqual(['NOT_FOUND input.id']);
  const { jobId } = valueOf(await start(null, 'k-3', other));
  await deleteDefinition(engine.ports, engine.user, other);
  expect(codesOf(await start(null, null, other))).toEqual(['NOT_FOUND input.id']);
  expect(valueOf(await start(null, 'k-3', other))).toEqual({ jobId, repeated: true });
  expect((await engine.job(jobId)).definitionId).toBe(other);
});
