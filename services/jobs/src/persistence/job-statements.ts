// What the engine reads, prepared once per connection. Column lists come from the table schemas (columns.ts).
import type { Statement } from '@weft/database';
import { selectList } from './columns.js';
import { AttemptTable, JobItemTable, JobTable, TransitionTable } from './tables.js';

const JOB = selectList(JobTable, 'j');
const INPUT_FACTS = `i.data_artifact_id as "dataArtifactId", i.code_artifact_id as "codeArtifactId", i.data_sha256 as "dataSha256", i.params_sha256 as "paramsSha256", i.command_sha256 as "commandSha256", i.trace,
  i.data_bytes as "dataBytes", i.params_bytes as "paramsBytes", i.result_pool as "resultPool"`;

/** Results are not read here: they can be large, and a final item's result is frozen. */
const ITEM = selectList(JobItemTable, 'x').replace('x.result as "result"', 'null::text as "result"');

/** Another replica may have stamped the job's last step by a clock that is ahead. */
const NOW = `greatest(clock_timestamp(), (select e.at from job_event e where e.job_id = j.id and e.seq = j.seq))`;

export const LOCKED_COLUMNS = `${JOB}, ${INPUT_FACTS}, ${NOW} as now`;

export const LOCK_JOB: Statement = {
  name: 'lock-job',
  text: `select ${LOCKED_COLUMNS}
    from job j join job_input i on i.id = j.input_id where j.id = $1 for update of j`,
};

export const ITEMS_OF_JOBS: Statement = {
  name: 'items-of-jobs',
  text: `select ${ITEM} from job_item x where x.job_id = any($1) order by x.job_id, x.index`,
};

const ATTEMPT = selectList(AttemptTable, 'a');

export const ATTEMPT_BY_NUMBER: Statement = {
  name: 'attempt-by-number',
  text: `select ${ATTEMPT} from attempt a where a.job_id = $1 and a.number = $2`,
};

export const RUNNING_ATTEMPTS: Statement = {
  name: 'running-attempts',
  text: `select ${ATTEMPT} from attempt a where a.job_id = any($1) and a.outcome = 'RUNNING' order by a.job_id, a.number`,
};

export const ATTEMPTS_OF_JOB: Statement = {
  name: 'attempts-of-job',
  text: `select ${ATTEMPT} from attempt a where a.job_id = $1 order by a.number`,
};

export const ATTEMPTS_OF_JOBS: Statement = {
  name: 'attempts-of-jobs',
  text: `select ${ATTEMPT} from attempt a where a.job_id = any($1) order by a.job_id, a.number`,
};

export const TOLD_JOBS: Statement = {
  name: 'told-jobs',
  text: `select ${JOB}, ${INPUT_FACTS} from job j join job_input i on i.id = j.input_id where j.id = any($1)`,
};

export const TRANSITIONS_OF_JOBS: Statement = {
  name: 'transitions-of-jobs',
  text: `select ${selectList(TransitionTable, 'e')} from job_event e where e.job_id = any($1) order by e.job_id, e.seq`,
};

export const EXPIRED_JOBS: Statement = {
  name: 'expired-jobs',
  text: `select job_id as "jobId", lease_until::text as "at" from attempt
    where outcome = 'RUNNING' and lease_until < now() and (lease_until, job_id) > ($2::timestamptz, $3::uuid)
    order by lease_until, job_id limit $1`,
};

/** Those of which something is still unknown are left where they are: however many wait, they hold up nobody. */
export const RESOLVABLE_JOBS: Statement = {
  name: 'resolvable-jobs',
  text: `select j.id as "jobId", j.reference_deadline::text as "at" from job j join job_input i on i.id = j.input_id
    where j.reference_deadline is not null and (j.reference_deadline, j.id) > ($2::timestamptz, $3::uuid)
      and (j.reference_deadline <= now() or (
        exists (select from known_target t where t.id = j.target_id)
        and (j.service_version_id is null or exists (select from known_service_version s where s.id = j.service_version_id))
        and not exists (
          select from unnest(array[i.data_artifact_id, i.code_artifact_id]) as named(id)
          where named.id is not null and not exists (select from known_artifact a where a.id = named.id)
            and not exists (select from known_data_pool_file f where f.artifact_id = named.id and not f.removed))))
    order by j.reference_deadline, j.id limit $1`,
};

/**
 * The time limit is the worker's to keep; one that hangs would renew for ever. So an attempt is not renewed when it is
 * over its limit by more than fetching its inputs and storing its results may take.
 */
export const RENEW: Statement = {
  name: 'renew-leases',
  text: `update attempt a
    set lease_until = clock_timestamp() + make_interval(secs => $4::float8 / 1000),
        progress = coalesce(v."progress", a.progress), progress_message = coalesce(v."progressMessage", a.progress_message)
    from jsonb_to_recordset($3::jsonb) as v("jobId" uuid, "attempt" int, "fence" bigint, "progress" float8, "progressMessage" text)
    join job j on j.id = v."jobId"
    left join known_target t on t.id = j.target_id
    left join lateral (
      select bool_and(x.state = 'CANCELLING') as whole, array_agg(x.index order by x.index) filter (where x.state = 'CANCELLING') as items
      from job_item x where x.job_id = j.id and x.attempt = v."attempt" and x.state in ('DEQUEUED', 'IN_PROGRESS', 'CANCELLING')
    ) asked on j.cancelling > 0 and t.cancels_running
    where a.job_id = v."jobId" and a.number = v."attempt" and a.fence = v."fence"
      and a.worker_id = $1 and a.target_id = $2 and a.outcome = 'RUNNING'
      and clock_timestamp() < a.claimed_at + make_interval(secs =>
        coalesce(least(j.timeout_seconds, (t.limits ->> 'timeSeconds')::int), 0)) + interval '10 minutes'
    returning a.job_id as "jobId", a.number as "attempt",
      (coalesce(t.cancels_running, false) and (j.cancel_requested_at is not null or coalesce(asked.whole, false))) as "cancel",
      asked.items as "cancelItems"`,
};

