import type { Queryable } from '@weft/database';
import type { DeadLetterStore } from '../application/dead-letter-ports.js';
import { isHidden } from './hidden-jobs.js';
import { LOCKED_COLUMNS } from './job-statements.js';
import { UUID, withItems, type LockedRow } from './job-store.js';

const DEAD = `dead_job d join job j on j.id = d.job_id and j.organization_id = d.organization_id and d.hidden = ${isHidden('j')} and j.ended_at = d.ended_at`;
const AMONG = `j.id = any($1::uuid[]) and j.organization_id = any($2::uuid[])`;

export function createDeadLetterStore(tx: Queryable): DeadLetterStore {
  const settle = async (jobIds: readonly string[]): Promise<void> => {
    await tx.query(
      `delete from dead_job d using job j where j.id = any($1::uuid[])
        and d.organization_id = j.organization_id and d.hidden = ${isHidden('j')} and d.ended_at = j.ended_at and d.job_id = j.id`,
      [jobIds],
    );
  };
  return {
    settle,
    async among(organizationIds, jobIds) {
      const rows = await tx.query<{ id: string }>(
        `select j.id from ${DEAD} where ${AMONG} order by j.ended_at desc, j.id desc`,
        [jobIds.filter((id) => UUID.test(id)), organizationIds],
      );
      return rows.map((row) => row.id);
    },
    async lock(organizationIds, jobIds) {
      // Both rows: who waited for the other must see that the letter is gone, and a job does not change by being retried.
      return withItems(
        tx,
        await tx.query<LockedRow>(
          `with found as materialized (select j.* from ${DEAD} where ${AMONG} for update of d, j skip locked)
            select ${LOCKED_COLUMNS} from found j join job_input i on i.id = j.input_id order by j.ended_at desc, j.id desc`,
          [jobIds, organizationIds],
        ),
      );
    },
    async dismiss(jobIds, reason, by, at) {
      await settle(jobIds);
      await tx.query(
        `with revised as (
            update job set record_revision = record_revision + 1 where id = any($1::uuid[]) returning id, organization_id, record_revision)
          insert into job_audit (job_id, number, organization_id, at, actor_kind, actor_id, action, changes)
          select id, record_revision, organization_id, $2, $3, $4, 'DISMISSED', $5::jsonb from revised`,
        [jobIds, at, by.kind, by.id, JSON.stringify([{ field: 'reason', from: null, to: reason }])],
      );
    },
  };
}
