// Data pools and their files, told again to a stream that was lost (ADR 0019). What comes late is older than what is known, or the same.
import type { Tx } from '@weft/database';
import { RETOLD_DAYS, type Retell } from '@weft/outbox';
import {
  FILE_COLUMNS,
  fileOfRow,
  POOL_COLUMNS,
  poolOfRow,
  type FileRow,
  type PoolRow,
} from './persistence/data-pool-rows.js';
import { dataPoolStore } from './persistence/data-pool-store.js';

const A_PAGE = 200;
const BECAUSE = 'stream-rebuilt';
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

const POOLS = `select ${POOL_COLUMNS}, p.deleted_at is not null as gone from data_pool p
  where p.id > $1 and p.updated_at > now() - make_interval(days => $2) order by p.id limit $3`;

const FILES = `select ${FILE_COLUMNS}, f.removed_at is not null as gone from data_pool_file f join data_pool p on p.id = f.pool
  where f.id > $1 and greatest(f.added_at, f.removed_at) > now() - make_interval(days => $2) order by f.id limit $3`;

type Gone<Row> = Row & { readonly gone: boolean };

export const retellDataPools: Retell = async (tx: Tx, after) => {
  const rows = await tx.query<Gone<PoolRow>>(POOLS, [Number(after), RETOLD_DAYS, A_PAGE]);
  const store = dataPoolStore(tx, () => undefined);
  for (const { gone, ...row } of rows)
    await store.tell(poolOfRow(row), gone ? 'DELETED' : 'UPDATED', BECAUSE);
  return rows.length < A_PAGE ? undefined : String(rows.at(-1)?.key);
};

export const retellDataPoolFiles: Retell = async (tx: Tx, after) => {
  const rows = await tx.query<Gone<FileRow>>(FILES, [after === '' ? BEFORE_ALL : after, RETOLD_DAYS, A_PAGE]);
  const store = dataPoolStore(tx, () => undefined);
  for (const removed of [false, true])
    await store.tellFiles(
      rows.filter(({ gone }) => gone === removed).map(({ gone: _gone, ...row }) => fileOfRow(row)),
      removed,
      BECAUSE,
    );
  return rows.length < A_PAGE ? undefined : rows.at(-1)?.id;
};

/** One after the other: a place is the number of the one that is at it, and its own place. */
export const inTurn =
  (...retells: readonly Retell[]): Retell =>
  async (tx, after) => {
    const [, number = '0', place = ''] = /^(\d+) (.*)$/s.exec(after) ?? [];
    const at = Number(number);
    const next = await retells[at]?.(tx, place);
    if (next !== undefined) return `${at} ${next}`;
    return at + 1 < retells.length ? `${at + 1} ` : undefined;
  };
