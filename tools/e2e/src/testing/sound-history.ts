// What must hold of the jobs' own tables, whatever was killed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@weft/testkit';
import pg from 'pg';
import { expect } from 'vitest';
import type { Weft } from './weft.js';

export const jobsDatabase = (weft: Weft): Promise<pg.Client> => databaseOf(weft, 'jobs');

export async function databaseOf(weft: Weft, service: 'jobs' | 'registry'): Promise<pg.Client> {
  const secrets = JSON.parse(readFileSync(join(weft.data, 'secrets.json'), 'utf8')) as {
    postgresSuperuser: string;
  };
  const { port } = weft.run().postgres;
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: secrets.postgresSuperuser,
    database: `weft_${service}`,
  });
  await client.connect();
  return client;
}

/** What may be of no job when all have ended. */
const NEVER: Readonly<Record<string, string>> = {
  'a job that is not final': `select id, state from job where state not in ('SUCCEEDED', 'FAILED', 'CANCELLED')`,
  'a gap in a history': `select job_id from job_event group by job_id having count(*) <> max(seq) or min(seq) <> 1`,
  'a history that does not end with its job': `select j.id from job j where j.seq <> (select max(seq) from job_event e where e.job_id = j.id)`,
  'a second end': `select job_id from job_event where to_state in ('SUCCEEDED', 'FAILED', 'CANCELLED') and from_state is distinct from to_state group by job_id having count(*) <> 1`,
  'time that runs backwards': `select job_id from (select job_id, at < lag(at) over (partition by job_id order by seq) as back from job_event) e where back`,
  'a place in the queue': `select job_id from queue_entry`,
  'an attempt that runs': `select job_id, number from attempt where outcome = 'RUNNING'`,
  'an item accepted of two attempts': `select i.job_id, i.index from job_item i join attempt a on a.job_id = i.job_id and i.index = any(a.items) where a.outcome = 'SUCCEEDED' group by i.job_id, i.index having count(*) > 1`,
  'an attempt that is not counted': `select j.id from job j where j.attempts <> (select count(*) from attempt a where a.job_id = j.id)`,
  'a row without its job': `select job_id from (select job_id from job_item union all select job_id from attempt union all select job_id from job_event) of_jobs where not exists (select from job j where j.id = of_jobs.job_id)`,
  'an open job in the lists': `select job_id from open_job`,
};

/** Every accepted job in exactly one final state, its history without a gap, its outbox empty, nothing left behind. */
export async function expectSoundHistory(weft: Weft): Promise<void> {
  const database = await jobsDatabase(weft);
  try {
    await eventually(
      'an empty outbox',
      async () => (await database.query('select 1 from outbox')).rowCount === 0,
    );
    for (const [what, query] of Object.entries(NEVER)) {
      const { rows } = await database.query(query);
      expect(rows, what).toEqual([]);
    }
  } finally {
    await database.end();
  }
}
