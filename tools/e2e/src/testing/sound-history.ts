// What must hold of the jobs' own tables, whatever was killed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@weft/testkit';
import pg from 'pg';
import { expect } from 'vitest';
import type { Weft } from './weft.js';

export async function jobsDatabase(weft: Weft): Promise<pg.Client> {
  const secrets = JSON.parse(readFileSync(join(weft.data, 'secrets.json'), 'utf8')) as {
    postgresSuperuser: string;
  };
  const { port } = weft.run().postgres;
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: secrets.postgresSuperuser,
    database: 'weft_jobs',
  });
  await client.connect();
  return client;
}

/** Every accepted job in exactly one final state, its history without a gap, its outbox empty. */
export async function expectSoundHistory(weft: Weft): Promise<void> {
  const database = await jobsDatabase(weft);
  try {
    await eventually(
      'an empty outbox',
      async () => (await database.query('select 1 from outbox')).rowCount === 0,
    );
    const { rows: open } = await database.query(
      `select id, state from job where state not in ('SUCCEEDED', 'FAILED', 'CANCELLED')`,
    );
    expect(open).toEqual([]);
    const { rows: gaps } = await database.query(
      `select job_id from job_event group by job_id having count(*) <> max(seq) or min(seq) <> 1`,
    );
    expect(gaps).toEqual([]);
    const { rows: ends } = await database.query(
      `select job_id from job_event where to_state in ('SUCCEEDED', 'FAILED', 'CANCELLED') and from_state is distinct from to_state group by job_id having count(*) <> 1`,
    );
    expect(ends).toEqual([]);
  } finally {
    await database.end();
  }
}
