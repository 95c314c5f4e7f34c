// Between the rows of the tables and the objects of the domain.
import type { InputFacts } from '../application/ports.js';
import type { Attempt, Job, JobItem, Transition } from '../domain/job.js';
import type { AttemptRow, JobItemRow, JobRow, TransitionRow } from './tables.js';

export function jobOf(row: JobRow): Job {
  const { pending, dequeued, inProgress, cancelling, succeeded, failed, cancelled, ...rest } = row;
  return {
    ...rest,
    counts: {
      PENDING: pending,
      DEQUEUED: dequeued,
      IN_PROGRESS: inProgress,
      CANCELLING: cancelling,
      SUCCEEDED: succeeded,
      FAILED: failed,
      CANCELLED: cancelled,
    },
  };
}

export function jobRow(job: Job): JobRow {
  const { counts, ...rest } = job;
  return {
    ...rest,
    pending: counts.PENDING,
    dequeued: counts.DEQUEUED,
    inProgress: counts.IN_PROGRESS,
    cancelling: counts.CANCELLING,
    succeeded: counts.SUCCEEDED,
    failed: counts.FAILED,
    cancelled: counts.CANCELLED,
  };
}

/** A row that has the facts of the job's input beside its own columns, in two. */
export function apart<Row extends InputFacts>(
  row: Row,
): { readonly rest: Omit<Row, keyof InputFacts>; readonly input: InputFacts } {
  const {
    dataArtifactId, codeArtifactId, dataSha256, paramsSha256, commandSha256, trace, dataBytes, paramsBytes, resultPool,
    ...rest
  } = row; // prettier-ignore
  const input = {
    dataArtifactId, codeArtifactId, dataSha256, paramsSha256, commandSha256, trace, dataBytes, paramsBytes, resultPool,
  }; // prettier-ignore
  return { rest, input };
}

export const itemOf = (row: JobItemRow): JobItem => row;

export function attemptOf(row: AttemptRow): Attempt {
  const { progress: _progress, progressMessage: _message, ...attempt } = row;
  return attempt;
}

export function transitionOf(row: TransitionRow): Transition {
  const { actorKind, actorId, ...rest } = row;
  return { ...rest, actor: { kind: actorKind, id: actorId } };
}

export function transitionRow(transition: Transition): TransitionRow {
  const { actor, ...rest } = transition;
  return { ...rest, actorKind: actor.kind, actorId: actor.id };
}

/** As PostgreSQL writes rows into JSON: the times are texts. */
export type Json<Row> = {
  readonly [Name in keyof Row]: Row[Name] extends Date | null ? string | null : Row[Name];
};

const time = (text: string): Date => new Date(text);
const timeOrNull = (text: string | null): Date | null => (text === null ? null : new Date(text));

export const itemFromJson = (row: Json<JobItemRow>): JobItem => ({
  ...row,
  runAt: time(row.runAt as string),
  startedAt: timeOrNull(row.startedAt),
  endedAt: timeOrNull(row.endedAt),
});

export const attemptFromJson = (row: Json<AttemptRow>): Attempt =>
  attemptOf({
    ...row,
    claimedAt: time(row.claimedAt as string),
    startedAt: timeOrNull(row.startedAt),
    endedAt: timeOrNull(row.endedAt),
    leaseUntil: time(row.leaseUntil as string),
  });
