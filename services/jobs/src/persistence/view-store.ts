import type { Queryable } from '@weft/database';
import type { JobView, ViewStore } from '../application/record-ports.js';
import type { JobFilter } from '../application/job-list.js';
import { UUID } from './job-store.js';

export const VIEW = `v.id, v.organization_id as "organizationId", v.owner_id as "ownerId", v.shared, v.name, v.filter,
  v.order_by as "orderBy", v.created_at as "createdAt", v.updated_at as "updatedAt"`;

export type ViewRow = Omit<JobView, 'filter'> & { readonly filter: Readonly<Record<string, unknown>> };

/** JSON has no times: what is named as one was one. */
export const viewOf = ({ filter, ...view }: ViewRow): JobView => ({
  ...view,
  filter: Object.fromEntries(
    Object.entries(filter).map(([name, value]) => [
      name,
      /(After|Before)$/.test(name) ? new Date(String(value)) : value,
    ]),
  ) as JobFilter,
});

export const createViewStore = (tx: Queryable): ViewStore => ({
  async lockOwned(organizationId, ownerId) {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `views ${organizationId} ${ownerId}`,
    ]);
    return tx.query('select id, name from job_view where organization_id = $1 and owner_id = $2', [
      organizationId,
      ownerId,
    ]);
  },
  async find(id) {
    if (!UUID.test(id)) return undefined;
    const [row] = await tx.query<ViewRow>(`select ${VIEW} from job_view v where v.id = $1 for update`, [id]);
    return row && viewOf(row);
  },
  async save({ id, organizationId, ownerId, shared, name, filter, orderBy }) {
    const [row] = await tx.query<{ id: string }>(
      `insert into job_view (id, organization_id, owner_id, shared, name, filter, order_by, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6::jsonb, $7, now(), now())
        on conflict (organization_id, owner_id, name) do update
          set shared = $4, filter = $6::jsonb, order_by = $7, updated_at = now() returning id`,
      [id, organizationId, ownerId, shared, name, JSON.stringify(filter), orderBy],
    );
    return (row as { id: string }).id;
  },
  async delete(id) {
    await tx.query('delete from job_view where id = $1', [id]);
  },
});
