import { pageOf, type Database } from '@weft/database';
import { organizationIds, type Actor } from '@weft/identity';
import { kindsOf } from '../application/job-list.js';
import type { AuditEntry, RecordReader, Tombstone } from '../application/record-ports.js';
import { isHidden } from './hidden-jobs.js';
import { hiddenOf } from './job-conditions.js';
import { UUID } from './job-store.js';
import { VIEW, viewOf, type ViewRow } from './view-store.js';

const mineOf = (actor: Actor, organizationId: string | undefined): string[] =>
  organizationIds(actor).filter((id) => organizationId === undefined || id === organizationId);

const TOMBSTONE = `d.id, d.organization_id as "organizationId", d.name, d.kind, d.state, d.created_by as "createdBy",
  d.retry_of as "retryOf", d.service_version_id as "serviceVersionId", d.data_sha256 as "dataSha256",
  d.params_sha256 as "paramsSha256", d.submitted_at as "submittedAt", d.ended_at as "endedAt",
  d.deleted_at as "deletedAt", d.deleted_by as "deletedBy"`;

/** Own views, and those that are shared where the actor is a member. */
const VISIBLE = `v.organization_id = any($1) and (v.shared or v.owner_id = $2)`;

export const createRecordReader = ({ query }: Database): RecordReader => ({
  async audit(jobId, afterNumber, first) {
    const rows = await query<
      Omit<AuditEntry, 'actor'> & { actorKind: AuditEntry['actor']['kind']; actorId: string }
    >(
      `select number, at, actor_kind as "actorKind", actor_id as "actorId", action, changes
        from job_audit where job_id = $1 and number > $2 order by number limit $3`,
      [jobId, afterNumber, first + 1],
    );
    return pageOf(
      rows.map(({ actorKind, actorId, ...row }) => ({ ...row, actor: { kind: actorKind, id: actorId } })),
      first,
    );
  },
  async deletedJobs(actor, filter, { first, after }) {
    const rows = await query<Tombstone>(
      `select d.* from unnest($1::uuid[]) as mine(id) cross join unnest($5::boolean[]) as side(hidden) cross join lateral (
          select ${TOMBSTONE} from deleted_job d where d.organization_id = mine.id and ${isHidden('d')} = side.hidden
            and d.kind = any($6) and ($2::timestamptz is null or (d.deleted_at, d.id) < ($2::timestamptz, $3::uuid))
          order by d.deleted_at desc, d.id desc limit $4) d
        order by d."deletedAt" desc, d.id desc limit $4`,
      [
        ...[mineOf(actor, filter.organizationId), after?.[0] ?? null, after?.[1] ?? null, first + 1],
        ...[hiddenOf(filter), kindsOf(filter)],
      ],
    );
    return pageOf(rows, first);
  },
  async retentionDays(actor, organizationId) {
    const [row] = await query<{ days: number }>(
      'select final_job_days as days from retention_policy where organization_id = any($1)',
      [mineOf(actor, organizationId)],
    );
    return row?.days ?? null;
  },
  async views(actor, organizationId, { first, after }) {
    const rows = await query<ViewRow>(
      `select ${VIEW} from job_view v where ${VISIBLE} and ($3::uuid is null or v.id > $3::uuid) order by v.id limit $4`,
      [mineOf(actor, organizationId), actor.id, after?.[0] ?? null, first + 1],
    );
    return pageOf(rows.map(viewOf), first);
  },
  async view(actor, id) {
    if (!UUID.test(id)) return undefined;
    const [row] = await query<ViewRow>(`select ${VIEW} from job_view v where ${VISIBLE} and v.id = $3`, [
      organizationIds(actor),
      actor.id,
      id,
    ]);
    return row && viewOf(row);
  },
});
