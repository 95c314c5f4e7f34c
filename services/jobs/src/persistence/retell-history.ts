// The history of the jobs, told again to a stream that has lost it (ADR 0019).
import { RETOLD_DAYS, type OutboxRow, type Retell } from '@weft/outbox';
import type { Announce } from './job-news.js';
import { historiesOf, tellAgain } from './news-source.js';

const JOBS_A_PAGE = 50;
const DAY_MS = 24 * 3_600_000;

/**
 * Of each job that was under way in these days its transitions of these days, each as a message of its own: however they
 * were joined when they were told first, no message id hides one that was not heard.
 */
export const createRetellHistory =
  (announce: Announce): Retell =>
  async (tx, after) => {
    const recent = await tx.query<{ id: string }>(
      `select id from job where id > $1 and (ended_at is null or ended_at > now() - make_interval(days => $2))
        order by id limit $3`,
      [after === '' ? '00000000-0000-0000-0000-000000000000' : after, RETOLD_DAYS, JOBS_A_PAGE],
    );
    const ids = recent.map(({ id }) => id);
    if (ids.length === 0) return undefined;
    // The row locks keep a job from moving on between these reads.
    await tx.query('select from job where id = any($1) order by id for share', [ids]);
    const histories = await historiesOf(tx, ids);
    const recentFrom = Date.now() - RETOLD_DAYS * DAY_MS;
    const news: OutboxRow[] = [];
    for (const history of histories.values())
      for (const { seq, at } of history.transitions)
        if (at.getTime() > recentFrom) news.push(...tellAgain(announce, history, seq, seq));
    await tx.query(
      `insert into outbox (id, subject, body)
        select v.id, v.subject, v.body from json_to_recordset($1::json) as v(id text, subject text, body text)`,
      [JSON.stringify(news)],
    );
    return ids.length < JOBS_A_PAGE ? undefined : ids.at(-1);
  };
