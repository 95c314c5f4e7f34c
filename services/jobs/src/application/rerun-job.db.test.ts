import { aUser } from '@weft/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSchemaChecker } from '../domain/schema-check.js';
import type { Submission } from '../domain/submission.js';
import { inTime } from '../in-time.js';
import { aTarget, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { openCommand } from './keep-command.js';
import { rerunJob } from './rerun-job.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
  await engine.ports.transact((tx) => tx.references.keepTarget(aTarget({ id: 'elsewhere' })));
});

const schemas = createSchemaChecker(inTime);
const rerun = async (
  jobId: string,
  changes: Partial<Submission> = {},
  actor = engine.user,
): Promise<string> => {
  const outcome = await rerunJob(engine.ports, schemas, actor, 'correlation-2', {
    jobId,
    change: (asItWas) => ({ ...asItWas, ...changes }),
    keepsWebhook: true,
  });
  return outcome.ok ? outcome.value.jobId : outcome.errors.map((error) => error.code).join();
};
const inputOf = (jobId: string) => engine.ports.transact((tx) => tx.jobs.inputOfJob(jobId));

describe('a job that is run again', () => {
  it('is a new one with the same inputs, all items anew, and tells of which', async () => {
    const id = await engine.submit({
      params: '{"depth":2}',
      items: ['{"seed":1}', null],
      tags: ['a'],
      priority: 3,
    });
    const [attempt] = await engine.claim();
    await engine.report(attempt!, 'FINISHED', [succeeded(0), succeeded(1)]);
    const again = await rerun(id);
    expect(await engine.job(again)).toMatchObject({
      rerunOf: id,
      retryOf: null,
      state: 'PENDING',
      itemsTotal: 2,
      carriedOver: 0,
      tags: ['a'],
      priority: 3,
    });
    const [before, after] = [await inputOf(id), await inputOf(again)];
    expect(after).toEqual({ ...before, id: after?.id });
    expect(after?.id).not.toBe(before?.id);
    expect((await engine.job(id)).state).toBe('SUCCEEDED');
  });

  it('takes other inputs and another target', async () => {
    const id = await engine.submit({ data: '{"n":1}' });
    const again = await rerun(id, { data: '{"n":2}', targetId: 'elsewhere' });
    expect(await engine.job(again)).toMatchObject({ targetId: 'elsewhere' });
    expect((await inputOf(again))?.data).toBe('{"n":2}');
    expect((await inputOf(id))?.data).toBe('{"n":1}');
  });

  it('has the secrets of its command, sealed for itself', async () => {
    const id = await engine.submit({
      serviceVersionId: null,
      command: {
        command: 'echo $TOKEN',
        startScript: null,
        workingDirectory: null,
        environment: [{ name: 'TOKEN', value: 'hunter2', secret: true }],
        codeArtifactId: null,
        codeFileName: null,
      },
    });
    const input = await inputOf(await rerun(id));
    expect(JSON.stringify(input)).not.toContain('hunter2');
    expect(openCommand(engine.ports.secrets, input!, null)).toContain('hunter2');
  });

  it('happens once under a key, which holds for this job and these inputs', async () => {
    const id = await engine.submit();
    const first = await rerun(id, { idempotencyKey: 'again' });
    expect(await rerun(id, { idempotencyKey: 'again' })).toBe(first);
    expect(await rerun(id, { idempotencyKey: 'again', name: 'other' })).toBe('IDEMPOTENCY_CONFLICT');
    expect(await rerun(first, { idempotencyKey: 'again' })).toBe('IDEMPOTENCY_CONFLICT');
  });

  it('is refused to who may not, and with what may not be', async () => {
    const id = await engine.submit();
    const viewer = aUser({ organizations: [{ id: engine.organizationId, role: 'VIEWER' }] });
    expect(await rerun(id, {}, aUser())).toBe('NOT_FOUND');
    expect(await rerun(id, {}, viewer)).toBe('FORBIDDEN');
    expect(await rerun(id, { maxAttempts: 99 })).toBe('BAD_USER_INPUT');
    expect(await rerun('no-id')).toBe('NOT_FOUND');
  });
});
