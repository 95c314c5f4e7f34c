import { randomUUID } from 'node:crypto';
import { aUser } from '@weft/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { aVersion, startEngine, type Engine } from '../testing/engine.js';
import { aContent, aDefinition, checks, codesOf, INPUTS, valueOf } from '../testing/stored-jobs.js';
import { deleteDefinition } from './delete-definition.js';
import {
  applyDefinition,
  createDefinition,
  updateDefinition,
  type DefinitionChange,
} from './save-definition.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

type Overrides = Parameters<typeof aContent>[1];
const create = (overrides: Overrides = {}) =>
  createDefinition(
    engine.ports,
    checks.typedInputs,
    engine.user,
    engine.organizationId,
    aContent(engine, overrides),
  );
const apply = (overrides: Overrides = {}, ifVersion: number | null = null) =>
  applyDefinition(
    engine.ports,
    checks.typedInputs,
    engine.user,
    engine.organizationId,
    ifVersion,
    aContent(engine, overrides),
  );
const versionsOf = async (id: string): Promise<unknown[]> =>
  engine.database.query(
    `select version, name, data from job_definition_version where definition_id = $1 order by version`,
    [id],
  );

describe('a name', () => {
  it('is one definition in its organization, also for two who come at once', async () => {
    const outcomes = await Promise.all([
      create({ name: 'once' }),
      create({ name: 'once' }),
      create({ name: 'once' }),
    ]);
    expect(outcomes.map((one) => (one.ok ? 'CREATED' : codesOf(one).join())).sort()).toEqual([
      'CONFLICT input.name',
      'CONFLICT input.name',
      'CREATED',
    ]);
  });

  it('is applied by two at once without a trace of the race', async () => {
    const outcomes = await Promise.all([apply({ name: 'applied' }), apply({ name: 'applied' })]);
    expect(outcomes.map((one) => valueOf(one).change).sort()).toEqual<DefinitionChange[]>([
      'CREATED',
      'UNCHANGED',
    ]);
  });

  it('is free again once its definition is deleted, and for another one by renaming', async () => {
    const id = await aDefinition(engine, { name: 'old' });
    expect(codesOf(await deleteDefinition(engine.ports, engine.user, id))).toEqual([]);
    const next = await aDefinition(engine, { name: 'old' });
    const other = await aDefinition(engine, { name: 'other' });
    const rename = (to: string) =>
      updateDefinition(engine.ports, checks.typedInputs, engine.user, other, null, (present) => ({
        ...present,
        name: to,
      }));
    expect(codesOf(await rename('old'))).toEqual(['CONFLICT input.name']);
    expect(codesOf(await deleteDefinition(engine.ports, engine.user, next))).toEqual([]);
    expect(codesOf(await rename('old'))).toEqual([]);
    expect(codesOf(await deleteDefinition(engine.ports, engine.user, id))).toEqual(['NOT_FOUND input.id']);
  });
});

describe('a version', () => {
  it('comes with a change, stays as it was, and does not come without', async () => {
    const { definitionId } = valueOf(
      await apply({ name: 'versioned', inputs: { type: 'object', title: 'x' } }),
    );
    expect(valueOf(await apply({ name: 'versioned', inputs: { title: 'x', type: 'object' } })).change).toBe(
      'UNCHANGED',
    );
    expect(valueOf(await apply({ name: 'versioned', template: { data: '2' } })).change).toBe('UPDATED');
    expect(await versionsOf(definitionId)).toEqual([
      { version: 1, name: 'versioned', data: '{"n":1}' },
      { version: 2, name: 'versioned', data: '2' },
    ]);
    await expect(
      engine.database.query(`update job_definition_version set name = 'x' where definition_id = $1`, [
        definitionId,
      ]),
    ).rejects.toThrow(/append-only/);
  });

  it('is asked for by whoever changes it', async () => {
    await apply({ name: 'guarded' }, 0);
    expect(codesOf(await apply({ name: 'guarded', description: 'mine' }, 0))).toEqual([
      'CONFLICT input.ifVersion',
    ]);
    const outcomes = await Promise.all([
      apply({ name: 'guarded', description: 'mine' }, 1),
      apply({ name: 'guarded', description: 'yours' }, 1),
    ]);
    expect(outcomes.map((one) => (one.ok ? one.value.change : codesOf(one).join())).sort()).toEqual([
      'CONFLICT input.ifVersion',
      'UPDATED',
    ]);
    expect(codesOf(await apply({ name: 'never there' }, 3))).toEqual(['CONFLICT input.ifVersion']);
  });
});

