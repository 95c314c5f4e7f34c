// The least that PostgreSQL has to do for such a job: a prepared statement a transition, each with a row for the outbox.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Endings, type Contestant, type Place } from '../contestant.js';

const SCHEMA = `
  create table floor_job (
    id uuid primary key, state text not null, payload jsonb not null, priority int not null,
    run_at timestamptz not null default now(), attempts int not null default 0, lease_until timestamptz
  );
  create index floor_queue on floor_job (priority desc, run_at, id) where state = 'QUEUED';
  create table floor_outbox (position bigint generated always as identity primary key, body jsonb not null);`;

const INSERT = {
  name: 'insert',
  text: `with job as (
      insert into floor_job (id, state, payload, priority) values ($1, 'QUEUED', $2, 0) returning id)
    insert into floor_outbox (body) select jsonb_build_object('id', id, 'to', 'QUEUED') from job`,
};
const TAKE = {
  name: 'take',
  text: `with job as (
      update floor_job set state = 'RUNNING', attempts = attempts + 1, lease_until = now() + interval '30 s'
      where id = (select id from floor_job where state = 'QUEUED' order by priority desc, run_at, id
        limit 1 for update skip locked)
      returning id, attempts),
    news as (insert into floor_outbox (body) select jsonb_build_object('id', id, 'to', 'RUNNING') from job)
    select id, attempts from job`,
};
const DONE = {
  name: 'done',
  text: `with job as (
      update floor_job set state = 'DONE', lease_until = null
      where id = $1 and state = 'RUNNING' and attempts = $2 returning id)
    insert into floor_outbox (body) select jsonb_build_object('id', id, 'to', 'DONE') from job`,
};

interface Taken {
  readonly id: string;
  readonly attempts: number;
}

export async function startFloor({ databaseUrl, concurrency }: Place): Promise<Contestant> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: Math.min(2 * concurrency, 20) });
  await pool.query(SCHEMA);
  const endings = new Endings();
  return {
    async cycle() {
      const id = randomUUID();
      await pool.query(INSERT, [id, { n: 1 }]);
      // For everybody who has put a job in there is one to take; at worst it was not yet to be seen.
      let taken: Taken | undefined;
      while (taken === undefined) taken = (await pool.query<Taken>(TAKE)).rows[0];
      await pool.query(DONE, [taken.id, taken.attempts]);
      endings.ended(taken.id);
      await endings.of(id);
    },
    [Symbol.asyncDispose]: () => pool.end(),
  };
}
