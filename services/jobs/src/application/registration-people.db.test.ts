import { REGISTRY_TARGET } from '@weft/contracts';
import { aUser } from '@weft/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { createRecordReader } from '../persistence/record-reader.js';
import { disagreements } from '../testing/engine-tables.js';
import { failed, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { claimRegistrations, endRegistration, askingOf, type Asking } from '../testing/registrations.js';
import { checks } from '../testing/checks.js';
import { groupOf } from '../testing/workflows.js';
import { cancelBatch } from './cancel-batch.js';
import { cancelJobs } from './cancel-jobs.js';
import { dismissDeadLetters } from './dead-letters.js';
import type { JobFilter } from './job-list.js';
import { deleteJob } from './keep-record.js';
import { rerunJob } from './rerun-job.js';
import { retryBatch } from './retry-batch.js';
import { retryJob } from './retry-job.js';
import { submitJob } from './submit-job.js';

let engine: Engine;
let asking: Asking;
beforeEach(async () => {
  engine = await startEngine();
  asking = askingOf(engine);
});

describe('people', () => {
  it('cannot submit one of their own', async () => {
    const submitted = await submitJob(
      engine.ports,
      checks.schemas,
      engine.user.id,
      'c',
      engine.submission({ targetId: REGISTRY_TARGET }),
    );
    expect(submitted).toMatchObject({ ok: false, errors: [{ code: 'TARGET_INCOMPATIBLE' }] });
  });

  it('retry what failed, and cannot run it again with other inputs', async () => {
    const { batchId, jobs } = await asking.batch('a', 'b');
    for (const one of await claimRegistrations(engine))
      await endRegistration(engine, one, failed(0, 'BAD_USER_INPUT', false));
    const [a] = jobs;
    const change = { jobId: a!.jobId, change: <T>(same: T): T => same, keepsWebhook: false };
    const rerun = await rerunJob(engine.ports, checks.schemas, engine.user, 'c', change);
    expect(rerun).toMatchObject({ ok: false, errors: [{ code: 'CONFLICT' }] });
    expect(await retryJob(engine.ports, aUser(), 'c', a!.jobId, 'FAILED')).toMatchObject({ ok: false });
    expect(await retryJob(engine.ports, engine.user, 'c', a!.jobId, 'FAILED')).toMatchObject({ ok: true });
    const again = await retryBatch(engine.ports, engine.user, 'c', { batchId, items: 'FAILED', from: 0 });
    expect(again).toMatchObject({ ok: true, value: { jobs: 1 } });
    const claimed = await claimRegistrations(engine);
    expect(claimed.map((one) => [one.kind, one.code])).toEqual(
      jobs.map(() => ['REGISTRATION', { operation: 'REGISTER_MODEL_RUN' }]),
    );
    expect(await disagreements(engine)).toEqual([]);
  });

  it('cancel it by name, and not with all that is theirs', async () => {
    const { batchId, jobs } = await asking.batch('a', 'b');
    await engine.submit({ name: 'mine' });
    expect(await cancelJobs(engine.ports, engine.user, {}, false)).toMatchObject({ value: { jobs: 1 } });
    expect((await groupOf(engine, batchId)).counts.PENDING).toBe(2);
    expect((await cancelBatch(engine.ports, engine.user, batchId)).ok).toBe(true);
    expect((await groupOf(engine, batchId)).counts.CANCELLED).toBe(2);
    expect(await claimRegistrations(engine)).toEqual([]);
    expect((await engine.job(jobs[0]!.jobId)).state).toBe('CANCELLED');
    const asked = await asking.batch('c');
    const filter = { kinds: ['REGISTRATION'] } as const;
    expect(await cancelJobs(engine.ports, engine.user, filter, false)).toMatchObject({ value: { jobs: 1 } });
    expect((await groupOf(engine, asked.batchId)).counts.CANCELLED).toBe(1);
  });

  it('put away and delete what failed', async () => {
    const { jobs } = await asking.batch('a', 'b');
    for (const one of await claimRegistrations(engine))
      await endRegistration(engine, one, failed(0, 'BAD_USER_INPUT', false));
    const [a, b] = jobs.map((one) => one.jobId) as [string, string];
    const choice = { choice: { ids: [a] }, dryRun: false };
    const dismissed = await dismissDeadLetters(
      engine.ports,
      engine.reader,
      { actor: engine.user, ...choice },
      'seen',
    );
    expect(dismissed).toMatchObject({ ok: true, value: { jobs: 1 } });
    expect((await deleteJob(engine.ports, engine.user, b)).ok).toBe(true);
    expect(await asking.counted('dead_job')).toBe(0);
    expect(await asking.counted('ended_job')).toBe(1);
    // What is left of it is in no list unless asked for, either.
    await engine.submit();
    const [mine] = await engine.claim();
    await engine.report(mine!, 'FINISHED', [succeeded(0)]);
    expect((await deleteJob(engine.ports, engine.user, mine!.jobId)).ok).toBe(true);
    const deleted = async (filter: Pick<JobFilter, 'kinds'>): Promise<string[]> => {
      const page = { first: 10, after: undefined };
      const { rows } = await createRecordReader(engine.database).deletedJobs(engine.user, filter, page);
      return rows.map(({ id }) => id);
    };
    expect(await deleted({})).toEqual([mine!.jobId]);
    expect(await deleted({ kinds: ['REGISTRATION'] })).toEqual([b]);
    expect(await deleted({ kinds: ['REGISTRATION', 'MANAGED_SERVICE'] })).toEqual([mine!.jobId, b]);
    expect(await deleted({ kinds: ['COMMAND'] })).toEqual([]);
  });
});
