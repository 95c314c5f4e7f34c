// How what is told of jobs gets into the outbox: in the statement that writes what it tells of.
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import type { Queryable } from '@weft/database';
import type { CommittedRow, OutboxRow } from '@weft/outbox';
import type { InputFacts } from '../application/ports.js';
import type { Attempt, Job, JobItem, Transition } from '../domain/job.js';
import type { Composed } from './composed.js';
import { sourceOf } from './news-source.js';
import type { WrittenRow } from './write-statements.js';

/** What may be told of a job's transitions. */
export interface JobFacts {
  readonly job: Job;
  readonly items: readonly JobItem[];
  readonly attempts: readonly Attempt[];
  readonly transitions: readonly Transition[];
  readonly input: InputFacts;
}

/** What is told to other services of a job's transitions; provided by the messaging room. */
export type Announce = (facts: JobFacts) => OutboxRow[];

/** How news lie in the outbox until the relay has carried them. */
export type Keeping =
  /** As they are told. */
  | 'in full'
  /** By the place in the history from which they can be written again: this process carries them from memory. */
  | 'by source';

/** What one statement tells. */
export type News =
  | { readonly rows: readonly (OutboxRow & { readonly jobId: string })[] }
  | { readonly sources: readonly { readonly source: string; readonly facts: JobFacts }[] };

export interface WriteOutcome {
  /** Ids of the jobs that were written. */
  readonly jobIds: ReadonlySet<string>;
  /** Messages with the position of their outbox row, for the relay once they are committed. */
  readonly news: readonly CommittedRow[];
}

export function newsOf(announce: Announce, told: readonly JobFacts[], keeping: Keeping): News {
  if (keeping === 'in full')
    return { rows: told.flatMap((facts) => announce(facts).map((row) => ({ ...row, jobId: facts.job.id }))) };
  return {
    sources: told.flatMap((facts) => {
      const [first, last] = [facts.transitions[0], facts.transitions.at(-1)];
      if (first === undefined || last === undefined) return [];
      return [{ source: sourceOf({ jobId: facts.job.id, from: first.seq, to: last.seq }), facts }];
    }),
  };
}

/** Parameters of the statement: a text for each column, with a line for each row. */
export function newsLines(news: News): Readonly<Record<string, string | undefined>> {
  const lines = (of: readonly string[]): string | undefined => (of.length === 0 ? undefined : of.join('\n'));
  if ('sources' in news) return { sources: lines(news.sources.map((one) => one.source)) };
  return {
    newsOf: lines(news.rows.map((row) => row.jobId)),
    newsIds: lines(news.rows.map((row) => row.id)),
    subjects: lines(news.rows.map((row) => row.subject)),
    bodies: lines(news.rows.map((row) => row.body)),
  };
}

/** Writes, and meanwhile puts the messages together of which the outbox has the sources. */
export async function writeTelling(
  tx: Queryable,
  { statement, values }: Composed,
  announce: Announce,
  news: News,
): Promise<WriteOutcome> {
  const writing = tx.query<WrittenRow>(statement, values);
  const messages = 'rows' in news ? news.rows.map(withKey) : await messagesDuring(writing, announce, news);
  const [{ jobIds, positions } = { jobIds: [], positions: {} }] = await writing;
  return {
    jobIds: new Set(jobIds),
    news: messages.flatMap(({ key, row: { id, subject, body } }) => {
      const position = positions[key];
      return position === undefined ? [] : [{ id, subject, body, position }];
    }),
  };
}

interface KeyedRow {
  /** By which the statement names the outbox row. */
  readonly key: string;
  readonly row: OutboxRow;
}

const withKey = (row: OutboxRow): KeyedRow => ({ key: row.id, row });

async function messagesDuring(
  writing: Promise<unknown>,
  announce: Announce,
  { sources }: Extract<News, { sources: unknown }>,
): Promise<KeyedRow[]> {
  // Where it fails, whoever awaits it is told.
  writing.catch(() => undefined);
  // Not before the statement is on its way.
  await turnOfLoop();
  return sources.flatMap(({ source: key, facts }) => announce(facts).map((row) => ({ key, row })));
}
