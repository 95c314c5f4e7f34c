import type { Grant } from '../domain/access.js';
import type { RecordType, RegisteredItem, Withdrawal } from '../domain/item.js';
import type { NodeKind, RegisteredSubtype } from '../domain/node.js';
import { marksOf, wordsOf } from './words.js';

/** The grants of a node that have not ended, as JSON. */
export const grantsOf = (node: string): string =>
  `(select coalesce(json_agg(json_build_object('kind', g.kind, 'principalId', g.principal_id, 'roles', g.roles, 'expiresAt', g.expires_at)
     order by g.kind, g.principal_id, g.expires_at nulls first), '[]')
   from item_grant g where g.node = ${node} and (g.expires_at is null or g.expires_at > now()))`;

/** A registered item as one row; `n` is its node, `i` its item. */
export const ITEM_COLUMNS = `n.id as key, n.public_id as id, i.pid, n.kind, n.subtype, n.organization_id as "organizationId", n.name,
  i.record_type as "recordType", i.schema_version as "schemaVersion", i.metadata, i.tags, i.owner_id as "ownerId",
  i.created_by as "createdBy", n.created_at as "createdAt", i.updated_at as "updatedAt", i.revision, i.seq,
  i.series_id as "seriesId", i.version, i.version_reason as "versionReason", i.previous as "previousKey",
  (select later.node from item later where later.previous = i.node) as "nextKey", i.locked,
  i.withdrawn_at as "withdrawnAt", i.withdrawn_by as "withdrawnBy", i.withdrawn_reason as "withdrawnReason",
  ${grantsOf('i.node')} as grants,
  (select json_strip_nulls(json_build_object(
     'kind', case when d.artifact_id is not null then 'FILE' when d.data_pool is not null then 'POOL' else 'RESULT' end,
     'artifactId', d.artifact_id, 'size', d.size, 'sha256', d.sha256,
     'dataPoolId', (select p.public_id from data_pool p where p.id = d.data_pool), 'jobId', d.job_id, 'itemIndex', d.item_index))
   from item_data d where d.node = i.node) as data`;

export interface ItemRow extends Omit<RegisteredItem, 'withdrawn' | 'grants'> {
  readonly kind: NodeKind;
  readonly subtype: RegisteredSubtype;
  readonly recordType: RecordType;
  readonly grants: readonly Grant[];
  readonly withdrawnAt: Date | null;
  readonly withdrawnBy: string | null;
  readonly withdrawnReason: string | null;
}

export function itemOfRow({ withdrawnAt, withdrawnBy, withdrawnReason, ...row }: ItemRow): RegisteredItem {
  const withdrawn: Withdrawal | null =
    withdrawnAt === null || withdrawnBy === null || withdrawnReason === null
      ? null
      : { at: withdrawnAt, by: withdrawnBy, reason: withdrawnReason };
  return { ...row, withdrawn };
}

/**
 * By what an item is found, by weight: how it is called, keywords, its description, all else that it says; and its marks.
 * @param told what the columns of the told item begin with, such as `told.`.
 */
export const searchVector = (
  told = '',
  { tags, recordType } = { tags: `${told}tags`, recordType: `${told}record_type` },
): string =>
  `setweight(${wordsOf(`${told}name || ' ' || ${told}pid || ' ' || regexp_replace(${told}pid, '^.*/', '')`)}, 'A')
    || setweight(${wordsOf(`${told}keywords`)}, 'B') || setweight(${wordsOf(`${told}description`)}, 'C')
    || setweight(${wordsOf(`${told}rest`)}, 'D') || ${marksOf(tags, recordType)}`;
