import type { AttemptReport } from '@weft/contracts';
import type { Queryable } from '@weft/database';
import type { CommittedRow } from '@weft/outbox';
import type {
  InputFacts,
  JobInput,
  JobValues,
  JobStore,
  LockedJob,
  Renewal,
  Renewed,
  SubmissionKeys,
} from '../application/ports.js';
import type { Attempt } from '../domain/job.js';
import { behind } from './due-place.js';
import * as statements from './job-statements.js';
import type { Announce } from './job-news.js';
import { insertJobs, saveChanges } from './job-writes.js';
import { apart, attemptOf, itemOf, jobOf } from './rows.js';
import type { AttemptRow, JobItemRow, JobRow } from './tables.js';

export type LockedRow = JobRow & InputFacts & { readonly now: Date };

type RepeatedRow = InputFacts &
  Pick<JobInput, 'size' | 'image'> & { readonly jobId: string; readonly inputId: string };

/** The rows of {@link statements.LOCKED_COLUMNS} as they are, with their items. */
export async function withItems(tx: Queryable, rows: readonly LockedRow[]): Promise<LockedJob[]> {
  if (rows.length === 0) return [];
  const items = await tx.query<JobItemRow>(statements.ITEMS_OF_JOBS, [rows.map((row) => row.id)]);
  const byJob = Map.groupBy(items, (item) => item.jobId);
  return rows.map((row) => {
    const { rest, input } = apart(row);
    const { now, ...job } = rest;
    return { job: jobOf(job), items: (byJob.get(job.id) ?? []).map(itemOf), input, now };
  });
}

/** @param committing takes the outbox rows that go out once the transaction has committed. */
export function createJobStore(
  tx: Queryable,
  announce: Announce,
  committing: (rows: readonly CommittedRow[]) => void,
): JobStore {
  const attempts = async (...query: Parameters<Queryable['query']>): Promise<Attempt[]> =>
    (await tx.query<AttemptRow>(...query)).map(attemptOf);

  return {
    async now() {
      const [row] = await tx.query<{ now: Date }>('select clock_timestamp() as now');
      return (row as { now: Date }).now;
    },
    async lock(jobId) {
      if (!UUID.test(jobId)) return undefined;
      const rows = await tx.query<LockedRow>(statements.LOCK_JOB, [jobId]);
      return (await withItems(tx, rows))[0];
    },
    attempt: async (jobId, number) =>
      UUID.test(jobId) ? (await attempts(statements.ATTEMPT_BY_NUMBER, [jobId, number]))[0] : undefined,
    runningAttempts: (jobIds) => attempts(statements.RUNNING_ATTEMPTS, [jobIds]),
    expired: (most, after) => tx.query(statements.EXPIRED_JOBS, [most, ...behind(after)]),
    resolvable: (most, after) => tx.query(statements.RESOLVABLE_JOBS, [most, ...behind(after)]),
    async insert(births) {
      if (births.length === 0) return;
      const { jobIds, news } = await insertJobs(tx, announce, births);
      for (const { born } of births)
        if (!jobIds.has(born.job.id)) throw new Error(`job ${born.job.id} was not written`);
      committing(news);
    },
    async save(changes) {
      if (changes.length === 0) return;
      const { jobIds, news } = await saveChanges(tx, announce, changes);
      // Their rows are locked by this transaction: nobody else can have moved them on.
      for (const { change } of changes)
        if (!jobIds.has(change.job.id)) throw new Error(`job ${change.job.id} was not at its seq`);
      committing(news);
    },
    async toRepeat(locked) {
      const rows = await tx.query<RepeatedRow>(statements.TO_REPEAT, [locked.map(({ job }) => job.id)]);
      const found = new Map(rows.map((row) => [row.jobId, row]));
      return locked.flatMap(({ job, ...rest }) => {
        const row = found.get(job.id);
        if (row === undefined) return [];
        const { jobId: _job, inputId, size, image, ...input } = row;
        return [{ ...rest, job: { ...job, inputId }, input, wishes: { kind: job.kind, size, image } }];
      });
    },
    inputOfJob: async (jobId) => (await tx.query<JobInput>(statements.INPUT_OF_JOB, [jobId]))[0],
    async valuesOfAnother(jobId, other, item) {
      if (!UUID.test(other)) return undefined;
      return (await tx.query<JobValues>(statements.VALUES_OF_ANOTHER, [jobId, other, item]))[0];
    },
    async resultValue(organizationId, jobId, itemIndex) {
      const [row] = await tx.query<{ result: string | null }>(statements.RESULT_VALUE, [
        ...[organizationId, jobId, itemIndex],
      ]);
      return row?.result ?? null;
    },
    async recordRefusal(workerId, report: AttemptReport, code) {
      await tx.query(statements.RECORD_REFUSAL, [
        report.jobId,
        report.attempt,
        report.fence,
        workerId,
        report.kind,
        code,
      ]);
    },
    renew: (workerId, targetId, renewals: readonly Renewal[], leaseMs) =>
      tx.query<Renewed>(statements.RENEW, [
        workerId,
        targetId,
        JSON.stringify(renewals.filter((one) => UUID.test(one.jobId))),
        leaseMs,
      ]),
  };
}

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function createSubmissionKeys(tx: Queryable): SubmissionKeys {
  return {
    async take(organizationId, key, inputHash, jobId) {
      const taken = await tx.query(statements.TAKE_KEY, [organizationId, key, inputHash, jobId]);
      if (taken.length === 1) return undefined;
      return (
        await tx.query<{ jobId: string; inputHash: string }>(statements.KEY_HOLDER, [organizationId, key])
      )[0];
    },
  };
}
