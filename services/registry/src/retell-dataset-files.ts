// Who holds and opens which file, told again to a stream that was lost (ADR 0019). What comes late is older than what is known, or the same.
import type { Tx } from '@weft/database';
import { RETOLD_DAYS, type Retell } from '@weft/outbox';
import { tellFile } from './persistence/item-data.js';
import { ITEM_COLUMNS, itemOfRow, type ItemRow } from './persistence/item-rows.js';

const A_PAGE = 200;

const DATASETS = `select ${ITEM_COLUMNS} from item_data d join item i on i.node = d.node join node n on n.id = i.node
  where d.artifact_id is not null and d.node > $1 and greatest(i.updated_at, d.at) > now() - make_interval(days => $2)
  order by d.node limit $3`;

export const retellDatasetFiles: Retell = async (tx: Tx, after) => {
  const rows = await tx.query<ItemRow>(DATASETS, [Number(after), RETOLD_DAYS, A_PAGE]);
  for (const row of rows) await tellFile(tx, itemOfRow(row), 'ACCESS_CHANGED', new Date(), 'stream-rebuilt');
  return rows.length < A_PAGE ? undefined : String(rows.at(-1)?.key);
};
