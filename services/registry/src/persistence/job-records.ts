// Records of jobs, read from the graph (domain/job-record.ts): which job says a statement, and what a job says.
import { DELEGATION_ROLES } from '../domain/delegation.js';
import { ROLES, WORKER_ROLES } from '../domain/finished-job.js';
import { recordIdOfJob } from '../domain/job-record.js';
import type { ProvenanceRecord } from '../application/record-reader.js';

/** Jobs that used a file of a data pool by one name, of which it is told that they say so. */
const MOST_OF_A_NAME = 20;

// `offset 0` throughout: looked up one by one, for a job may have made ten thousand things, and what the planner knows may be of the
// time when there was little of anything: then it would read all statements to know of a few, or join all results with each other.

/** What a job made, and no import says that it did: those may say of their own things that a job of ours made them. */
const MADE = `made.relation = 'WAS_GENERATED_BY' and not exists (select from record_edge r
  where (r.src, r.dst, r.relation, r.role) = (made.src, made.dst, made.relation, made.role) offset 0)`;

/**
 * Whether what a job `made` says of it the edge `e`: the attribution to who submitted the job, the derivation from what its
 * item brought or, of what was carried over, from what was made before.
 */
const SAID_OF_MADE = `case
    when e.relation = 'WAS_ATTRIBUTED_TO' then exists (select from edge own
      where (own.src, own.dst, own.relation, own.role) = (made.dst, e.dst, 'WAS_ASSOCIATED_WITH', '${ROLES.submitter}') offset 0)
    when made.role = '${ROLES.carried}' then exists (select from node now, node before
      where now.id = e.src and before.id = e.dst and now.facts ->> 'itemIndex' = before.facts ->> 'itemIndex' offset 0)
    else exists (select from edge own
      where (own.src, own.dst, own.relation) = (made.dst, e.dst, 'USED') and own.role like 'item %' offset 0) end`;

/** That `file` is one of a data pool. */
const IN_A_POOL = `exists (select from data_pool_file f
    where f.artifact_id = (file.facts ->> 'artifactId')::uuid and f.node = file.id offset 0)`;

/** Whether the job that `made` the file of this edge `e` was given away with it: its new owner calls it otherwise. */
const SAID_OF_FILE = `exists (select from node maker, node file, node name
    where maker.id = made.dst and file.id = e.dst and name.id = e.src and file.facts ->> 'artifactId' = name.facts ->> 'artifactId'
      and (name.organization_id = maker.organization_id or not ${IN_A_POOL}) offset 0)`;

/** Whether this edge `e` leads from how jobs that used it call a file of a data pool. */
const SAID_OF_POOL = `exists (select from node file where file.id = e.dst and ${IN_A_POOL} offset 0)`;

/** Keys of the activities that say the edge `e`: the mirror of what domain/finished-job.ts makes of a job. */
const SAYING = `
  select e.src as job where e.relation in ('USED', 'WAS_ASSOCIATED_WITH', 'WAS_INFORMED_BY')
  union all
  select made.dst from edge made
  where e.relation = 'WAS_GENERATED_BY' and (made.src, made.dst, made.relation, made.role) = (e.src, e.dst, e.relation, e.role) and ${MADE}
  union all
  select made.dst from edge made
  where e.role = '' and e.relation in ('WAS_ATTRIBUTED_TO', 'WAS_DERIVED_FROM') and made.src = e.src and ${MADE} and ${SAID_OF_MADE}
  union all
  select made.dst from edge made where e.relation = 'ALTERNATE_OF' and made.src = e.dst and ${MADE} and ${SAID_OF_FILE}
  union all
  (select used.src from edge used
   where e.relation = 'ALTERNATE_OF' and used.dst = e.src and used.relation = 'USED' and ${SAID_OF_POOL}
   limit ${MOST_OF_A_NAME})`;

const RECORDED = `j.kind = 'ACTIVITY' and j.subtype = 'JOB' and j.revision > 0`;

