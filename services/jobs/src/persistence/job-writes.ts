// Turns new jobs and changes of jobs into the parameters of one statement, and its answer into what came of each.
import { isFinalJobState } from '@weft/contracts';
import type { Queryable } from '@weft/database';
import type { Birth, JobInput, Written } from '../application/ports.js';
import type { ClaimRound } from '../application/queue-ports.js';
import type { Attempt, Job } from '../domain/job.js';
import { recordset } from './columns.js';
import {
  newsLines,
  newsOf,
  writeTelling,
  type Announce,
  type JobFacts,
  type Keeping,
  type WriteOutcome,
} from './job-news.js';
import { ATTEMPTS_OF_JOB } from './job-statements.js';
import { attemptOf, jobRow, transitionRow } from './rows.js';
import { NO_GATE, type AttemptRow, type QueueEntry } from './tables.js';
import {
  CHANGED_ATTEMPT,
  CHANGED_ITEM,
  CHANGED_JOB,
  insertStatement,
  ROUNDS_FORGOTTEN,
  saveStatement,
} from './write-statements.js';

export async function saveChanges(
  tx: Queryable,
  announce: Announce,
  changes: readonly Written[],
  keeping: Keeping = 'in full',
): Promise<WriteOutcome> {
  const told: JobFacts[] = [];
  for (const written of changes) told.push(await factsOf(tx, written));
  const news = newsOf(announce, told, keeping);
  const attempts = changes.flatMap(({ change }) =>
    change.attempts.map((attempt) => ({ ...attempt, isNew: attempt.number > change.before.attempts })),
  );
  const ended = changes.filter(({ change }) => change.job.endedAt !== null);
  const statement = saveStatement({
    jobs: recordset(
      changes.map(({ change: { job, before }, rounds }) => ({
        ...jobRow(job),
        previousSeq: before.seq,
        previousState: before.state,
        rounds: rounds?.map((one) => one.scope),
      })),
      SAVED_JOB,
    ),
    ids: changes.map(({ change }) => change.job.id),
    ended: any(ended),
    failed: any(ended.filter(({ change }) => change.job.state === 'FAILED')),
    batched: any(changes.filter(({ change }) => change.job.batchId !== null)),
    steps: any(ended.filter(({ change }) => change.job.needsMet !== null)),
    items: recordset(
      changes.flatMap(({ change }) => change.touchedItems),
      CHANGED_ITEM,
    ),
    newAttempts: recordset(attempts.filter((one) => one.isNew)),
    attempts: recordset(
      attempts.filter((one) => !one.isNew),
      CHANGED_ATTEMPT,
    ),
    events: recordset(changes.flatMap(({ change }) => change.transitions.map(transitionRow))),
    queued: recordset(changes.flatMap(({ change }) => queueEntry(change.job, change.before, change.now))),
    unqueued: nonEmpty(
      changes.flatMap(({ change: { job, before } }) =>
        before.claimableAt !== null && job.claimableAt === null ? [job.id] : [],
      ),
    ),
    ...roundsOf(changes),
    ...newsLines(news),
  });
  return writeTelling(tx, statement, announce, news);
}

export async function insertJobs(
  tx: Queryable,
  announce: Announce,
  births: readonly Birth[],
  keeping: Keeping = 'in full',
): Promise<WriteOutcome> {
  const written = births.map(asWritten);
  const told = written.map(({ facts: input, ...one }): JobFacts => ({ ...one, input }));
  const news = newsOf(announce, told, keeping);
  const statement = insertStatement({
    keys: recordset(written.flatMap(({ job, key }) => (key === null ? [] : [{ ...key, jobId: job.id }]))),
    births: recordset(
      written.map(({ job: { id }, key, rounds }) => ({
        id,
        keyed: key !== null,
        rounds: rounds?.map((one) => one.scope),
      })),
    ),
    jobs: recordset(written.map(({ job }) => jobRow(job))),
    items: recordset(written.flatMap(({ items }) => items)),
    events: recordset(written.flatMap(({ transitions }) => transitions.map(transitionRow))),
    inputs: recordset(
      written.flatMap(({ job, input }) => (input === null ? [] : [{ ...inputRow(input), jobId: job.id }])),
    ),
    queued: recordset(written.flatMap(({ job }) => queueEntry(job, undefined, job.submittedAt))),
    deadlines: recordset(
      written.flatMap(({ job }) => (job.deadline === null ? [] : [{ jobId: job.id, at: job.deadline }])),
    ),
    attempts: recordset(written.flatMap(({ attempts }) => attempts)),
    ...roundsOf(written),
    ...newsLines(news),
  });
  return writeTelling(tx, statement, announce, news);
}

