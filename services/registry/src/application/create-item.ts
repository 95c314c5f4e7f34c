import { refuseFor, type Outcome } from '@weft/errors';
import { defaultGrants } from '../domain/access.js';
import { requestWorkflow } from '../domain/activity-workflow.js';
import type { NamedData } from '../domain/item-data.js';
import type { RegisteredItem } from '../domain/item.js';
import { itemTypeOf } from '../domain/item-types/index.js';
import type { RegisteredSubtype } from '../domain/node.js';
import { namedData } from './dataset-data.js';
import { judgedContent, schemaVersionFor, foundBy, type Metadata } from './item-content.js';
import type { Caller, ItemPorts, ItemWork, NewItem, RecordedResult } from './item-ports.js';
import { ownerOrganization, writerOf } from './item-rights.js';
import { repeated, requestKeyOf } from './request-key.js';
import { whenKnown } from './when-known.js';

export interface CreateItemInput {
  readonly organizationId?: string | null;
  readonly subtype: RegisteredSubtype;
  readonly name?: string | null;
  /** None: a seed, which has its identifier and gets its content later. */
  readonly metadata?: Metadata | null;
  readonly schemaVersion?: number | null;
  readonly tags?: readonly string[] | null;
  /** What a dataset holds. */
  readonly data?: NamedData | null;
  readonly idempotencyKey?: string | null;
}

export interface CreatedItem {
  readonly itemId: string;
  /** The idempotency key had been used for the same input: this is the item of the first time. */
  readonly repeated: boolean;
}

/** Registers an item; a complete entity sets the workflow off that writes down how it came to be. */
export const createItem =
  (ports: ItemPorts) =>
  (caller: Caller, input: CreateItemInput): Promise<Outcome<CreatedItem>> =>
    whenKnown(ports.patience, () =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const organizationId = ownerOrganization(writer, input.organizationId, 'input', 'organizationId');
        const { subtype, metadata = null, tags, idempotencyKey } = input;
        const { idempotencyKey: _key, ...asked } = input;
        const key = requestKeyOf(ports, organizationId, idempotencyKey, asked);
        const known = key === undefined ? undefined : await tx.takeRequestKey(key);
        if (known !== undefined) return repeated(known, key?.inputHash);

        const schemaVersion = schemaVersionFor(subtype, input.schemaVersion ?? null);
        const given = { name: input.name ?? null, metadata, schemaVersion, tags: tags ?? [] };
        const { content, problems } = await judgedContent(tx, writer.principals, subtype, given);
        refuseFor(problems);
        const receiver = { organizationId, subtype, metadata };
        const item = await insertItem(ports, tx, caller, {
          ...content,
          data: await namedData(tx, writer, receiver, input.data),
          name: content.name === '' ? `new ${subtype.toLowerCase().replaceAll('_', ' ')}` : content.name,
          subtype,
          organizationId,
          ownerId: writer.userId,
          grants: defaultGrants(organizationId),
        });
        if (key !== undefined) await tx.keepRequestKey(key, item);
        return { itemId: item.id, repeated: false };
      }),
    );

type Given = Pick<
  NewItem,
  | 'name'
  | 'schemaVersion'
  | 'metadata'
  | 'tags'
  | 'subtype'
  | 'organizationId'
  | 'ownerId'
  | 'grants'
  | 'data'
>;

/** The first version of a new series. @param recorded what was recorded before and is registered now, under the id it has. */
export async function insertItem(
  { newId, mintPid }: ItemPorts,
  tx: ItemWork,
  { correlationId }: Caller,
  given: Given,
  recorded?: RecordedResult,
): Promise<RegisteredItem> {
  const id = recorded?.id ?? newId();
  const isSeed = given.metadata === null;
  const item = await tx.insert(
    {
      ...given,
      id,
      pid: mintPid(),
      kind: itemTypeOf(given.subtype).category,
      recordType: isSeed ? 'SEED' : 'COMPLETE',
      createdBy: given.ownerId,
      seriesId: id,
      version: 1,
      versionReason: null,
      previousKey: null,
    },
    { action: isSeed ? 'SEEDED' : 'CREATED', userId: given.ownerId, reason: null },
    foundBy(given.subtype, given),
    recorded?.key,
  );
  await tx.tell(item, 'CREATED', correlationId);
  if (!isSeed) await startCreateWorkflow(newId, tx, item, given.ownerId, correlationId);
  return item;
}

/** How an entity came to be is written down by two jobs; activities and agents are not made by an activity. */
export async function startCreateWorkflow(
  newId: () => string,
  tx: ItemWork,
  item: RegisteredItem,
  userId: string,
  correlationId: string,
): Promise<void> {
  if (item.kind !== 'ENTITY') return;
  const workflow = requestWorkflow('CREATE', newId, item.data?.kind === 'RESULT');
  await tx.insertWorkflow(item, workflow, userId);
  await tx.tellWorkflow(item, workflow, userId, correlationId);
}
