// What datasets hold.
import { datasetFileChanged } from '@weft/contracts';
import type { Statement, Tx } from '@weft/database';
import { appendToOutbox } from '@weft/outbox';
import type { ItemDataWork } from '../application/item-ports.js';
import { dataReadersOf } from '../domain/access.js';
import { mentionOfFile } from '../domain/data-pool-statements.js';
import type { ItemData } from '../domain/item-data.js';
import type { ItemChange, RegisteredItem } from '../domain/item.js';
import { identity } from '../domain/statement.js';
import { poolOfRow, POOL_COLUMNS, type PoolRow } from './data-pool-rows.js';
import { knownArtifact } from './known-artifact.js';
import { isUuid, publicId } from './public-id.js';
import { writeNodes } from './statement-store.js';

const INSERT: Statement = {
  name: 'item-data-insert',
  text: `insert into item_data (node, artifact_id, size, sha256, data_pool, job_id, item_index)
    values ($1, $2, $3, $4, (select id from data_pool where public_id = $5), $6, $7)`,
};

const STORED: Statement = {
  name: 'item-data-stored',
  text: `update item_data set artifact_id = $2, size = $3, sha256 = $4, job_id = null, item_index = null, at = now() where node = $1`,
};

// Each is the other seen differently: jobs take the file as input, people speak of the dataset. Said both ways, so that lineage
// goes on in both directions.
const SAME: Statement = {
  name: 'item-data-same',
  text: `insert into edge (src, dst, relation, role, organization_id)
    select src.id, dst.id, 'ALTERNATE_OF', '', src.organization_id
    from node file cross join node item
    cross join lateral (values (file.id, item.id), (item.id, file.id)) as both_ways (src, dst)
    join node src on src.id = both_ways.src join node dst on dst.id = both_ways.dst
    where file.public_id = $1 and item.id = $2 and file.id <> item.id
    on conflict do nothing`,
};

// Shared, so that it is not deleted meanwhile.
const POOL: Statement = {
  name: 'item-data-pool',
  text: `select ${POOL_COLUMNS} from data_pool p where p.public_id = $1 and p.deleted_at is null and p.readers && $2::uuid[] for share`,
};

const valuesOf = (data: ItemData): unknown[] => {
  switch (data.kind) {
    case 'FILE':
      return [data.artifactId, data.size, data.sha256, null, null, null];
    case 'POOL':
      return [null, null, null, data.dataPoolId, null, null];
    case 'RESULT':
      return [null, null, null, null, data.jobId, data.itemIndex];
  }
};

/** News of these say who may read the file, or that it is let go of. */
const CONCERNING_FILES: ReadonlySet<ItemChange> = new Set([
  'CREATED',
  'COMPLETED',
  'DATA_STORED',
  'ACCESS_CHANGED',
  'TRANSFERRED',
  'WITHDRAWN',
] as const);

/** Lineage goes on from the file to the dataset and back; of a result that is an item itself both are one. */
async function sayItIsTheFile(
  tx: Tx,
  key: number,
  file: Parameters<typeof mentionOfFile>[0] | undefined,
): Promise<void> {
  if (file === undefined) return;
  await writeNodes(tx, [mentionOfFile(file)]);
  await tx.query(SAME, [publicId(file.identity), key]);
}

export const itemDataStore = (tx: Tx): ItemDataWork => ({
  artifact: (id) => (isUuid(id) ? knownArtifact(tx, id.toLowerCase()) : Promise.resolve(undefined)),
  async pool(id, principals) {
    if (!isUuid(id)) return undefined;
    const [row] = await tx.query<PoolRow>(POOL, [id, principals]);
    return row === undefined ? undefined : poolOfRow(row);
  },
  async keepData({ key }, data) {
    await tx.query(INSERT, [key, ...valuesOf(data)]);
    if (data.kind === 'FILE') await sayItIsTheFile(tx, key, await knownArtifact(tx, data.artifactId));
  },
  async dataStored({ key }, { artifactId: id, size, sha256 }, { organizationId, name }) {
    await tx.query(STORED, [key, id, size, sha256]);
    const what = identity.artifact(organizationId, id);
    await sayItIsTheFile(tx, key, { id, identity: what, organizationId, name, sha256 });
  },
});

/** Whoever keeps the file, or opens it to others, hears what that change of the item means for it. */
export async function tellFile(
  tx: Tx,
  item: RegisteredItem,
  change: ItemChange,
  at: Date,
  correlationId: string,
): Promise<void> {
  const { id: itemId, seq, organizationId, data, withdrawn } = item;
  if (data?.kind !== 'FILE' || !CONCERNING_FILES.has(change)) return;
  const { artifactId, size, sha256 } = data;
  const held = withdrawn === null;
  const dataReaders = dataReadersOf(item);
  const news = { itemId, seq, organizationId, artifactId, size, sha256, held, dataReaders };
  await appendToOutbox(tx, datasetFileChanged, news, at, correlationId);
}
