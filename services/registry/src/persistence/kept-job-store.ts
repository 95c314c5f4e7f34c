import type { Queryable, Statement, Tx } from '@weft/database';
import type { JobKeeping, ProvenanceWriter } from '../application/ports.js';
import type { KeptJob } from '../domain/finished-job.js';
import { alternatesOf } from '../domain/job-nodes.js';
import type { NodeFacts } from '../domain/node.js';
import { identity } from '../domain/statement.js';
import { isUuid, publicId } from './public-id.js';
import { writeNodes } from './statement-store.js';
import { holdNodes, shareNodes } from './turns.js';

const KEPT: Statement = {
  name: 'kept-jobs',
  text: `select job_id as "jobId", organization_id as "organizationId", given_to as "givenTo", deleted_at as "deletedAt"
    from known_job_record where job_id = any($1::uuid[]) and organization_id is not null`,
};

// Changes may come twice and in any order: the last one says whose it is, all of them to whom it was given.
const KEEP: Statement = {
  name: 'kept-jobs-keep',
  text: `insert into known_job_record as k (job_id, revision, organization_id, given_to, deleted_at)
    select job_id, revision, organization_id, given_to, deleted_at
    from jsonb_to_recordset($1::jsonb) as told (job_id uuid, revision int, organization_id uuid, given_to uuid[], deleted_at timestamptz)
    order by job_id
    on conflict (job_id) do update set
      organization_id = case when k.revision < excluded.revision or k.organization_id is null then excluded.organization_id else k.organization_id end,
      revision = greatest(k.revision, excluded.revision),
      given_to = (select coalesce(array_agg(distinct one order by one), '{}') from unnest(k.given_to || excluded.given_to) as one),
      deleted_at = coalesce(k.deleted_at, excluded.deleted_at)
    returning job_id as "jobId", organization_id as "organizationId", given_to as "givenTo", deleted_at as "deletedAt"`,
};

// What was registered meanwhile is an item with an owner of its own. `limit 1` makes it look each node up.
const GIVE: Statement = {
  name: 'kept-jobs-give',
  text: `with told as (
      select n.id, n.public_id, told.organization_id, told.deleted_at
      from jsonb_to_recordset($1::jsonb) as told (activity uuid, organization_id uuid, deleted_at text)
      cross join lateral (select id, public_id from node where public_id = told.activity and revision > 0 limit 1) n
    ), made as (
      select e.src as id, told.public_id as activity, told.organization_id
      from told join edge e on e.dst = told.id and e.relation = 'WAS_GENERATED_BY' join node n on n.id = e.src and not n.registered
    ), given as (
      select id, organization_id, deleted_at from told union all select id, organization_id, null from made
    ), nodes as (
      update node set organization_id = given.organization_id, readers = array[given.organization_id],
        facts = case when given.deleted_at is null then facts else facts || jsonb_build_object('deletedAt', given.deleted_at) end
      from given
      where node.id = given.id and (node.organization_id is distinct from given.organization_id or given.deleted_at is not null)
    ), edges as (
      update edge set organization_id = given.organization_id from given
      where edge.src = given.id and edge.organization_id <> given.organization_id
    )
    select made.activity, n.public_id as id, n.facts from made join node n on n.id = made.id`,
};

/** What these jobs made: as it was told, and as results name it where the job was not told. */
const MADE_BY = (jobs: string, activities: string): string => `
  select a.id from known_artifact a where a.job_id = ${jobs}
  union all
  select a.id from node activity join edge e on e.dst = activity.id and e.relation = 'WAS_GENERATED_BY'
    join node n on n.id = e.src join known_artifact a on a.id = (n.facts ->> 'artifactId')::uuid
  where activity.public_id = ${activities}`;

/** Files that went with these jobs: nobody can name them any more, but where a data pool or a dataset that stands holds them. */
const FORGET_FILES: Statement = {
  name: 'kept-jobs-forget-files',
  text: `delete from known_artifact a
    where a.id in (${MADE_BY('any ($1::uuid[])', 'any ($2::uuid[])')})
      and not exists (select from data_pool_file f where f.artifact_id = a.id and f.removed_at is null)
      and not exists (select from item_data d join item i on i.node = d.node where d.artifact_id = a.id and i.withdrawn_at is null)`,
};

// A job of which a file is still known may be asked for: whether that went with it. Of all others nothing comes any more.
const FORGET_RECORDS: Statement = {
  name: 'kept-jobs-forget',
  text: `delete from known_job_record k using jsonb_to_recordset($1::jsonb) as told (job uuid, activity uuid)
    where k.job_id = told.job and not exists (${MADE_BY('told.job', 'told.activity')})`,
};

const LINK: Statement = {
  name: 'kept-job-alternates',
  text: `insert into edge (src, dst, relation, role, organization_id)
    select src.id, dst.id, 'ALTERNATE_OF', '', src.organization_id
    from unnest($1::uuid[], $2::uuid[]) as told (src, dst)
    join node src on src.public_id = told.src join node dst on dst.public_id = told.dst
    on conflict do nothing`,
};