/**
 * Whether any job says the edge `e`, whoever may read it. None speaks of what came with a document: asked when no record
 * asserts the edge any more, so that what an import said to be made by a job would look as if the job said it.
 */
export const SAID_BY_A_JOB = `(
  exists (select from (${SAYING}) said
    cross join lateral (select from node j where j.id = said.job and ${RECORDED} offset 0) j offset 0)
  and not exists (select from node thing where thing.id = e.src and thing.subtype = 'IMPORTED' offset 0))`;

/** A job's activity `j` that has ended and that the principals may read. */
export const readableJob = (principals: string): string =>
  `${RECORDED} and j.readers && ${principals}::uuid[]`;

const jobOf = (key: string, principals: string): string =>
  `cross join lateral (select * from node j where j.id = ${key} and ${readableJob(principals)} offset 0) j`;

/** The jobs `j` that say the edge `e`, as far as the principals may read them. */
export const jobsSaying = (principals: string): string => `(${SAYING}) said ${jobOf('said.job', principals)}`;

const edgesFrom = (key: string, condition: string): string =>
  `cross join lateral (select e.src, e.dst, e.relation, e.role from edge e where ${key} and ${condition} offset 0) e`;

/** The same from the other end: what the job with this key says, as `e`. */
const edgesOfJob = (job: string): string => `(
  with made as materialized (select made.src, made.dst, made.role from edge made where made.dst = ${job} and ${MADE})
  select src, dst, relation, role from edge
  where src = ${job} and relation in ('USED', 'WAS_ASSOCIATED_WITH', 'WAS_INFORMED_BY')
  union all
  select src, dst, 'WAS_GENERATED_BY', role from made
  union all
  select e.src, e.dst, e.relation, e.role from made
  ${edgesFrom('e.src = made.src', `e.role = '' and e.relation in ('WAS_ATTRIBUTED_TO', 'WAS_DERIVED_FROM')`)}
  where ${SAID_OF_MADE}
  union all
  select e.src, e.dst, e.relation, e.role from made
  ${edgesFrom('e.dst = made.src', `e.relation = 'ALTERNATE_OF'`)}
  where ${SAID_OF_FILE}
  union
  select e.src, e.dst, e.relation, e.role from edge used
  ${edgesFrom('e.src = used.dst', `e.relation = 'ALTERNATE_OF'`)}
  where used.src = ${job} and used.relation = 'USED' and ${SAID_OF_POOL}
)`;

/** What the job `j` says of what the principals may read, as `e`. */
export const saidByJob = (principals: string): string => `${edgesOfJob('j.id')} e
  cross join lateral (select from node where id = e.src and readers && ${principals}::uuid[] offset 0) src
  cross join lateral (select from node where id = e.dst and readers && ${principals}::uuid[] offset 0) dst`;

const roles = (some: readonly string[]): string => some.map((role) => `'${role}'`).join(', ');

/** Whoever submitted or ran a job did it by its plan. */
export const FOLLOWING = roles([ROLES.submitter, ...WORKER_ROLES]);

/** Public id of the plan of the job `j`: what it was started by, else the service that it ran. */
export const PLAN = `(
  select plan.public_id from edge follows join node plan on plan.id = follows.dst
  where follows.src = j.id and follows.relation = 'USED'
    and (follows.role = '${ROLES.definition}' or follows.role = '${ROLES.code}' and plan.subtype = 'SERVICE_VERSION')
  order by follows.role = '${ROLES.definition}' desc limit 1)`;

