// The history of the jobs, told again to a stream that has lost it (ADR 0019).
import { RETOLD_DAYS, type OutboxRow, type Retell } from '@weft/outbox';
import { In } from 'typeorm';
import type { InputFacts } from '../application/ports.js';
import type { Announce } from './job-writes.js';
import { attemptOf, itemOf, jobOf, transitionOf } from './rows.js';
import { AttemptTable, JobItemTable, JobTable, TransitionTable, type TransitionRow } from './tables.js';

const JOBS_A_PAGE = 50;

/**
 * Of each job that was under way in these days its transitions of these days, each as a message of its own: however they
 * were joined when they were told first, no message id hides one that was not heard.
 */
export const createRetellHistory =
  (announce: Announce): Retell =>
  async (tx, after) => {
    const recent = await tx.query<InputFacts & { id: string }>(
      `select j.id, i.data_artifact_id as "dataArtifactId", i.code_artifact_id as "codeArtifactId",
          i.data_sha256 as "dataSha256", i.params_sha256 as "paramsSha256", i.data_bytes as "dataBytes", i.params_bytes as "paramsBytes"
        from job j join job_input i on i.id = j.input_id
        where j.id > $1 and (j.ended_at is null or j.ended_at > now() - make_interval(days => $2))
        order by j.id limit $3`,
      [after === '' ? '00000000-0000-0000-0000-000000000000' : after, RETOLD_DAYS, JOBS_A_PAGE],
    );
    const ids = recent.map(({ id }) => id);
    if (ids.length === 0) return undefined;
    // The row locks keep a job from moving on between these reads.
    await tx.query('select from job where id = any($1) order by id for share', [ids]);
    const jobs = new Map(
      (await tx.manager.findBy(JobTable, { id: In(ids) })).map((row) => [row.id, jobOf(row)]),
    );
    const items = await tx.manager.find(JobItemTable, { where: { jobId: In(ids) }, order: { index: 'ASC' } });
    const attempts = await tx.manager.find(AttemptTable, {
      where: { jobId: In(ids) },
      order: { number: 'ASC' },
    });
    const events = await tx.manager
      .createQueryBuilder<TransitionRow>(TransitionTable, 'e')
      .where('e.jobId in (:...ids)', { ids })
      .andWhere('e.at > now() - make_interval(days => :days)', { days: RETOLD_DAYS })
      .orderBy('e.seq')
      .getMany();
    const [itemsOf, attemptsOf, eventsOf] = [items, attempts, events].map((rows) =>
      Map.groupBy(rows as { jobId: string }[], (row) => row.jobId),
    ) as [Map<string, typeof items>, Map<string, typeof attempts>, Map<string, typeof events>];
    const news: OutboxRow[] = [];
    for (const { id, ...input } of recent) {
      const job = jobs.get(id);
      if (job === undefined) continue;
      const facts = { job, input, items: (itemsOf.get(id) ?? []).map(itemOf) };
      for (const row of eventsOf.get(id) ?? []) {
        const last = row.seq === job.seq;
        const known = last ? (attemptsOf.get(id) ?? []).map(attemptOf) : [];
        news.push(...announce({ ...facts, attempts: known, transitions: [transitionOf(row)] }));
      }
    }
    await tx.query(
      `insert into outbox (id, subject, body)
        select v.id, v.subject, v.body::json from jsonb_to_recordset($1::jsonb) as v(id text, subject text, body text)`,
      [JSON.stringify(news)],
    );
    return ids.length < JOBS_A_PAGE ? undefined : ids.at(-1);
  };
