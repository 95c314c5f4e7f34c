import type { Queryable, Statement } from '@weft/database';
import type { Content, DataPoolNews } from '../application/hear-data-pools.js';
import { NOBODY } from './tables.js';

const KEEP_POOL: Statement = {
  name: 'keep-data-pool',
  text: `insert into known_data_pool (id, seq, organization_id, deleted, data_readers) values ($1, $2, $3, $4, $5)
    on conflict (id) do update set seq = excluded.seq, organization_id = excluded.organization_id, deleted = excluded.deleted,
      data_readers = excluded.data_readers
    where known_data_pool.seq < excluded.seq`,
};

const KEEP_FILE: Statement = {
  name: 'keep-data-pool-file',
  text: `insert into known_data_pool_file (id, seq, pool_id, artifact_id, removed) values ($1, $2, $3, $4, $5)
    on conflict (id) do update set seq = excluded.seq, removed = excluded.removed where known_data_pool_file.seq < excluded.seq`,
};

/** Whether a data pool holds the artifact `a`; one that was not heard of yet holds it, too. */
export const HELD_BY_POOL = `exists (
  select from known_data_pool_file f left join known_data_pool p on p.id = f.pool_id
  where f.artifact_id = a.id and not f.removed and p.deleted is not true)`;

/** Whether a job that is not gone takes the artifact `a` as input. */
export const INPUT_OF_JOB = `exists (
  select from known_job j where j.organization_id <> '${NOBODY}' and cardinality(j.input_artifact_ids) > 0
    and j.input_artifact_ids @> array[a.id::text])`;

// Uploads stay: definitions and later jobs may name them, which nobody tells here.
const LET_GO = `delete from artifact a using known_data_pool_file let_go, known_job gone
  where let_go.artifact_id = a.id and gone.id = a.job_id and gone.organization_id = '${NOBODY}'
    and not ${HELD_BY_POOL} and not ${INPUT_OF_JOB}`;
const GONE = `returning a.organization_id as "organizationId", a.sha256`;

export const dataPoolNews = (database: Queryable): DataPoolNews => ({
  async keepPool({ dataPoolId, seq, organizationId, state, dataReaders }) {
    await database.query(KEEP_POOL, [dataPoolId, seq, organizationId, state === 'DELETED', dataReaders]);
  },
  async keepFile({ fileId, seq, dataPoolId, artifactId, removed }) {
    await database.query(KEEP_FILE, [fileId, seq, dataPoolId, artifactId, removed]);
  },
  letGo: (what) =>
    'fileId' in what
      ? database.query<Content>(`${LET_GO} and let_go.id = $1 ${GONE}`, [what.fileId])
      : database.query<Content>(`${LET_GO} and let_go.pool_id = $1 ${GONE}`, [what.poolId]),
  async unused(contents) {
    return database.query<Content>(
      `select told."organizationId", told.sha256
       from json_to_recordset($1::json) as told ("organizationId" uuid, sha256 text)
       where told.sha256 is not null and not exists (
         select from artifact a where a.organization_id = told."organizationId" and a.sha256 = told.sha256)`,
      [JSON.stringify(contents)],
    );
  },
});
