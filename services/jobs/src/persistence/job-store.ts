import { isFinalJobState, type AttemptReport } from '@weft/contracts';
import type { Queryable } from '@weft/database';
import type { OutboxRow } from '@weft/outbox';
import type {
  InputFacts,
  JobInput,
  JobStore,
  LockedJob,
  Renewal,
  Renewed,
  SubmissionKeys,
} from '../application/ports.js';
import type { Attempt, Job, JobItem, Transition } from '../domain/job.js';
import type { JobChange } from '../domain/job-change.js';
import * as statements from './job-statements.js';
import { attemptOf, itemOf, jobOf, jobRow, transitionRow } from './rows.js';
import type { AttemptRow, JobItemRow, JobRow } from './tables.js';

/** What is told to other services of a job's transitions; provided by the messaging room. */
export type Announce = (facts: {
  readonly job: Job;
  readonly items: readonly JobItem[];
  readonly attempts: readonly Attempt[];
  readonly transitions: readonly Transition[];
  readonly input: InputFacts;
}) => OutboxRow[];

type LockedRow = JobRow & InputFacts & { readonly now: Date };

export function createJobStore(tx: Queryable, announce: Announce): JobStore {
  const withItems = async (rows: readonly LockedRow[]): Promise<LockedJob[]> => {
    const items = await tx.query<JobItemRow>(statements.ITEMS_OF_JOBS, [rows.map((row) => row.id)]);
    const byJob = Map.groupBy(items, (item) => item.jobId);
    return rows.map(
      ({
        now,
        dataArtifactId,
        codeArtifactId,
        dataSha256,
        paramsSha256,
        dataBytes,
        paramsBytes,
        ...row
      }) => ({
        job: jobOf(row),
        items: (byJob.get(row.id) ?? []).map(itemOf),
        input: { dataArtifactId, codeArtifactId, dataSha256, paramsSha256, dataBytes, paramsBytes },
        now,
      }),
    );
  };
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
      return rows.length === 0 ? undefined : (await withItems(rows))[0];
    },
    async lockClaimable(targetId, most) {
      const rows = await tx.query<LockedRow>(statements.LOCK_CLAIMABLE, [targetId, most]);
      return rows.length === 0 ? [] : withItems(rows);
    },
    attempt: async (jobId, number) =>
      UUID.test(jobId) ? (await attempts(statements.ATTEMPT_BY_NUMBER, [jobId, number]))[0] : undefined,
    runningAttempts: (jobId) => attempts(statements.RUNNING_ATTEMPTS, [jobId]),
    async attemptsOfClaim(workerId, claimRequestId) {
      const rows = await tx.query<AttemptRow & { entered: boolean; jobId: string | null }>(
        statements.ATTEMPTS_OF_CLAIM,
        [workerId, claimRequestId],
      );
      if (rows[0]?.entered !== true) return undefined;
      return rows.filter((row) => row.jobId !== null).map(({ entered: _entered, ...row }) => attemptOf(row));
    },
    expiredJobIds: async (most) => [
      ...new Set(
        (await tx.query<{ jobId: string }>(statements.EXPIRED_JOBS, [most])).map((row) => row.jobId),
      ),
    ],
    waitingJobIds: async (most) =>
      (await tx.query<{ jobId: string }>(statements.WAITING_JOBS, [most])).map((row) => row.jobId),
    nextFences: async (count) =>
      (await tx.query<{ fence: number }>(statements.NEXT_FENCES, [count])).map((row) => row.fence),
    async insert({ job, items, transition }, input, facts) {
      if (input !== null) await insertInput(tx, input);
      const news = announce({ job, items, attempts: [], transitions: [transition], input: facts });
      await tx.query(statements.INSERT_JOB, [
        JSON.stringify([jobRow(job)]),
        JSON.stringify(items),
        JSON.stringify([transitionRow(transition)]),
        JSON.stringify(news),
      ]);
    },
    async save(changes) {
      const news: OutboxRow[] = [];
      for (const { change, input } of changes) {
        const earlier = isFinalJobState(change.job.state) && change.job.attempts > change.attempts.length;
        const known = earlier ? await attempts(statements.ATTEMPTS_OF_JOB, [change.job.id]) : [];
        news.push(...tellOf(announce, change, known, input));
      }
      await tx.query(statements.SAVE_CHANGES, [
        JSON.stringify(
          changes.map(({ change }) => ({ ...jobRow(change.job), previousSeq: change.before.seq })),
        ),
        JSON.stringify(changes.flatMap(({ change }) => change.touchedItems)),
        JSON.stringify(changes.flatMap(({ change }) => change.attempts)),
        JSON.stringify(changes.flatMap(({ change }) => change.transitions.map(transitionRow))),
        JSON.stringify(news),
        changes.length,
        changes.map(({ change }) => change.job.id),
      ]);
    },
    inputs: async (inputIds) =>
      new Map((await tx.query<JobInput>(statements.INPUTS, [inputIds])).map((input) => [input.id, input])),
    inputOfJob: async (jobId) => (await tx.query<JobInput>(statements.INPUT_OF_JOB, [jobId]))[0],
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

/** @param known attempts as they were stored before this change. */
function tellOf(
  announce: Announce,
  change: JobChange,
  known: readonly Attempt[],
  input: InputFacts,
): OutboxRow[] {
  if (change.transitions.length === 0) return [];
  const changed = new Set(change.attempts.map((attempt) => attempt.number));
  const attempts = [...known.filter((attempt) => !changed.has(attempt.number)), ...change.attempts];
  return announce({
    job: change.job,
    items: change.allItems,
    attempts,
    transitions: change.transitions,
    input,
  });
}

async function insertInput(tx: Queryable, input: JobInput): Promise<void> {
  const ownParams = input.itemParams.some((item) => item !== null);
  await tx.query(statements.INSERT_INPUT, [
    input.id,
    input.data,
    input.dataArtifactId,
    input.params,
    ownParams ? JSON.stringify(input.itemParams) : null,
    input.dataSha256,
    input.paramsSha256,
    input.dataBytes,
    input.paramsBytes,
    input.codeArtifactId,
    input.command === null ? null : JSON.stringify(input.command),
    input.size,
    input.image,
  ]);
}

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
