// Fills a database with jobs by copying the rows of one, table by table, under new ids.
import pg from 'pg';

/** The column of each table that names the job, and the one that names its input. */
const TABLES: Readonly<Record<string, { readonly job?: string; readonly input?: string }>> = {
  job_input: { input: 'id' },
  job: { job: 'id', input: 'input_id' },
  job_item: { job: 'job_id' },
  attempt: { job: 'job_id' },
  job_event: { job: 'job_id' },
  queue_entry: { job: 'job_id' },
};
const CHUNK = 20_000;

export interface Copies {
  readonly jobId: string;
  readonly count: number;
  /** Whose they are; else who has the one that is copied. */
  readonly organizationId?: string;
}

export async function copyJob(databaseUrl: string, { jobId, count, organizationId }: Copies): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // What is copied has been checked already.
    await client.query('set session_replication_role = replica');
    await client.query('set synchronous_commit = off');
    const { rows } = await client.query<{ inputId: string }>(
      'select input_id as "inputId" from job where id = $1',
      [jobId],
    );
    const inputId = rows[0]?.inputId;
    for (const [table, ids] of Object.entries(TABLES)) {
      const { rows: columns } = await client.query<{ name: string }>(
        `select column_name as name from information_schema.columns where table_name = $1 and is_generated = 'NEVER'`,
        [table],
      );
      const values = columns.map(({ name }) => {
        // The ids of the copies differ from that of the original in their last part only.
        if (name === ids.job || name === ids.input)
          return `(left(s.${name}::text, 24) || lpad(to_hex(n), 12, '0'))::uuid`;
        if (name === 'organization_id' && organizationId !== undefined) return `'${organizationId}'::uuid`;
        return `s.${name}`;
      });
      const names = columns.map(({ name }) => name).join(', ');
      for (let from = 1; from <= count; from += CHUNK)
        await client.query(
          `insert into ${table} (${names}) select ${values.join(', ')} from ${table} s
            cross join generate_series($1::int, $2::int) n where s.${ids.job ?? ids.input} = $3`,
          [from, Math.min(count, from + CHUNK - 1), ids.job === undefined ? inputId : jobId],
        );
    }
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}