/** Own data by reference is instead of shared data by value. */
export const DATA = `case when i.data_artifact_id is null then coalesce(i.data, s.data) end`;
/** What the jobs of a batch share is kept once, in an input that theirs refer to. */
const INPUT = `i.id, i.shared_id as "sharedId", ${DATA}::text as "data", coalesce(i.params, s.params)::text as "params",
  coalesce(i.item_params, '[]'::json) as "itemParams", coalesce(i.command, s.command) as "command", i.size, i.image, ${INPUT_FACTS}`;
const SHARED = `left join job_input s on s.id = i.shared_id`;

export const INPUTS: Statement = {
  name: 'inputs',
  text: `select ${INPUT} from job_input i ${SHARED} where i.id = any($1)`,
};

export const INPUT_OF_JOB: Statement = {
  name: 'input-of-job',
  text: `select ${INPUT} from job_input i join job j on j.input_id = i.id ${SHARED} where j.id = $1`,
};

export const VALUES_OF_ANOTHER: Statement = {
  name: 'values-of-another',
  text: `select ${DATA}::text as "data",
      case when $3::int is null then coalesce(i.params, s.params)::text else i.item_params ->> $3::int end as "params",
      coalesce(x.result, c.result)::text as "result"
    from job asking join job j on j.organization_id = asking.organization_id
    join job_input i on i.id = j.input_id ${SHARED}
    left join job_item x on x.job_id = j.id and x.index = coalesce($3::int, 0)
    left join job_item c on c.job_id = x.carried_from and c.index = x.index
    where asking.id = $1 and j.id = $2`,
};

/** A result that was carried over lies where it was made. */
export const RESULT_VALUE: Statement = {
  name: 'result-value',
  text: `select coalesce(x.result, c.result) as result from job j join job_item x on x.job_id = j.id
    left join job_item c on c.job_id = x.carried_from and c.index = x.index
    where j.organization_id = $1 and j.id = $2 and x.index = $3`,
};

/** What a step was given is of one run; the next one starts from what was submitted. */
export const TO_REPEAT: Statement = {
  name: 'to-repeat',
  text: `select j.id as "jobId", i.id as "inputId", i.size, i.image, ${INPUT_FACTS} from job j
    left join workflow_step s on s.workflow_id = j.batch_id and s.index = j.batch_index
    join job_input i on i.id = coalesce(s.input_id, j.input_id) where j.id = any($1)`,
};

export const TAKE_KEY: Statement = {
  name: 'take-key',
  text: `insert into submission_key as k (organization_id, key, input_hash, job_id) values ($1, $2, $3, $4)
    on conflict (organization_id, key) do update
      set input_hash = excluded.input_hash, job_id = excluded.job_id, created_at = now()
      where k.created_at < now() - interval '7 days'
    returning 1 as taken`,
};

export const KEY_HOLDER: Statement = {
  name: 'key-holder',
  text: `select job_id as "jobId", input_hash as "inputHash" from submission_key where organization_id = $1 and key = $2`,
};

/** Jobs with their items, all attempts and, where they are small, the values of their inputs; not locked. */
export const LOAD_JOBS: Statement = {
  name: 'load-jobs',
  text: `select ${JOB}, ${INPUT_FACTS},
      (select e.at from job_event e where e.job_id = j.id and e.seq = j.seq) as at, i.shared_id as "sharedId", v.small, case when v.small then ${DATA}::text end as "data",
      case when v.small then coalesce(i.params, s.params)::text end as "params", case when v.small then i.item_params end as "itemParams",
      case when v.small then coalesce(i.command, s.command) end as "command", i.size, i.image,
      (select jsonb_agg(y) from (select ${ITEM} from job_item x where x.job_id = j.id order by x.index) y) as "items",
      (select jsonb_agg(y) from (select ${ATTEMPT} from attempt a where a.job_id = j.id order by a.number) y) as "knownAttempts"
    from job j join job_input i on i.id = j.input_id ${SHARED}
      cross join lateral (
        select i.data_bytes + i.params_bytes + coalesce(pg_column_size(i.item_params), 0)
          + coalesce(pg_column_size(i.command), pg_column_size(s.command), 0) <= $2 as small) v
    where j.id = any($1)`,
};

export const RECORD_REFUSAL: Statement = {
  name: 'record-refusal',
  text: `insert into refused_report (job_id, attempt, fence, worker_id, kind, code) values ($1, $2, $3, $4, $5, $6)`,
};

/** For every push to every follower: the job and what happened to it since, as of one moment. */
export const JOB_NEWS: Statement = {
  name: 'job-news',
  text: `select ${selectList(JobTable, 'j', 'job.')}, ${selectList(TransitionTable, 'e', 'event.')}
    from job j left join lateral (
      select * from job_event x where x.job_id = j.id and x.seq > $2 order by x.seq limit $3) e on true
    where j.id = $1 order by e.seq`,
};
