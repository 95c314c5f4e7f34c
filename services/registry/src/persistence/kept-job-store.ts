import type { Statement, Tx } from '@weft/database';
import type { ProvenanceWriter } from '../application/ports.js';
import { alternatesOf, type KeptJob } from '../domain/finished-job.js';
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
  name: 'kept-job-keep',
  text: `insert into known_job_record as k (job_id, revision, organization_id, given_to, deleted_at) values ($1, $2, $3, $4, $5)
    on conflict (job_id) do update set
      organization_id = case when k.revision < excluded.revision or k.organization_id is null then excluded.organization_id else k.organization_id end,
      revision = greatest(k.revision, excluded.revision),
      given_to = (select coalesce(array_agg(distinct one order by one), '{}') from unnest(k.given_to || excluded.given_to) as one),
      deleted_at = coalesce(k.deleted_at, excluded.deleted_at)
    returning job_id as "jobId", organization_id as "organizationId", given_to as "givenTo", deleted_at as "deletedAt"`,
};

// What was registered meanwhile is an item with an owner of its own.
const GIVE: Statement = {
  name: 'kept-job-give',
  text: `with activity as (select id from node where public_id = $1 and revision > 0),
    made as (
      select e.src as id from edge e join activity a on a.id = e.dst join node n on n.id = e.src
      where e.relation = 'WAS_GENERATED_BY' and not n.registered
    ), nodes as (
      update node set organization_id = $2, readers = array[$2::uuid],
        facts = case when node.id in (select id from activity) and $3::text is not null
          then facts || jsonb_build_object('deletedAt', $3::text) else facts end
      where id in (select id from activity union all select id from made)
    ), edges as (
      update edge set organization_id = $2 where src in (select id from activity union all select id from made)
    )
    select n.public_id as id, n.facts from made join node n on n.id = made.id`,
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

export const keptJobStore: Pick<ProvenanceWriter, 'keptJobs' | 'keepJob'> = {
  async keptJobs(tx, jobIds) {
    await shareNodes(tx);
    const rows = await tx.query<KeptRow>(KEPT, [jobIds.filter(isUuid)]);
    return new Map(rows.map((row) => [row.jobId, keptOf(row)]));
  },
  async keepJob(tx, { jobId, revision, organizationId, givenTo, deletedAt }) {
    await holdNodes(tx);
    const [row] = await tx.query<KeptRow>(KEEP, [jobId, revision, organizationId, givenTo, deletedAt]);
    const kept = keptOf(row as KeptRow);
    const activity = publicId(identity.job(jobId));
    const made = await tx.query<Made>(GIVE, [activity, kept.organizationId, kept.deletedAt]);
    await nameInOtherWays(tx, made, kept.givenTo);
  },
};

interface Made {
  readonly id: string;
  readonly facts: NodeFacts;
}

async function nameInOtherWays(tx: Tx, made: readonly Made[], givenTo: readonly string[]): Promise<void> {
  const named = made.flatMap(({ id, facts: { artifactId } }) =>
    (artifactId === undefined ? [] : alternatesOf(artifactId, givenTo))
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