it('says everything that is wrong at once', async () => {
  const outcome = await create({
    name: ' ',
    description: 'x'.repeat(3_000),
    inputs: { type: 'string' },
    template: { params: '[1]', priority: 1_000, maxAttempts: 0 },
  });
  expect(codesOf(outcome).sort()).toEqual([
    'BAD_USER_INPUT input.description',
    'BAD_USER_INPUT input.inputs',
    'BAD_USER_INPUT input.maxAttempts',
    'BAD_USER_INPUT input.name',
    'BAD_USER_INPUT input.params',
    'BAD_USER_INPUT input.priority',
  ]);
});

it('refuses what belongs to others, and takes what is not known yet', async () => {
  const foreign = aVersion(randomUUID());
  await engine.ports.transact((tx) => tx.references.keepServiceVersion(foreign));
  expect(codesOf(await create({ name: 'a', template: { serviceVersionId: foreign.id } }))).toEqual([
    'REFERENCE_UNKNOWN input.serviceVersionId',
  ]);
  expect(codesOf(await create({ name: 'a', template: { serviceVersionId: 'x', targetId: '' } }))).toEqual([
    'BAD_USER_INPUT input.serviceVersionId',
    'BAD_USER_INPUT input.targetId',
  ]);
  const late = aVersion(engine.organizationId);
  const content = { name: 'early', template: { serviceVersionId: late.id, targetId: 'nowhere' } };
  const warned = async () => {
    const outcome = await apply(content);
    if (!outcome.ok) return codesOf(outcome);
    return [outcome.value.change, ...outcome.value.warnings.map(({ code, path }) => `${code} ${path[1]}`)];
  };
  const both = ['REFERENCE_UNKNOWN serviceVersionId', 'REFERENCE_UNKNOWN targetId'];
  expect(await warned()).toEqual(['CREATED', ...both]);
  await engine.ports.transact((tx) => tx.references.keepServiceVersion(late));
  expect(await warned()).toEqual(['UNCHANGED', 'REFERENCE_UNKNOWN targetId']);
});

it('is changed by maintainers, deleted by owners, and does not exist for strangers', async () => {
  const id = await aDefinition(engine, { name: 'ours', inputs: INPUTS });
  const as = (role: 'VIEWER' | 'MAINTAINER') => ({
    ...aUser(),
    organizations: [{ id: engine.organizationId, role }],
  });
  const touch = (actor: Parameters<typeof updateDefinition>[2]) =>
    updateDefinition(engine.ports, checks.typedInputs, actor, id, null, (present) => present);
  expect(codesOf(await touch(aUser()))).toEqual(['NOT_FOUND input.id']);
  expect(codesOf(await touch(as('VIEWER')))).toEqual(['FORBIDDEN input.id']);
  expect(codesOf(await touch(as('MAINTAINER')))).toEqual([]);
  expect(codesOf(await deleteDefinition(engine.ports, aUser(), id))).toEqual(['NOT_FOUND input.id']);
  expect(codesOf(await deleteDefinition(engine.ports, as('MAINTAINER'), id))).toEqual(['FORBIDDEN input.id']);
  expect(codesOf(await deleteDefinition(engine.ports, engine.user, 'x'))).toEqual(['NOT_FOUND input.id']);
});
