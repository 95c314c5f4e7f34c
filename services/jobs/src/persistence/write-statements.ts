// The statements by which jobs come into being and move on: rows, history, queue and outbox together, many jobs at once.
// Each job stands or falls by itself: it is written only where it is still at the `seq` that the change started from,
// and at the revision of its record: what is told of it and how it queues is what people last said.
import type { Statement } from '@weft/database';
import type { EntitySchema } from 'typeorm';
import { composed, withAll, type Parts } from './composed.js';
import {
  conflictList,
  insertList,
  recordColumns,
  recordTypes,
  updateList,
  valueList,
  type RecordColumn,
} from './columns.js';
import { isHidden } from './hidden-jobs.js';
import { AttemptTable, JobItemTable, JobTable, QueueTable, TransitionTable } from './tables.js';

const CHANGEABLE_JOB = [
  'state', 'reason', 'seq', 'serviceId', 'attempts', 'pending', 'dequeued', 'inProgress', 'cancelling', 'succeeded', 'failed', 'cancelled',
  'cancelRequestedAt', 'claimableAt', 'referenceDeadline', 'needsMet', 'needs', 'inputId', 'dequeuedAt', 'startedAt', 'endedAt',
]; // prettier-ignore
const CHANGEABLE_ITEM = [
  'state', 'attempt', 'failures', 'losses', 'runAt', 'result', 'resultArtifactId', 'resultSha256', 'error', 'startedAt', 'endedAt',
]; // prettier-ignore
const CHANGEABLE_ATTEMPT = ['outcome', 'startedAt', 'endedAt', 'environment'];
/** What a change says of a job, an item and an attempt: which one, and what may have changed. */
export const CHANGED_JOB = ['id', 'recordRevision', ...CHANGEABLE_JOB];
export const CHANGED_ITEM = ['jobId', 'index', ...CHANGEABLE_ITEM];
export const CHANGED_ATTEMPT = ['jobId', 'number', ...CHANGEABLE_ATTEMPT];
const INPUT_COLUMNS = `id, shared_id, data, data_artifact_id, params, item_params, data_sha256, params_sha256, data_bytes, params_bytes,
  code_artifact_id, command, size, image, command_sha256, result_pool, trace`;
const INPUT_ROW: readonly RecordColumn[] = [
  ['id', 'uuid'], ['sharedId', 'uuid'], ['data', 'text'], ['dataArtifactId', 'text'], ['params', 'text'], ['itemParams', 'text'],
  ['dataSha256', 'text'], ['paramsSha256', 'text'], ['dataBytes', 'int'], ['paramsBytes', 'int'], ['codeArtifactId', 'text'],
  ['command', 'text'], ['size', 'text'], ['image', 'text'], ['commandSha256', 'text'], ['resultPool', 'jsonb'],
  ['trace', 'text'],
]; // prettier-ignore
const INPUT_VALUES = `v."id", v."sharedId", v."data"::json, v."dataArtifactId", v."params"::json, v."itemParams"::json, v."dataSha256",
        v."paramsSha256", v."dataBytes", v."paramsBytes", v."codeArtifactId", v."command"::json, v."size", v."image", v."commandSha256",
        v."resultPool", v."trace"::json`;
/** Far more than there can be claims under way at once. */
const ROUNDS_KEPT = 100;
/** As many are forgotten at a time: looking for them costs a tenth of the statement. */
export const ROUNDS_FORGOTTEN = 32;

/** Rows of a recordset, of those jobs that are written. */
const insertOf = (
  { records }: Parts,
  table: EntitySchema<never> | EntitySchema,
  name: string,
  jobs: string,
): string =>
  `insert into ${table.options.tableName} (${insertList(table)})
      select ${valueList(table, 'v')} from ${records(name, recordColumns(table))}
      where v."jobId" in (select id from ${jobs})`;

/** Of a text with a line for each: JSON written by {@link JSON.stringify} is one line. */
const linesIn = (parameter: string): string => `string_to_array(${parameter}, E'\\n')`;

/** What is told of these jobs, in full or by source (job-news.ts). */
const newsOf = ({ has, $ }: Parts, jobs: string): string =>
  has('sources')
    ? `news as (
      insert into outbox (source)
      select v.source from unnest(${linesIn($('sources'))}) as v(source)
      where split_part(v.source, ':', 1)::uuid in (select id from ${jobs}) returning source as key, position)`
    : `news as (
      insert into outbox (id, subject, body)
      select v.id, v.subject, v.body
      from unnest(${linesIn($('newsOf'))}::uuid[], ${linesIn($('newsIds'))}, ${linesIn($('subjects'))}, ${linesIn($('bodies'))})
        as v(job_id, id, subject, body)
      where v.job_id in (select id from ${jobs}) returning id as key, position)`;
