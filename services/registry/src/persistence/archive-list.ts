import type { Queryable, Statement } from '@weft/database';
import type { CrateReader } from '../application/crate-ports.js';
import type { RequestedArchive } from '../domain/crate-archive.js';
import { ARCHIVE_COLUMNS } from './crate-store.js';
import { isUuid } from './public-id.js';

// Parameters: runs, organizations, after (time and id, or null), limit.
const archivesOf = (column: 'run_job_id' | 'workflow_id'): Statement => ({
  name: `ro-crate-archives-${column}`,
  text: `select origin.id as origin, listed.*
    from unnest($1::uuid[]) as origin (id)
    cross join lateral (
      select ${ARCHIVE_COLUMNS} from ro_crate_archive a
      where a.${column} = origin.id and a.organization_id = any ($2::uuid[])
        and ($3::timestamptz is null or (a.requested_at, a.id) < ($3, $4::uuid))
      order by a.requested_at desc, a.id desc limit $5
    ) listed
    order by listed."requestedAt" desc, listed.id desc`,
});

const OF = { JOB: archivesOf('run_job_id'), WORKFLOW: archivesOf('workflow_id') } as const;

/** Archives by what is in them. */
export const archiveList = (database: Queryable): Pick<CrateReader, 'archivesOf'> => ({
  async archivesOf(organizations, kind, ids, { first, after }) {
    const values = [ids.filter(isUuid), organizations, after?.at ?? null, after?.id ?? null, first + 1];
    const rows = await database.query<RequestedArchive & { readonly origin: string }>(OF[kind], values);
    return Map.groupBy(rows, ({ origin }) => origin);
  },
});