/** Who acted for whom in the job `j`: what documents tell beside its relations. */
const DELEGATIONS = `
  select count(distinct (delegate.dst, responsible.dst))::integer
  from edge delegate join edge responsible on responsible.src = delegate.src
  join node d on d.id = delegate.dst and d.readers && $2::uuid[]
  join node r on r.id = responsible.dst and r.readers && $2::uuid[]
  where delegate.src = j.id and delegate.relation = 'WAS_ASSOCIATED_WITH' and responsible.relation = 'WAS_ASSOCIATED_WITH'
    and (responsible.role = '${ROLES.submitter}' and delegate.role in (${roles(WORKER_ROLES)})
      or responsible.role = '${DELEGATION_ROLES.onBehalfOf}' and delegate.role = '${ROLES.submitter}')`;

/** Parameters: keys, principals, the most that are counted. */
export const COUNTED = `
  select j.id as key, least($3::integer,
    (select count(*)::integer from (select from ${saidByJob('$2')} limit $3::integer) counted) + (${DELEGATIONS})) as count
  from node j where j.id = any ($1::bigint[]) and ${readableJob('$2')}`;

/** The columns of record-reader.ts of the job `j`; the id is that of its activity, see {@link recordOfRow}. */
export const JOB_COLUMNS = `j.id as key, j.public_id as id, j.organization_id as "organizationId", 'JOB' as kind, j.name,
  (select (u.facts ->> 'userId')::uuid from edge s join node u on u.id = s.dst
   where s.src = j.id and s.relation = 'WAS_ASSOCIATED_WITH' and s.role = '${ROLES.submitter}' limit 1) as "lodgedBy",
  coalesce((j.facts ->> 'endedAt')::timestamptz, j.created_at) as "lodgedAt", (j.facts ->> 'jobId')::uuid as "jobId",
  null::text as bundle, null::uuid as "parentId", null::json as withdrawn, null::integer as "statementCount"`;

export const recordOfRow = <Row extends ProvenanceRecord>(row: Row): Row =>
  row.kind === 'JOB' ? { ...row, id: recordIdOfJob(row.id) } : row;

/** Parameters: ids of activities, principals. */
export const JOB_RECORDS = `select ${JOB_COLUMNS} from node j where j.public_id = any ($1::uuid[]) and ${readableJob('$2')}`;

/** Parameters: principals, key of the last one seen or null, limit, organization. */
export const JOBS_OF_ORGANIZATION = `
  select ${JOB_COLUMNS} from node j
  where j.organization_id = $4 and ${readableJob('$1')} and ($2::bigint is null or -j.id > -$2)
  order by -j.id limit $3`;

/**
 * Jobs that speak of a node: that used or made it, or made again what it is. A job is read by its organization, and so it is
 * looked for among the edges of the reader's.
 * Parameters: principals, key of the last one seen or null, limit, keys, organizations.
 */
export const JOBS_OF_NODES = `
  select origin.key as origin, listed.*
  from unnest($4::bigint[]) as origin (key)
  cross join lateral (
    select ${JOB_COLUMNS}
    from (
      select distinct found.job from (
        select of_one.src as job from unnest($5::uuid[]) as organization (id)
        cross join lateral (
          select distinct edge.src from edge
          cross join lateral (select from node j where j.id = edge.src and ${readableJob('$1')} offset 0) readable
          where edge.dst = origin.key and edge.organization_id = organization.id and edge.relation = 'USED'
            and ($2::bigint is null or edge.src < $2)
          order by edge.src desc limit $3
        ) of_one
        union all
        select made.dst from edge made where made.src = origin.key and ${MADE}
        union all
        select made.dst from edge origins
        cross join lateral (select src from edge where dst = origins.src and relation = 'WAS_DERIVED_FROM' offset 0) derived
        cross join lateral (
          select * from edge where src = derived.src and relation = 'WAS_GENERATED_BY' and role = '${ROLES.carried}' offset 0
        ) made
        where origins.src = origin.key and origins.relation = 'WAS_GENERATED_BY' and ${MADE}
      ) found
      where $2::bigint is null or found.job < $2
    ) found
    ${jobOf('found.job', '$1')}
    order by j.id desc limit $3
  ) listed
  order by origin.key, listed.key desc`;