const tells = ({ has }: Parts): boolean => has('bodies') || has('sources');

export const ROUND_COLUMNS: readonly RecordColumn[] = [
  ['scope', 'text'],
  ['round', 'bigint'],
];
/** Rounds of claims that are made. */
export const ROUNDS = (records: string): string => `rounds as (
      insert into claim_round (scope, round)
      select v."scope", v."round" from ${records}
      on conflict do nothing returning scope, round)`;
/** Those of long ago are forgotten, many at a time. */
const PAST_ROUNDS = `past_rounds as (
      delete from claim_round c using rounds r where c.scope = r.scope and c.round < r.round - ${ROUNDS_KEPT})`;
const ROUNDS_ARE_NEW = `(v."rounds" is null or v."rounds" <@ (select coalesce(array_agg(scope), '{}') from rounds))`;

/** What waits to be cancelled with its batch comes into no queue; later jobs of it, its retries, do. */
const STAYS_IN_QUEUE = `jobs where not exists (
        select from batch b where b.id = jobs.batch_id and b.cancel_asked_by is not null and jobs.submitted_at <= b.cancel_requested_at)`;

/** What was written, for who waits; and the outbox rows' positions, for the relay. */
const answerOf = (parts: Parts, jobs: string): string => `select
  coalesce((select jsonb_agg(id) from ${jobs}), '[]') as "jobIds",
  ${tells(parts) ? `coalesce((select jsonb_object_agg(key, position) from news), '{}')` : `'{}'::jsonb`} as "positions"`;

/**
 * `jobs` with the `seq` before, and their `ids` once more, because the planner takes a recordset for 100 rows and would
 * rather read the whole table than look those up. `rounds` of claims that these changes make: a job that names scopes is
 * written only where all of these rounds are new. `queued`: entries of the queue that come or move; `unqueued`: jobs that
 * leave it. What has no parameter says whether any of the jobs has ended, has failed, is of a batch, is a step.
 */
export const saveStatement = composed(
  'save-changes',
  (parts) => {
    const { has, $, records } = parts;
    return `${withAll(
    has('rounds') && ROUNDS(records('rounds', ROUND_COLUMNS)),
    has('pastRounds') && PAST_ROUNDS,
    `jobs as (
      update job set ${updateList(JobTable, 'v', CHANGEABLE_JOB)}
      from ${records('jobs', [['previousSeq', 'int'], ['previousState', 'text'], ['rounds', 'text[]'], ...recordColumns(JobTable, CHANGED_JOB)])}
      where job.id = any(${$('ids')}::uuid[]) and job.id = v."id" and job.seq = v."previousSeq"
        and job.record_revision = v."recordRevision"
        ${has('rounds') ? `and ${ROUNDS_ARE_NEW}` : ''}
      returning job.id, job.organization_id, ${isHidden('job')} as hidden, job.submitted_at, job.batch_id, job.batch_last, job.needs_met, v."previousState" as from_state, job.state, job.cancel_requested_at, job.started_at, job.ended_at)`,
    has('ended') && `closed as (
      delete from open_job o using jobs j where j.ended_at is not null
        and o.organization_id = j.organization_id and o.hidden = j.hidden and o.submitted_at = j.submitted_at and o.job_id = j.id)`,
    has('ended') && `ended as (
      insert into ended_job (organization_id, hidden, ended_at, job_id, state)
      select organization_id, hidden, ended_at, id, nullif(state, 'SUCCEEDED') from jobs where ended_at is not null)`,
    has('failed') && `dead as (
      insert into dead_job (organization_id, hidden, ended_at, job_id)
      select organization_id, hidden, ended_at, id from jobs where state = 'FAILED' and cancel_requested_at is null)`,
    has('batched') && `batch_steps as (
      insert into batch_step (batch_id, from_state, to_state, started_at, ended_at)
      select batch_id, from_state, state, started_at, ended_at from jobs
      where batch_id is not null and batch_last and from_state <> state)`,
    has('steps') && `ended_steps as (
      insert into workflow_news (workflow_id)
      select distinct batch_id from jobs where needs_met is not null and ended_at is not null)`,
    has('items') && `items as (
      update job_item set ${updateList(JobItemTable, 'v', CHANGEABLE_ITEM)}
      from ${records('items', recordColumns(JobItemTable, CHANGED_ITEM))}
      where job_item.job_id = any(${$('ids')}::uuid[]) and job_item.job_id = v."jobId" and job_item.index = v."index"
        and v."jobId" in (select id from jobs))`,
    has('newAttempts') && `new_attempts as (
      ${insertOf(parts, AttemptTable, 'newAttempts', 'jobs')})`,
    has('attempts') && `attempts as (
      update attempt set ${updateList(AttemptTable, 'v', CHANGEABLE_ATTEMPT)}
      from ${records('attempts', recordColumns(AttemptTable, CHANGED_ATTEMPT))}
      where attempt.job_id = any(${$('ids')}::uuid[]) and attempt.job_id = v."jobId" and attempt.number = v."number"
        and v."jobId" in (select id from jobs))`,
    has('events') && `events as (
      ${insertOf(parts, TransitionTable, 'events', 'jobs')})`,
    has('queued') && `queued as (
      ${insertOf(parts, QueueTable, 'queued', has('batched') ? STAYS_IN_QUEUE : 'jobs')}
      on conflict (job_id) do update set ${conflictList(QueueTable, ['runAt', 'ready'])})`,
    has('unqueued') && `unqueued as (
      delete from queue_entry q where q.job_id = any(${$('unqueued')}::uuid[]) and q.job_id in (select id from jobs))`,
    tells(parts) && newsOf(parts, 'jobs'),
  )}
    ${answerOf(parts, 'jobs')}`;
  },
); // prettier-ignore

