import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSchemaChecker } from '../domain/schema-check.js';
import { aVersion, startEngine, type Engine } from '../testing/engine.js';
import { cancelJob } from './cancel-job.js';
import { resolveReferences } from './resolve-references.js';
import { submitJob } from './submit-job.js';
import { inTime } from '../in-time.js';
import { checking } from '../testing/checks.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

describe('submission', () => {
  const submit = (overrides: Parameters<Engine['submission']>[0]) =>
    submitJob(
      engine.ports,
      createSchemaChecker(inTime),
      engine.user.id,
      'correlation-9',
      engine.submission(overrides),
    );

  it('is idempotent by key, and refuses another input under it', async () => {
    const first = await submit({ idempotencyKey: 'k-1' });
    const [again, concurrent] = await Promise.all([
      submit({ idempotencyKey: 'k-1' }),
      submit({ idempotencyKey: 'k-1' }),
    ]);
    if (!first.ok || !again.ok || !concurrent.ok) throw new Error('refused');
    expect([again.value, concurrent.value]).toEqual([
      { jobId: first.value.jobId, repeated: true },
      { jobId: first.value.jobId, repeated: true },
    ]);
    expect(await submit({ idempotencyKey: 'k-1', data: '{"n":2}' })).toMatchObject({
      ok: false,
      errors: [{ code: 'IDEMPOTENCY_CONFLICT' }],
    });
    await cancelJob(engine.ports, engine.user, first.value.jobId);
  });

  it('a refused submission leaves its key free and nothing behind', async () => {
    const before = await engine.database.query<{ n: number }>('select count(*) as n from job');
    const foreign = aVersion('11111111-1111-4111-8111-111111111111');
    await engine.ports.transact((tx) => tx.references.keepServiceVersion(foreign));
    expect(await submit({ idempotencyKey: 'k-2', serviceVersionId: foreign.id })).toMatchObject({
      ok: false,
      errors: [{ code: 'REFERENCE_UNKNOWN' }],
    });
    expect(await engine.database.query('select count(*) as n from job')).toEqual(before);
    const retried = await submit({ idempotencyKey: 'k-2' });
    expect(retried).toMatchObject({ ok: true, value: { repeated: false } });
    if (retried.ok) await cancelJob(engine.ports, engine.user, retried.value.jobId);
  });

  it('says everything that is wrong at once', async () => {
    const outcome = await submit({
      name: ' ',
      priority: 1000,
      maxAttempts: 0,
      items: [],
      data: `"${'x'.repeat(1024 * 1024)}"`,
    });
    if (outcome.ok) throw new Error('accepted');
    expect(outcome.errors.map((error) => error.path.at(-1)).sort()).toEqual([
      'data',
      'items',
      'maxAttempts',
      'name',
      'priority',
    ]);
  });

  it('accepts a value of exactly 1 MB', async () => {
    const data = `"${'x'.repeat(1024 * 1024 - 2)}"`;
    const outcome = await submit({ data });
    if (!outcome.ok) throw new Error(outcome.errors[0]?.message);
    await cancelJob(engine.ports, engine.user, outcome.value.jobId);
  });

  it('checks data and params against the schemas of the version', async () => {
    const version = aVersion(engine.organizationId, {
      dataSchema: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } },
      paramsSchema: { type: 'object', properties: { seed: { type: 'integer' } } },
    });
    await engine.ports.transact((tx) => tx.references.keepServiceVersion(version));
    const outcome = await submit({
      serviceVersionId: version.id,
      data: '{"n":"one"}',
      items: ['{"seed":1}', '{"seed":"x"}'],
    });
    if (outcome.ok) throw new Error('accepted');
    expect(outcome.errors.map((error) => error.path.join('.'))).toEqual([
      'input.data.n',
      'input.items.1.params.seed',
    ]);
  });

  it('waits for a reference that is not known yet, and refuses it after its time', async () => {
    const late = aVersion(engine.organizationId);
    const outcome = await submit({ serviceVersionId: late.id });
    if (!outcome.ok) throw new Error('refused');
    const { jobId } = outcome.value;
    expect(await engine.job(jobId)).toMatchObject({
      state: 'PENDING',
      reason: 'WAITING_FOR_REFERENCE',
      claimableAt: null,
    });
    await resolveReferences(engine.ports, checking);
    expect((await engine.job(jobId)).reason).toBe('WAITING_FOR_REFERENCE');
    await engine.ports.transact((tx) => tx.references.keepServiceVersion(late));
    await resolveReferences(engine.ports, checking);
    expect(await engine.job(jobId)).toMatchObject({ reason: 'QUEUED', serviceId: late.serviceId });
    await cancelJob(engine.ports, engine.user, jobId);

    const unknown = randomUUID();
    const never = await submit({ serviceVersionId: unknown });
    if (!never.ok) throw new Error('refused');
    await engine.database.query(`update job set reference_deadline = now() where id = $1`, [
      never.value.jobId,
    ]);
    await resolveReferences(engine.ports, checking);
    expect((await engine.job(never.value.jobId)).state).toBe('FAILED');
    const [item] = await engine.reader.soleItems([never.value.jobId]);
    expect(item?.error?.code).toBe('REFERENCE_UNKNOWN');
    expect(item?.error?.message).toMatch(
      new RegExp(`^serviceVersionId "${unknown}" does not exist for this organization. Check that it is`),
    );
  });

  it('refuses at once what can be the id of nothing, in a message that repeats a little of it', async () => {
    const outcome = await submit({
      serviceVersionId: 'x',
      dataArtifactId: 'y'.repeat(1_000),
      data: null,
      targetId: 'no target',
    });
    expect(outcome).toMatchObject({
      ok: false,
      errors: [
        {
          code: 'BAD_USER_INPUT',
          path: ['input', 'serviceVersionId'],
          message: 'serviceVersionId is a UUID, not "x".',
        },
        {
          code: 'BAD_USER_INPUT',
          path: ['input', 'dataArtifactId'],
          message: expect.stringMatching(/^.{40,120}$/) as string,
        },
        { code: 'BAD_USER_INPUT', path: ['input', 'targetId'] },
      ],
    });
  });
});
