// Turns new jobs and changes of jobs into the parameters of one statement, and its answer into what came of each.
import { isFinalJobState } from '@weft/contracts';
import type { Queryable } from '@weft/database';
import type { CommittedRow, OutboxRow } from '@weft/outbox';
import type { Birth, InputFacts, JobInput, Written } from '../application/ports.js';
import type { ClaimRound } from '../application/queue-ports.js';
import type { Attempt, Job, JobItem, Transition } from '../domain/job.js';
import { ATTEMPTS_OF_JOB } from './job-statements.js';
import { attemptOf, jobRow, transitionRow } from './rows.js';
import { NO_GATE, type AttemptRow, type QueueEntry } from './tables.js';
import { INSERT_JOBS, SAVE_CHANGES, type WrittenRow } from './write-statements.js';

/** What is told to other services of a job's transitions; provided by the messaging room. */
export type Announce = (facts: {
  readonly job: Job;
  readonly items: readonly JobItem[];
  readonly attempts: readonly Attempt[];
  readonly transitions: readonly Transition[];
  readonly input: InputFacts;
}) => OutboxRow[];

export interface WriteOutcome {
  /** Ids of the jobs that were written. */
  readonly jobIds: ReadonlySet<string>;
  /** The outbox rows, for the relay once they are committed. */
  readonly news: readonly CommittedRow[];
}

type NewsRow = OutboxRow & { readonly jobId: string };

export async function saveChanges(
  tx: Queryable,
  announce: Announce,
  changes: readonly Written[],
): Promise<WriteOutcome> {
  const news: NewsRow[] = [];
  for (const written of changes)
    news.push(...ofJob(written.change.job.id, await tellOf(tx, announce, written)));
  const written = await tx.query<WrittenRow>(SAVE_CHANGES, [
    JSON.stringify(
      changes.map(({ change: { job, before }, rounds }) => ({
        ...jobRow(job),
        previousSeq: before.seq,
        previousState: before.state,
        rounds: rounds === undefined ? null : rounds.map((one) => one.scope),
      })),
    ),
    JSON.stringify(changes.flatMap(({ change }) => change.touchedItems)),
    JSON.stringify(changes.flatMap(({ change }) => change.attempts)),
    JSON.stringify(changes.flatMap(({ change }) => change.transitions.map(transitionRow))),
    JSON.stringify(news),
    changes.map(({ change }) => change.job.id),
    JSON.stringify(changes.flatMap(({ change }) => queueEntry(change.job, change.before, change.now))),
    changes.flatMap(({ change: { job, before } }) =>
      before.claimableAt !== null && job.claimableAt === null ? [job.id] : [],
    ),
    JSON.stringify(nextRounds(changes)),
  ]);
  return outcomeOf(written, news);
}

export async function insertJobs(
  tx: Queryable,
  announce: Announce,
  births: readonly Birth[],
): Promise<WriteOutcome> {
  const written = births.map(asWritten);
  const news = written.flatMap(({ job, items, attempts, transitions, facts }) =>
    ofJob(job.id, announce({ job, items, attempts, transitions, input: facts })),
  );
  const rows = await tx.query<WrittenRow>(INSERT_JOBS, [
    JSON.stringify(written.flatMap(({ job, key }) => (key === null ? [] : [{ ...key, jobId: job.id }]))),
    JSON.stringify(
      written.map(({ job, key, rounds }) => ({
        ...jobRow(job),
        keyed: key !== null,
        rounds: rounds === undefined ? null : rounds.map((one) => one.scope),
      })),
    ),
    JSON.stringify(written.flatMap(({ items }) => items)),
    JSON.stringify(written.flatMap(({ transitions }) => transitions.map(transitionRow))),
    JSON.stringify(news),
    JSON.stringify(
      written.flatMap(({ job, input }) => (input === null ? [] : [{ ...inputRow(input), jobId: job.id }])),
    ),
    JSON.stringify(written.flatMap(({ job }) => queueEntry(job, undefined, job.submittedAt))),
    JSON.stringify(
      written.flatMap(({ job }) => (job.deadline === null ? [] : [{ jobId: job.id, at: job.deadline }])),
    ),
    JSON.stringify(written.flatMap(({ attempts }) => attempts)),
    JSON.stringify(nextRounds(written)),
  ]);
  return outcomeOf(rows, news);
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
function nextRounds(
  written: readonly { readonly rounds?: readonly ClaimRound[] | undefined }[],
): ClaimRound[] {
  const rounds = new Map<string, ClaimRound>();
  for (const one of written)
    for (const { scope, round } of one.rounds ?? []) rounds.set(scope, { scope, round: round + 1 });
  return [...rounds.values()].sort((a, b) => (a.scope < b.scope ? -1 : 1));
}

const ofJob = (jobId: string, rows: readonly OutboxRow[]): NewsRow[] =>
  rows.map((row) => ({ ...row, jobId }));

function outcomeOf([written]: readonly WrittenRow[], news: readonly NewsRow[]): WriteOutcome {
  const { jobIds = [], positions = {} } = written ?? {};
  return {
    jobIds: new Set(jobIds),
    news: news.flatMap(({ jobId: _jobId, ...row }) => {
      const position = positions[row.id];
      return position === undefined ? [] : [{ ...row, position }];
    }),
  };
}

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
async function tellOf(
  tx: Queryable,
  announce: Announce,
  { change, input, attempts: remembered }: Written,
): Promise<OutboxRow[]> {
  if (change.transitions.length === 0) return [];
  const all = new Map<number, Attempt>();
  if (isFinalJobState(change.job.state)) {
    for (const attempt of remembered) all.set(attempt.number, attempt);
    for (const { number } of change.attempts) all.delete(number);
    if (all.size + change.attempts.length < change.job.attempts) {
      const stored = await tx.query<AttemptRow>(ATTEMPTS_OF_JOB, [change.job.id]);
      for (const row of stored) all.set(row.number, attemptOf(row));
    }
  }
  for (const attempt of change.attempts) all.set(attempt.number, attempt);
  const attempts = [...all.values()].sort((a, b) => a.number - b.number);
  return announce({
    job: change.job,
    items: change.allItems,
    attempts,
    transitions: change.transitions,
    input,
  });
}

export function inputRow(input: JobInput): Record<string, unknown> {
  const ownParams = input.itemParams.some((item) => item !== null);
  return {
    ...input,
    itemParams: ownParams ? JSON.stringify(input.itemParams) : null,
    command: input.command === null ? null : JSON.stringify(input.command),
  };
}