/** A new job with what has become of it already. */
const asWritten = ({ born, given, ...birth }: Birth) => ({
  ...birth,
  job: given?.change.job ?? born.job,
  items: given?.change.allItems ?? born.items,
  attempts: given?.change.attempts ?? [],
  transitions: [born.transition, ...(given?.change.transitions ?? [])],
  rounds: given && [given.round],
});

/** In one order, so that two statements that wait for each other's rounds cannot do so for ever. */
function roundsOf(written: readonly { readonly rounds?: readonly ClaimRound[] | undefined }[]) {
  const next = new Map<string, ClaimRound>();
  for (const one of written)
    for (const { scope, round } of one.rounds ?? []) next.set(scope, { scope, round: round + 1 });
  const rounds = [...next.values()].sort((a, b) => (a.scope < b.scope ? -1 : 1));
  const forgets = rounds.filter(({ round }) => round % ROUNDS_FORGOTTEN === 0);
  return { rounds: recordset(rounds), pastRounds: any(forgets) };
}

const SAVED_JOB = [...CHANGED_JOB, 'previousSeq', 'previousState', 'rounds'];

const nonEmpty = <T>(list: readonly T[]): readonly T[] | undefined => (list.length > 0 ? list : undefined);

/** Whether there is any: a part of the statement that has no parameter. */
const any = (list: readonly unknown[]): true | undefined => (list.length > 0 ? true : undefined);

/** The job's place in the queue, where it comes into it or moves. */
function queueEntry(job: Job, before: Job | undefined, now: Date): QueueEntry[] {
  const { id: jobId, targetId, organizationId, definitionId, priority, claimableAt } = job;
  if (claimableAt === null || claimableAt.getTime() === before?.claimableAt?.getTime()) return [];
  const gate = (job.gated ? definitionId : null) ?? NO_GATE;
  const ready = claimableAt <= now;
  // Whatever comes into its lane comes behind the marks that were set in it, as when it is promoted.
  const runAt = ready ? now : claimableAt;
  return [{ jobId, targetId, organizationId, definitionId, gate, priority, runAt, ready }];
}

/** The end of a job tells all its attempts; those of long ago are looked up. */
async function factsOf(tx: Queryable, { change, input, attempts: remembered }: Written): Promise<JobFacts> {
  const all = new Map<number, Attempt>();
  if (isFinalJobState(change.job.state) && change.transitions.length > 0) {
    for (const attempt of remembered) all.set(attempt.number, attempt);
    for (const { number } of change.attempts) all.delete(number);
    if (all.size + change.attempts.length < change.job.attempts) {
      const stored = await tx.query<AttemptRow>(ATTEMPTS_OF_JOB, [change.job.id]);
      for (const row of stored) all.set(row.number, attemptOf(row));
    }
  }
  for (const attempt of change.attempts) all.set(attempt.number, attempt);
  const attempts = [...all.values()].sort((a, b) => a.number - b.number);
  return { job: change.job, items: change.allItems, attempts, transitions: change.transitions, input };
}

export function inputRow(input: JobInput): Record<string, unknown> {
  const ownParams = input.itemParams.some((item) => item !== null);
  return {
    ...input,
    itemParams: ownParams ? JSON.stringify(input.itemParams) : null,
    command: input.command === null ? null : JSON.stringify(input.command),
    trace: input.trace === null ? null : JSON.stringify(input.trace),
  };
}
