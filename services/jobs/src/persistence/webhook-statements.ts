// The statements of webhooks, prepared once per connection.
import type { Statement } from '@weft/database';

/** The mark on the job is what the trigger looks at (migration 0006). */
export const ATTACH: Statement = {
  name: 'attach-webhook',
  text: `with marked as (update job set webhook = true where id = $2)
    insert into job_webhook (id, job_id, organization_id, url, host, sealed_secret) values ($1, $2, $3, $4, $5, $6)`,
};

export const INHERIT: Statement = {
  name: 'inherit-webhook',
  text: `with heir as (
      insert into job_webhook (id, job_id, organization_id, url, host, sealed_secret)
      select v."id", v."toJobId", w.organization_id, w.url, w.host, w.sealed_secret
      from jsonb_to_recordset($1::jsonb) as v("id" uuid, "fromJobId" uuid, "toJobId" uuid)
      join job_webhook w on w.job_id = v."fromJobId" and w.state <> 'DISABLED' returning job_id)
    update job set webhook = true where id in (select job_id from heir)`,
};

export const OWNER: Statement = {
  name: 'job-owner',
  text: `select organization_id as "organizationId" from job where id = $1`,
};

export const LOCK: Statement = {
  name: 'lock-webhook',
  text: `select w.id, w.state, w.tries, w.due_at > now() and exists (
      select from job_webhook_try t where t.webhook_id = w.id and t.number = w.tries and t.ended_at is null) as "underWay"
    from job_webhook w where w.job_id = $1 for update of w`,
};

export const RESTART: Statement = {
  name: 'restart-webhook',
  text: `update job_webhook set state = 'PENDING', due_at = now(), round_start = tries where id = $1`,
};

/**
 * Walks from lane to lane by the index, at most $3 of them, and takes from each what its limits allow. So a receiver with
 * a hundred thousand messages waiting costs one probe like any other, and none is served twice before the others were.
 */
export const TAKE: Statement = {
  name: 'take-webhooks',
  text: `with recursive
    lane as (
      (select organization_id, host, 1 as n from job_webhook
        where due_at is not null and (organization_id, host) > ($1::uuid, $2::text)
        order by organization_id, host limit 1)
      union all
      select x.organization_id, x.host, l.n + 1 from lane l cross join lateral (
        select w.organization_id, w.host from job_webhook w
        where w.due_at is not null and (w.organization_id, w.host) > (l.organization_id, l.host)
        order by w.organization_id, w.host limit 1) x
      where l.n < $3),
    candidate as (
      select c.* from lane l cross join lateral (
        select w.id, w.organization_id, w.host, w.due_at from job_webhook w
        where w.organization_id = l.organization_id and w.host = l.host and w.due_at <= now()
        order by w.due_at limit $8) c),
    ranked as (
      select id, due_at,
        row_number() over (partition by organization_id order by due_at)
          + coalesce(($5::jsonb ->> organization_id::text)::int, 0) as in_organization,
        row_number() over (partition by host order by due_at) + coalesce(($6::jsonb ->> host)::int, 0) as in_host
      from candidate),
    due as (
      select w.id from job_webhook w
      where w.id = any(array(
          select id from ranked where in_organization <= $7 and in_host <= $8 order by due_at limit $4))
        and w.due_at <= now()
      for update skip locked),
    taken as (
      update job_webhook w set tries = w.tries + 1, due_at = now() + make_interval(secs => $9::float8 / 1000)
      from due where w.id = due.id returning w.*),
    log as (insert into job_webhook_try (webhook_id, number, at) select id, tries, now() from taken)
    select last.n, last.organization_id as "lastOrganizationId", last.host as "lastHost",
      t.id, t.job_id as "jobId", t.organization_id as "organizationId", t.url, t.host, t.sealed_secret as "sealedSecret",
      t.body, t.tries as number, t.tries - t.round_start as tried, now() as now
    from (select * from lane order by n desc limit 1) last left join taken t on true`,
};

/** A try whose lease ran out has no say any more, unless it delivered after all. */
export const RECORD: Statement = {
  name: 'record-webhook-try',
  text: `with log as (
      update job_webhook_try set ended_at = clock_timestamp(), status_code = $5, failure = $6, message = $7, response = $8,
        duration_ms = $9, next_at = clock_timestamp() + make_interval(secs => $4::float8 / 1000)
      where webhook_id = $1 and number = $2)
    update job_webhook set state = $3, due_at = clock_timestamp() + make_interval(secs => $4::float8 / 1000)
    where id = $1 and state = 'PENDING' and (tries = $2 or $3 = 'DELIVERED')`,
};

export const OF_JOBS: Statement = {
  name: 'webhooks-of-jobs',
  text: `select id, job_id as "jobId", url, state, tries, due_at as "nextTryAt" from job_webhook where job_id = any($1)`,
};

/** A try without an end is under way, or its sender died: whether the message arrived is then unknown. */
export const TRIES_OF_JOB: Statement = {
  name: 'tries-of-webhook',
  text: `select t.number, t.at, t.status_code as "statusCode",
      case when t.ended_at is null and (t.number < w.tries or w.due_at <= now()) then 'INTERRUPTED' else t.failure end as failure,
      t.message, t.response, t.duration_ms as "durationMs", t.next_at as "nextTryAt"
    from job_webhook w join job_webhook_try t on t.webhook_id = w.id
    where w.job_id = $1 and t.number < $2 order by t.number desc limit $3`,
};
