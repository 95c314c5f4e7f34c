import { pageOf, type Queryable } from '@weft/database';
import { organizationIds } from '@weft/identity';
import type { BatchReader } from '../application/batch-ports.js';
import { BATCH, BATCH_NOW, batchOf, type BatchRow } from './batch-rows.js';
import { UUID } from './job-store.js';

const uuids = (ids: readonly string[]): string[] => ids.filter((id) => UUID.test(id));

export function createBatchReader(database: Queryable): BatchReader {
  return {
    async byIds(actor, ids) {
      const rows = await database.query<BatchRow>(
        {
          name: 'batches-by-ids',
          text: `select ${BATCH} from ${BATCH_NOW} where b.id = any($1) and b.organization_id = any($2)`,
        },
        [uuids(ids), organizationIds(actor)],
      );
      const found = new Map(rows.map((row) => [row.id, batchOf(row)]));
      return ids.map((id) => found.get(id));
    },
    async list(actor, { workflows, hidden = false, organizationId, name }, { after, first }) {
      const mine = organizationIds(actor).filter(
        (id) => organizationId === undefined || id === organizationId,
      );
      const [time = null, id = null] = after ?? [];
      // The page is found first: steps are counted for what is shown only.
      const rows = await database.query<BatchRow>(
        {
          name: workflows ? 'latest-workflows' : 'latest-batches',
          text: `select ${BATCH} from ${BATCH_NOW} where b.id in (
              select newest.id from unnest($1::uuid[]) as mine(id) cross join lateral (
                select p.id, p.submitted_at from batch p where p.organization_id = mine.id and p.hidden = $6
                  and ($2::timestamptz is null or (p.submitted_at, p.id) < ($2, $3::uuid)) and ($4::text is null or p.name = $4)
                  and p.on_failure is ${workflows ? 'not null' : 'null'}
                order by p.submitted_at desc, p.id desc limit $5) newest
              order by newest.submitted_at desc, newest.id desc limit $5)
            order by b.submitted_at desc, b.id desc`,
        },
        [mine, time, id, name?.replaceAll('\0', '\ufffd') ?? null, first + 1, hidden],
      );
      return pageOf(rows.map(batchOf), first);
    },
    async present(ids) {
      const rows = await database.query<BatchRow>(
        { name: 'followed-batches', text: `select ${BATCH} from ${BATCH_NOW} where b.id = any($1)` },
        [uuids(ids)],
      );
      return rows.map(batchOf);
    },
  };
}
