// News that a replica carries from memory lie in the outbox only by the place in the history that they tell of: should it
// die before, or the broker be away, they are written again from there (ADR 0025).
import type { Database, Tx } from '@weft/database';
import type { OutboxRow, RewriteNews } from '@weft/outbox';
import { ATTEMPTS_OF_JOBS, ITEMS_OF_JOBS, TOLD_JOBS, TRANSITIONS_OF_JOBS } from './job-statements.js';
import type { InputFacts } from '../application/ports.js';
import type { Attempt, Job, JobItem, Transition } from '../domain/job.js';
import type { Announce } from './job-news.js';
import { apart, attemptOf, itemOf, jobOf, transitionOf } from './rows.js';
import type { AttemptRow, JobItemRow, JobRow, TransitionRow } from './tables.js';

/** Transitions of one job that were told together. */
export interface NewsSource {
  readonly jobId: string;
  /** The first and the last `seq`. */
  readonly from: number;
  readonly to: number;
}

export const sourceOf = ({ jobId, from, to }: NewsSource): string => `${jobId}:${from}:${to}`;

export function readSource(source: string): NewsSource {
  const [jobId, from, to] = source.split(':');
  if (jobId === undefined || from === undefined || to === undefined)
    throw new Error(`"${source}" is no source of news`);
  return { jobId, from: Number(from), to: Number(to) };
}

/** A job with all that its news may tell, results left out. */
export interface JobHistory {
  readonly job: Job;
  readonly input: InputFacts;
  readonly items: readonly JobItem[];
  readonly attempts: readonly Attempt[];
  readonly transitions: readonly Transition[];
}

/** Of these jobs, those that there are. Read in a transaction that no change of theirs comes into. */
export async function historiesOf(tx: Tx, jobIds: readonly string[]): Promise<Map<string, JobHistory>> {
  const of = <Row extends { readonly jobId: string }>(rows: readonly Row[]) =>
    Map.groupBy(rows, (row) => row.jobId);
  const jobs = await tx.query<JobRow & InputFacts>(TOLD_JOBS, [jobIds]);
  const items = of(await tx.query<JobItemRow>(ITEMS_OF_JOBS, [jobIds]));
  const attempts = of(await tx.query<AttemptRow>(ATTEMPTS_OF_JOBS, [jobIds]));
  const transitions = of(await tx.query<TransitionRow>(TRANSITIONS_OF_JOBS, [jobIds]));
  return new Map(
    jobs.map((row) => {
      const { rest, input } = apart(row);
      return [
        rest.id,
        {
          job: jobOf(rest),
          input,
          items: (items.get(rest.id) ?? []).map(itemOf),
          attempts: (attempts.get(rest.id) ?? []).map(attemptOf),
          transitions: (transitions.get(rest.id) ?? []).map(transitionOf),
        },
      ];
    }),
  );
}

/** What the history tells of these transitions now; the facts of a job that has moved on since come with what follows. */
export function tellAgain(announce: Announce, history: JobHistory, from: number, to: number): OutboxRow[] {
  const transitions = history.transitions.filter(({ seq }) => seq >= from && seq <= to);
  const attempts = to === history.job.seq ? history.attempts : [];
  return announce({ ...history, attempts, transitions });
}

/** Of a job that was deleted meanwhile nothing is told any more but that. */
export const createRewriteNews =
  (database: Database, announce: Announce): RewriteNews =>
  (texts) =>
    database.transaction(async (tx) => {
      await tx.query('set transaction isolation level repeatable read, read only');
      const sources = new Map(texts.map((text) => [text, readSource(text)]));
      const histories = await historiesOf(tx, [...new Set([...sources.values()].map((one) => one.jobId))]);
      return new Map(
        [...sources].map(([text, { jobId, from, to }]) => {
          const history = histories.get(jobId);
          return [text, history === undefined ? [] : tellAgain(announce, history, from, to)];
        }),
      );
    });