interface KeptRow extends Omit<KeptJob, 'deletedAt'> {
  readonly jobId: string;
  readonly deletedAt: Date | null;
}

const keptOf = ({ organizationId, givenTo, deletedAt }: KeptRow): KeptJob => ({
  organizationId,
  givenTo,
  deletedAt: deletedAt?.toISOString() ?? null,
});

export const keptJobStore: Pick<ProvenanceWriter, 'keptJobs' | 'keepJobs'> = {
  async keptJobs(tx, jobIds) {
    await shareNodes(tx);
    const rows = await tx.query<KeptRow>(KEPT, [jobIds.filter(isUuid)]);
    return new Map(rows.map((row) => [row.jobId, keptOf(row)]));
  },
  async keepJobs(tx, changes) {
    if (changes.length === 0) return;
    await holdNodes(tx);
    const rows = await tx.query<KeptRow>(KEEP, [JSON.stringify(mergedByJob(changes).map(recordOf))]);
    const kept = new Map(rows.map((row) => [publicId(identity.job(row.jobId)), keptOf(row)]));
    const given = [...kept].map(([activity, { organizationId, deletedAt }]) => ({
      ...{ activity, organization_id: organizationId, deleted_at: deletedAt },
    }));
    const made = await tx.query<Made>(GIVE, [JSON.stringify(given)]);
    await nameInOtherWays(tx, made, kept);
    const gone = rows.flatMap(({ jobId, deletedAt }) => (deletedAt === null ? [] : [jobId]));
    if (gone.length > 0) await tx.query(FORGET_FILES, [gone, activitiesOf(gone)]);
  },
};

/** A statement writes a row once: what was done with one job is added up. */
function mergedByJob(changes: readonly JobKeeping[]): JobKeeping[] {
  const jobs = new Map<string, JobKeeping>();
  for (const change of changes) {
    const known = jobs.get(change.jobId) ?? change;
    const last = known.revision < change.revision ? change : known;
    jobs.set(change.jobId, {
      ...last,
      givenTo: [...new Set([...known.givenTo, ...change.givenTo])].toSorted(),
      deletedAt: known.deletedAt ?? change.deletedAt,
    });
  }
  return [...jobs.values()];
}

const recordOf = ({ jobId, revision, organizationId, givenTo, deletedAt }: JobKeeping) => ({
  ...{ job_id: jobId, revision, organization_id: organizationId, given_to: givenTo, deleted_at: deletedAt },
});

interface Made {
  /** Public id of the job's. */
  readonly activity: string;
  readonly id: string;
  readonly facts: NodeFacts;
}

async function nameInOtherWays(
  tx: Tx,
  made: readonly Made[],
  kept: ReadonlyMap<string, KeptJob>,
): Promise<void> {
  const named = made.flatMap(({ activity, id, facts: { artifactId } }) =>
    (artifactId === undefined ? [] : alternatesOf(artifactId, kept.get(activity)?.givenTo ?? []))
      .map((node) => ({ node, src: publicId(node.identity), dst: id }))
      .filter(({ src, dst }) => src !== dst),
  );
  if (named.length === 0) return;
  await writeNodes(
    tx,
    named.map(({ node }) => node),
  );
  await tx.query(LINK, [named.map(({ src }) => src), named.map(({ dst }) => dst)]);
}

const activitiesOf = (jobIds: readonly string[]): string[] =>
  jobIds.map((jobId) => publicId(identity.job(jobId)));

/** News of a job come as long as the stream keeps them, and again when it was lost: after this time no more. */
const NEWS_END_DAYS = 30;
const A_PAGE = 1_000;

/** Forgets whose those jobs were that were deleted long ago: their activities say that they are gone. */
export async function forgetJobRecords(database: Queryable): Promise<void> {
  let after: { deletedAt: Date; jobId: string } | undefined = { deletedAt: new Date(0), jobId: NO_JOB };
  while (after !== undefined) {
    const rows: { jobId: string; deletedAt: Date }[] = await database.query(
      `select job_id as "jobId", deleted_at as "deletedAt" from known_job_record
       where deleted_at < now() - make_interval(days => $1) and (deleted_at, job_id) > ($2, $3::uuid)
       order by deleted_at, job_id limit $4`,
      [NEWS_END_DAYS, after.deletedAt, after.jobId, A_PAGE],
    );
    const jobs = rows.map(({ jobId }) => jobId);
    const activities = activitiesOf(jobs);
    const page = jobs.map((job, at) => ({ job, activity: activities[at] }));
    // Of what was held when its job went, or was told of later.
    await database.query(FORGET_FILES, [jobs, activities]);
    await database.query(FORGET_RECORDS, [JSON.stringify(page)]);
    after = rows.length < A_PAGE ? undefined : rows.at(-1);
  }
}

const NO_JOB = '00000000-0000-0000-0000-000000000000';
