// What keeps an artifact, `a`, beside the job that made it, and whom that lets read it.
import type { Queryable } from '@weft/database';
import type { Content, Contents } from '../application/ports.js';
import { NOBODY } from './tables.js';

/** Whether a data pool holds it; one that was not heard of yet holds it, too. */
const HELD_BY_POOL = `exists (
  select from known_data_pool_file f left join known_data_pool p on p.id = f.pool_id
  where f.artifact_id = a.id and not f.removed and p.deleted is not true)`;

const HELD_BY_DATASET = `exists (select from known_dataset_file d where d.artifact_id = a.id and d.held)`;

/** Whether a job that is not gone takes it as input. */
const INPUT_OF_JOB = `exists (
  select from known_job j where j.organization_id <> '${NOBODY}' and cardinality(j.input_artifact_ids) > 0
    and j.input_artifact_ids @> array[a.id::text])`;

export const HELD = `(${HELD_BY_POOL} or ${HELD_BY_DATASET} or ${INPUT_OF_JOB})`;

/**
 * Removes those whose job is gone and which nothing holds any more.
 * @param letGo the ids of those that something has let go of, as a query. Uploads stay: definitions and later jobs may name
 * them, which nobody tells here.
 */
export const forgetLetGo = (letGo: string): string => `
  delete from artifact a using known_job gone
  where a.id in (${letGo}) and gone.id = a.job_id and gone.organization_id = '${NOBODY}' and not ${HELD}
  returning a.organization_id as "organizationId", a.sha256`;

/** Who a data pool or a dataset lets read which artifact. */
export const OPENED = `(
  select f.artifact_id, p.organization_id, p.data_readers
  from known_data_pool_file f join known_data_pool p on p.id = f.pool_id where not f.removed and not p.deleted
  union all
  select artifact_id, organization_id, data_readers from known_dataset_file where held
)`;

/** The bytes that several artifacts of an organization may share. */
export const contents = (database: Queryable): Contents => ({
  unused: (told) =>
    database.query<Content>(
      `select told."organizationId", told.sha256
       from json_to_recordset($1::json) as told ("organizationId" uuid, sha256 text)
       where told.sha256 is not null and not exists (
         select from artifact a where a.organization_id = told."organizationId" and a.sha256 = told.sha256)`,
      [JSON.stringify(told)],
    ),
});