/**
 * New jobs with their `inputs`, and `attempts` and `rounds` of claims where they are handed to a worker at once. A job
 * whose idempotency key another one holds is not written at all, and takes none if its round was taken; a key can be
 * taken anew after 7 days.
 */
export const insertStatement = composed(
  'insert-jobs',
  (parts) => {
    const { has, records } = parts;
    return `${withAll(
    has('rounds') && ROUNDS(records('rounds', ROUND_COLUMNS)),
    has('pastRounds') && PAST_ROUNDS,
    `possible as materialized (
      select v."id", v."keyed" from ${records('births', [['id', 'uuid'], ['keyed', 'boolean'], ['rounds', 'text[]']])}
      ${has('rounds') ? `where ${ROUNDS_ARE_NEW}` : ''})`,
    has('keys') && `keys as (
      insert into submission_key as k (organization_id, key, input_hash, job_id)
      select v."organizationId", v."key", v."inputHash", v."jobId"
      from ${records('keys', [['organizationId', 'uuid'], ['key', 'text'], ['inputHash', 'text'], ['jobId', 'uuid']])}
      where v."jobId" in (select id from possible)
      on conflict (organization_id, key) do update
        set input_hash = excluded.input_hash, job_id = excluded.job_id, created_at = now()
        where k.created_at < now() - interval '7 days'
      returning k.job_id)`,
    `accepted as materialized (
      select p.id from possible p ${has('keys') ? 'where not p."keyed" or p.id in (select job_id from keys)' : ''})`,
    has('inputs') && `inputs as (
      insert into job_input (${INPUT_COLUMNS})
      select ${INPUT_VALUES}
      from ${records('inputs', [['jobId', 'uuid'], ...INPUT_ROW])} where v."jobId" in (select id from accepted))`,
    `job_rows as (
      insert into job (${insertList(JobTable)})
      select ${valueList(JobTable, 'v')} from ${records('jobs', recordColumns(JobTable))}
      where v."id" in (select id from accepted) returning organization_id, ${isHidden('job')} as hidden, submitted_at, id, items_total)`,
    `opened as (
      insert into open_job (organization_id, hidden, submitted_at, job_id, several)
      select organization_id, hidden, submitted_at, id, items_total > 1 from job_rows)`,
    has('items') && `items as (
      ${insertOf(parts, JobItemTable, 'items', 'accepted')})`,
    has('events') && `events as (
      ${insertOf(parts, TransitionTable, 'events', 'accepted')})`,
    has('queued') && `queued as (
      ${insertOf(parts, QueueTable, 'queued', 'accepted')})`,
    has('attempts') && `attempts as (
      ${insertOf(parts, AttemptTable, 'attempts', 'accepted')})`,
    has('deadlines') && `deadlines as (
      insert into job_deadline (job_id, at)
      select v."jobId", v."at" from ${records('deadlines', [['jobId', 'uuid'], ['at', 'timestamptz']])}
      where v."jobId" in (select id from accepted))`,
    tells(parts) && newsOf(parts, 'accepted'),
  )}
    ${answerOf(parts, 'accepted')}`;
  },
); // prettier-ignore

/** $1 one input, which several jobs will share. */
export const INSERT_INPUT: Statement = {
  name: 'insert-input',
  text: `insert into job_input (${INPUT_COLUMNS}) select ${INPUT_VALUES} from json_to_record($1::json) as v(${recordTypes(INPUT_ROW)})`,
};

export interface WrittenRow {
  readonly jobIds: readonly string[];
  /** Of each outbox row by its message id, or its source. */
  readonly positions: Readonly<Record<string, number>>;
}
