// The hot statements, prepared once per connection. Column lists come from the table schemas (columns.ts).
import type { Statement } from '@weft/database';
import { conflictList, insertList, recordType, selectList, updateList, valueList } from './columns.js';
import { AttemptTable, JobItemTable, JobTable, TransitionTable } from './tables.js';

const JOB = selectList(JobTable, 'j');
const INPUT_FACTS = `i.data_artifact_id as "dataArtifactId", i.code_artifact_id as "codeArtifactId", i.data_sha256 as "dataSha256", i.params_sha256 as "paramsSha256",
  i.data_bytes as "dataBytes", i.params_bytes as "paramsBytes"`;

/** Results are not read here: they can be large, and a final item's result is frozen. */
const ITEM = selectList(JobItemTable, 'x').replace('x.result as "result"', 'null::text as "result"');

export const LOCK_JOB: Statement = {
  name: 'lock-job',
  text: `select ${JOB}, ${INPUT_FACTS}, clock_timestamp() as now
    from job j join job_input i on i.id = j.input_id where j.id = $1 for update of j`,
};

export const LOCK_CLAIMABLE: Statement = {
  name: 'lock-claimable',
  text: `select ${JOB}, ${INPUT_FACTS}, clock_timestamp() as now
    from job j join job_input i on i.id = j.input_id
    where j.target_id = $1 and j.claimable_at <= now()
    order by j.priority desc, j.claimable_at, j.id limit $2 for update of j skip locked`,
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
  text: `select ${ATTEMPT} from attempt a where a.job_id = $1 and a.outcome = 'RUNNING' order by a.number`,
};

export const ATTEMPTS_OF_JOB: Statement = {
  name: 'attempts-of-job',
  text: `select ${ATTEMPT} from attempt a where a.job_id = $1 order by a.number`,
};

/** The lock keeps a request that was sent again (to another replica too) from being served twice at once. */
export const ATTEMPTS_OF_CLAIM: Statement = {
  name: 'attempts-of-claim',
  text: `select l.entered, ${ATTEMPT}
    from (select pg_try_advisory_xact_lock(hashtextextended($1::text || ' ' || $2::text, 0)) as entered) l
    left join attempt a on a.worker_id = $1 and a.claim_request_id = $2 and a.outcome = 'RUNNING'`,
};

export const EXPIRED_JOBS: Statement = {
  name: 'expired-jobs',
  text: `select job_id as "jobId" from attempt where outcome = 'RUNNING' and lease_until < now() order by lease_until limit $1`,
};

export const WAITING_JOBS: Statement = {
  name: 'waiting-jobs',
  text: `select id as "jobId" from job where reference_deadline is not null order by reference_deadline limit $1`,
};

export const NEXT_FENCES: Statement = {
  name: 'next-fences',
  text: `select nextval('attempt_fence') as fence from generate_series(1, $1)`,
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
    where a.job_id = v."jobId" and a.number = v."attempt" and a.fence = v."fence"
      and a.worker_id = $1 and a.target_id = $2 and a.outcome = 'RUNNING'
      and clock_timestamp() < a.claimed_at + make_interval(secs =>
        coalesce(least(j.timeout_seconds, (t.limits ->> 'timeSeconds')::int), 0)) + interval '10 minutes'
    returning a.job_id as "jobId", a.number as "attempt",
      (j.cancel_requested_at is not null and coalesce(t.cancels_running, false)) as "cancel"`,
};

const CHANGEABLE_JOB = [
  'state', 'reason', 'seq', 'serviceId', 'attempts', 'pending', 'dequeued', 'inProgress', 'cancelling', 'succeeded', 'failed', 'cancelled',
  'cancelRequestedAt', 'claimableAt', 'referenceDeadline', 'dequeuedAt', 'startedAt', 'endedAt',
]; // prettier-ignore
const CHANGEABLE_ITEM = [
  'state', 'attempt', 'failures', 'losses', 'runAt', 'result', 'resultArtifactId', 'resultSha256', 'error', 'startedAt', 'endedAt',
]; // prettier-ignore
const CHANGEABLE_ATTEMPT = ['outcome', 'startedAt', 'endedAt'];

const OUTBOX_ROW = `"id" text, "subject" text, "body" text`;

/**
 * One statement for a batch of transitions: jobs, items, attempts, history and outbox. `$6` is how many jobs must have
 * been at the expected `seq`; the row locks make a difference impossible, the division by zero makes it loud. `$7` names
 * the jobs once more: the planner takes a recordset for 100 rows and would rather read the whole table than look those up.
 */
export const SAVE_CHANGES: Statement = {
  name: 'save-changes',
  text: `with
    jobs as (
      update job set ${updateList(JobTable, 'v', CHANGEABLE_JOB)}
      from jsonb_to_recordset($1::jsonb) as v("previousSeq" int, ${recordType(JobTable, ['id', ...CHANGEABLE_JOB])})
      where job.id = any($7::uuid[]) and job.id = v."id" and job.seq = v."previousSeq" returning 1),
    items as (
      update job_item set ${updateList(JobItemTable, 'v', CHANGEABLE_ITEM)}
      from jsonb_to_recordset($2::jsonb) as v(${recordType(JobItemTable, ['jobId', 'index', ...CHANGEABLE_ITEM])})
      where job_item.job_id = any($7::uuid[]) and job_item.job_id = v."jobId" and job_item.index = v."index" returning 1),
    attempts as (
      insert into attempt (${insertList(AttemptTable)})
      select ${valueList(AttemptTable, 'v')} from jsonb_to_recordset($3::jsonb) as v(${recordType(AttemptTable)})
      on conflict (job_id, number) do update set ${conflictList(AttemptTable, CHANGEABLE_ATTEMPT)}
      returning 1),
    events as (
      insert into job_event (${insertList(TransitionTable)})
      select ${valueList(TransitionTable, 'v')} from jsonb_to_recordset($4::jsonb) as v(${recordType(TransitionTable)}) returning 1),
    news as (
      insert into outbox (id, subject, body)
      select v."id", v."subject", v."body"::json from jsonb_to_recordset($5::jsonb) as v(${OUTBOX_ROW}) returning 1)
    select 1 / (case when (select count(*) from jobs) = $6::int then 1 else 0 end) as ok`,
};

export const INSERT_JOB: Statement = {
  name: 'insert-job',
  text: `with
    job_row as (
      insert into job (${insertList(JobTable)})
      select ${valueList(JobTable, 'v')} from jsonb_to_recordset($1::jsonb) as v(${recordType(JobTable)}) returning 1),
    items as (
      insert into job_item (${insertList(JobItemTable)})
      select ${valueList(JobItemTable, 'v')} from jsonb_to_recordset($2::jsonb) as v(${recordType(JobItemTable)}) returning 1),
    events as (
      insert into job_event (${insertList(TransitionTable)})
      select ${valueList(TransitionTable, 'v')} from jsonb_to_recordset($3::jsonb) as v(${recordType(TransitionTable)}) returning 1)
    insert into outbox (id, subject, body)
    select v."id", v."subject", v."body"::json from jsonb_to_recordset($4::jsonb) as v(${OUTBOX_ROW})`,
};

export const INSERT_INPUT: Statement = {
  name: 'insert-input',
  text: `insert into job_input (id, data, data_artifact_id, params, item_params, data_sha256, params_sha256, data_bytes, params_bytes,
      code_artifact_id, command, size, image)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
};

/** What the jobs of a batch share is kept once, in an input that theirs refer to. */
const INPUT = `i.id, i.shared_id as "sharedId", coalesce(i.data, s.data)::text as "data", coalesce(i.params, s.params)::text as "params",
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
