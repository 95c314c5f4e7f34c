// What a claim reads of the queue. It costs a step per lane and its first jobs, however many wait behind them.
import type { Statement } from '@weft/database';
import { REGISTRY_TARGET } from '@weft/contracts';
import { NO_GATE } from './tables.js';

/** Targets on which attempts count, and wait, under the limits of their organizations: the registry's own jobs do not. */
export const LIMITED_TARGETS = `array(select id from known_target where id <> '${REGISTRY_TARGET}')`;

/** More organizations with limits are not named one by one. */
export const MOST_LIMITED = 1_000;

/** The next lane behind `after`: an index step, whatever lies between. */
const lane = (after: string): string =>
  `(select q.organization_id, q.gate from queue_entry q
        where q.target_id = $1 and q.ready and q.run_at >= $3 ${after} order by q.organization_id, q.gate limit 1)`;

const runningOf = (condition: string): string =>
  `(select count(*)::int from attempt a where a.outcome = 'RUNNING' and a.target_id = any(${LIMITED_TARGETS})
      and a.organization_id = lane.organization_id ${condition})`;

export const lastRound = (scope: string): string =>
  `coalesce((select c.round from claim_round c where c.scope = ${scope} order by c.round desc limit 1), 0)`;

const concurrencyOf = (definition: string): string =>
  `(select (v.template ->> 'concurrency')::int as "limit" from job_definition d
        join job_definition_version v on v.definition_id = d.id and v.version = d.version where d.id = ${definition})`;

/**
 * The lanes of a target with their first jobs, each in its order, what is left of the limits, and what was given to
 * these claim requests before. $3 is a mark below which no entry is open: it spares the pass over what was claimed long
 * ago but cannot be cleaned away while somebody holds a snapshot. $6 is the limit of the target, $7 that of
 * organizations without one of their own. Counts and rounds are of one moment: what runs more by the time of the claim
 * was claimed in a round that is not the last one here, and refuses it.
 */
export const QUEUE_HEADS: Statement = {
  name: 'queue-heads',
  text: `with recursive lane as (
      ${lane('')}
      union all
      select n.organization_id, n.gate from lane cross join lateral
        ${lane('and (q.organization_id, q.gate) > (lane.organization_id, lane.gate)')} n),
    target as (
      select count(*)::int as running, ${lastRound(`'target ' || $1`)} as round,
        array(select organization_id::text from organization_limit where concurrent_attempts is not null limit ${MOST_LIMITED + 1}) as limited_organizations
      from attempt a where a.outcome = 'RUNNING' and a.target_id = $1),
    limited as (
      select lane.*, o."limit" as organization_limit, d."limit" as definition_limit,
        case when o."limit" is not null then ${runningOf('')} end as organization_running,
        case when d."limit" is not null then ${runningOf('and a.definition_id = lane.gate')} end as definition_running,
        case when o."limit" is not null then ${lastRound(`'organization ' || lane.organization_id`)} end as organization_round,
        case when d."limit" is not null then ${lastRound(`'definition ' || lane.gate`)} end as definition_round
      from lane
        left join organization_limit l on l.organization_id = lane.organization_id
        cross join lateral (
          select case when $1 <> '${REGISTRY_TARGET}' then coalesce(l.concurrent_attempts, $7::int) end as "limit") o
        left join lateral ${concurrencyOf('lane.gate')} d on lane.gate <> '${NO_GATE}')
    select t.running as "targetRunning", t.round as "targetRound", t.limited_organizations as "limitedOrganizations", l.organization_id as "organizationId", l.gate,
      l.organization_limit as "organizationLimit", l.organization_running as "organizationRunning", l.organization_round as "organizationRound",
      l.definition_limit as "definitionLimit", l.definition_running as "definitionRunning", l.definition_round as "definitionRound",
      h.job_id as "jobId", h.priority, h.run_at as "runAt", h.stray_from as "strayFrom",
      null::text as "workerId", null::text as "requestId", null::int as "attempt"
    from target t left join limited l on true left join lateral (
      select q.job_id, q.priority, q.run_at,
        case when l.gate = '${NO_GATE}' and q.definition_id is not null and ${concurrencyOf('q.definition_id')} is not null
          then q.definition_id end as stray_from
      from queue_entry q
      where q.target_id = $1 and q.ready and q.run_at >= $3 and q.organization_id = l.organization_id and q.gate = l.gate
      order by q.priority desc, q.run_at, q.job_id
      limit greatest(0, least($2, $6 - t.running, l.organization_limit - l.organization_running, l.definition_limit - l.definition_running))) h on true
    union all
    select t.running, t.round, t.limited_organizations, null, null, null, null, null, null, null, null, a.job_id, null, null, null, a.worker_id, a.claim_request_id, a.number
    from target t cross join unnest($4::text[], $5::text[]) as r(worker_id, request_id)
    join attempt a on a.worker_id = r.worker_id and a.claim_request_id = r.request_id and a.outcome = 'RUNNING'`,
};

/** Jobs of a definition that has a limit now leave the lane that they came into without one. */
export const GATE_STRAYS: Statement = {
  name: 'gate-strays',
  text: `update queue_entry q set gate = q.definition_id
    where q.target_id = $1 and q.gate = '${NO_GATE}' and q.definition_id = any($2::uuid[])`,
};

/**
 * What is to be cancelled with its batch waits for that outside of the queue, so that no claim meets it. What a claim
 * takes at this moment is left to it: nobody waits for two.
 */
export const LEAVE_QUEUE: Statement = {
  name: 'leave-queue',
  text: `delete from queue_entry where job_id = any(array(
      select q.job_id from job j join queue_entry q on q.job_id = j.id where j.batch_id = $1 for update of q skip locked))`,
};

/** With room for what was written at the same time by a slower statement, or by a clock that is behind. */
export const QUEUE_MARK: Statement = {
  name: 'queue-mark',
  text: `select min(run_at) - interval '1 second' as "mark" from queue_entry where target_id = $1 and ready`,
};

/** What is no job any more must not stand at the head of a lane. */
export const DROP_ORPHANS: Statement = {
  name: 'drop-orphans',
  text: `delete from queue_entry q where q.job_id = any($1) and not exists (select from job j where j.id = q.job_id)`,
};

/** Entries whose time has come join their lane, behind those that are in it; and when the next one's time comes. */
export const PROMOTE: Statement = {
  name: 'promote',
  text: `with due as (
      select job_id from queue_entry where not ready and run_at <= $1 order by run_at limit $2 for update skip locked),
    promoted as (
      update queue_entry q set ready = true, run_at = greatest(q.run_at, now())
      from due where q.job_id = due.job_id returning q.target_id)
    select coalesce((select array_agg(target_id) from promoted), '{}') as "targetIds",
      (select min(run_at) from queue_entry where not ready and run_at > $1) as "nextAt"`,
};
