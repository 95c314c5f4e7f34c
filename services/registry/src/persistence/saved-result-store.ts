import type { Queryable, Statement, Tx } from '@weft/database';
import type {
  ResultWishes,
  SavedResultReader,
  SavedResultWork,
  WaitingResult,
} from '../application/saved-result-ports.js';
import { wishProblem, type SavedResult } from '../domain/saved-result.js';
import { identity } from '../domain/statement.js';
import { isUuid, publicId } from './public-id.js';

/** How long the news of a stored file may take: without it nothing of it is known here. */
const PATIENCE = `interval '1 day'`;
/** In one transaction, which holds the pool for so long. */
const MOST_AT_ONCE = 50;

const KEEP: Statement = {
  name: 'saved-result-keep',
  text: `insert into saved_result (job_id, item_index, pool_id, file_name, artifact_id, organization_id, user_id, principals,
      correlation_id, state, error_code, error_message, settled_at)
    select "jobId", "itemIndex", "poolId", "fileName", "artifactId", "organizationId", "userId", principals, "correlationId",
      case when code is null then 'PENDING' else 'REFUSED' end, code, message, case when code is not null then now() end
    from jsonb_to_recordset($1::jsonb) as told ("jobId" uuid, "itemIndex" integer, "poolId" uuid, "fileName" text, "artifactId" uuid,
      "organizationId" uuid, "userId" uuid, principals uuid[], "correlationId" text, code text, message text)
    on conflict (job_id, item_index) do nothing`,
};

const READY = `state = 'PENDING' and job_id <> all ($1::uuid[])
  and (exists (select from known_artifact a where a.id = s.artifact_id) or s.told_at < now() - ${PATIENCE})`;

// Who comes second takes of the job what the first has left, and so neither waits for the other.
const TAKE: Statement = {
  name: 'saved-result-take',
  text: `select id as key, job_id as "jobId", item_index as "itemIndex", pool_id as "poolId", file_name as "fileName",
      artifact_id as "artifactId", organization_id as "organizationId", user_id as "userId", principals, correlation_id as "correlationId"
    from saved_result s
    where ${READY} and job_id = (select job_id from saved_result s where ${READY} order by id limit 1 for update skip locked)
    order by item_index limit ${MOST_AT_ONCE} for update skip locked`,
};

const SETTLE: Statement = {
  name: 'saved-result-settle',
  text: `update saved_result s set state = case when told."fileId" is null then 'REFUSED' else 'SAVED' end, file_id = told."fileId",
      error_code = told.code, error_message = told.message, settled_at = now()
    from jsonb_to_recordset($1::jsonb) as told (key bigint, "fileId" uuid, code text, message text)
    where s.id = told.key`,
};

/** Takes down what jobs asked for. @param wake is told of it once that is committed. */
export const resultWishes = (wake: () => void): ResultWishes => ({
  async keep(tx, wishes) {
    if (wishes.length === 0) return;
    const rows = wishes.map((wish) => {
      const problem = wishProblem(wish);
      return { ...wish, code: problem?.code, message: problem?.message };
    });
    await tx.query(KEEP, [JSON.stringify(rows)]);
    tx.afterCommit(wake);
  },
});

export const savedResultStore = (tx: Tx): Pick<SavedResultWork, 'takeWaiting' | 'settle'> => ({
  takeWaiting: (except) => tx.query<WaitingResult>(TAKE, [except]),
  async settle(results) {
    const rows = results.map(({ key, fileId, error }) => ({
      ...{ key, fileId, code: error?.code, message: error?.message },
    }));
    await tx.query(SETTLE, [JSON.stringify(rows)]);
  },
});

const SHOWN = `s.id as key, s.job_id as "jobId", s.item_index as "itemIndex", s.pool_id as "poolId", s.file_name as "fileName",
  s.state, s.file_id as "fileId", s.error_code as code, s.error_message as message, s.settled_at as "settledAt"`;

// Seen by whoever sees the job as an activity.
const OF_JOBS: Statement = {
  name: 'saved-results-of-jobs',
  text: `select listed.* from unnest($1::uuid[], $2::uuid[]) as origin (job, activity)
    join node n on n.public_id = origin.activity and n.readers && $3::uuid[]
    cross join lateral (
      select ${SHOWN} from saved_result s where s.job_id = origin.job and s.item_index > $4
      order by s.item_index limit $5
    ) listed`,
};

const OF_POOLS: Statement = {
  name: 'saved-results-of-pools',
  text: `select listed.* from unnest($1::uuid[]) as origin (pool)
    cross join lateral (
      select ${SHOWN} from saved_result s where s.pool_id = origin.pool and ($2::bigint is null or s.id < $2)
      order by s.id desc limit $3
    ) listed`,
};

type Row = Omit<SavedResult, 'error'> & { readonly code: string | null; readonly message: string | null };

const shown = ({ code, message, ...row }: Row): SavedResult => ({
  ...row,
  error: code === null ? null : ({ code, message: message ?? '' } as SavedResult['error']),
});

export const savedResultReader = (database: Queryable): SavedResultReader => ({
  async ofJobs({ principals }, jobIds, { first, after }) {
    const ids = jobIds.filter(isUuid).map((id) => id.toLowerCase());
    const activities = ids.map((id) => publicId(identity.job(id)));
    const values = [ids, activities, principals, after ?? -1, first + 1];
    return Map.groupBy((await database.query<Row>(OF_JOBS, values)).map(shown), ({ jobId }) => jobId);
  },
  async ofPools(poolIds, { first, below }) {
    const rows = await database.query<Row>(OF_POOLS, [poolIds, below ?? null, first + 1]);
    return Map.groupBy(rows.map(shown), ({ poolId }) => poolId);
  },
});
