// The data of a dataset: a stored file or a data pool, named once and for ever.
import { refuse, type Outcome } from '@weft/errors';
import { hasRole } from '@weft/identity';
import { rolesOf } from '../domain/access.js';
import type { DataFile, ItemData, NamedData } from '../domain/item-data.js';
import { at } from '../domain/item-types/places.js';
import type { RegisteredSubtype } from '../domain/node.js';
import type { Metadata } from './item-content.js';
import type { Caller, ItemDataWork, ItemPorts } from './item-ports.js';
import { lockedFor, requireUnlocked, type Writer, writerOf } from './item-rights.js';
import { NotKnownYet, whenKnown } from './when-known.js';

const NO_SUCH_ARTIFACT =
  'No stored file with this id exists that you may put here. Upload it (createUpload) to the organization of the dataset; to give a file of another organization you need the role MAINTAINER there.';
const NO_SUCH_POOL =
  'No data pool of the organization of the dataset with this id exists whose data you may read.';

interface Receiver {
  readonly organizationId: string;
  readonly subtype: RegisteredSubtype;
  readonly metadata: Metadata | null;
}

/** What the writer names, as far as he may. Null: he names nothing. */
export async function namedData(
  tx: ItemDataWork,
  writer: Writer,
  { organizationId, subtype, metadata }: Receiver,
  named: NamedData | null | undefined,
): Promise<ItemData | null> {
  if (named == null) return null;
  const path = ['input', 'data'];
  if (subtype !== 'DATASET') refuse('BAD_USER_INPUT', 'Only items of the type DATASET have data.', ...path);
  if (metadata === null)
    refuse('BAD_USER_INPUT', 'A seed has no data: name them with completeItem.', ...path);
  if (at(metadata, 'datasetInfo', 'accessInfo', 'reposited') !== true)
    refuse(
      'BAD_USER_INPUT',
      'The metadata say that the data are kept elsewhere: set datasetInfo.accessInfo.reposited to true, or name no data.',
      ...path,
    );
  const { artifactId, dataPoolId } = named;
  if ((artifactId == null) === (dataPoolId == null))
    refuse('BAD_USER_INPUT', 'Name either artifactId or dataPoolId.', ...path);
  if (dataPoolId != null) {
    const pool = await tx.pool(dataPoolId, writer.principals);
    if (pool?.organizationId !== organizationId || !rolesOf(writer.principals, pool).has('DATA_READ'))
      refuse('NOT_FOUND', NO_SUCH_POOL, ...path, 'dataPoolId');
    return { kind: 'POOL', dataPoolId: pool.id };
  }
  const file = await storedFile(tx, artifactId ?? '', NO_SUCH_ARTIFACT, ...path, 'artifactId');
  if (!mayGive(writer, organizationId, file.organizationId))
    refuse('REFERENCE_UNKNOWN', NO_SUCH_ARTIFACT, ...path, 'artifactId');
  return file.data;
}

/** @throws NotKnownYet; refuses what went with its job. */
export async function storedFile(
  tx: ItemDataWork,
  id: string,
  unknown: string,
  ...path: string[]
): Promise<{ readonly data: DataFile; readonly organizationId: string }> {
  const artifact = await tx.artifact(id);
  if (artifact === undefined) throw new NotKnownYet(unknown, ...path);
  const { organizationId, size, sha256 } = artifact;
  if (organizationId === null) refuse('REFERENCE_UNKNOWN', unknown, ...path);
  return { organizationId, data: { kind: 'FILE', artifactId: artifact.id, size, sha256 } };
}

/** Members may read what their organization stored, so they may name it where it stays in the organization; away from there is more. */
const mayGive = ({ actor }: Writer, receiver: string, owner: string): boolean =>
  hasRole(actor, owner, owner === receiver ? 'VIEWER' : 'MAINTAINER');

export interface SetDatasetDataInput {
  readonly id: string;
  readonly data: NamedData;
}

/** Gives a dataset that has no data yet its data; they stay. Naming the same once more changes nothing. */
export const setDatasetData =
  (ports: ItemPorts) =>
  (caller: Caller, { id, data: named }: SetDatasetDataInput): Promise<Outcome<{ readonly itemId: string }>> =>
    whenKnown(ports.patience, () =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const item = await lockedFor(tx, writer, id, 'DATA_WRITE', 'input', 'id');
        requireUnlocked(item, 'input', 'id');
        const data = await namedData(tx, writer, item, named);
        if (item.data !== null) {
          if (isSame(item.data, data)) return { itemId: item.id };
          refuse(
            'CONFLICT',
            'The dataset has its data already, and they stay: make a new version with other data (createItemVersion).',
            'input',
            'data',
          );
        }
        if (data !== null) await tx.keepData(item, data);
        await tx.tell({ ...(await tx.touch(item)), data }, 'DATA_STORED', caller.correlationId);
        return { itemId: item.id };
      }),
    );

const isSame = (kept: ItemData, named: ItemData | null): boolean =>
  kept.kind === 'POOL'
    ? named?.kind === 'POOL' && named.dataPoolId === kept.dataPoolId
    : kept.kind === 'FILE' && named?.kind === 'FILE' && named.artifactId === kept.artifactId;
