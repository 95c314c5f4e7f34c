// Edits in place: the item stays the same, and each leaves a revision that can come back.
import { outcomeOf, refuse, refuseFor, type Outcome } from '@weft/errors';
import type { NamedData } from '../domain/item-data.js';
import type { ItemContent, RegisteredItem } from '../domain/item.js';
import { itemTypeOf } from '../domain/item-types/index.js';
import type { RegisteredSubtype } from '../domain/node.js';
import { reasonProblems, shortened } from '../domain/text-rules.js';
import { startCreateWorkflow } from './create-item.js';
import { namedData } from './dataset-data.js';
import { judgedContent, schemaVersionFor, foundBy, type Metadata } from './item-content.js';
import type { Caller, Edit, ItemPorts, ItemWork } from './item-ports.js';
import { lockedFor, requireRole, requireUnlocked, writerOf, type Writer } from './item-rights.js';
import { whenKnown } from './when-known.js';

export interface EditItemInput {
  readonly id: string;
  /** Refused when the item has moved on since this revision. */
  readonly expectedRevision?: number | null;
  readonly name?: string | null;
  readonly metadata?: Metadata | null;
  /** Another version of the schema than the item has, or the one that it is to be judged by. */
  readonly schemaVersion?: number | null;
  readonly tags?: readonly string[] | null;
  readonly reason: string;
}

export interface EditedItem {
  readonly itemId: string;
}

/** Changes what is given; all else stays. An edit that changes nothing leaves no revision. */
export const editItem =
  (ports: ItemPorts) =>
  (caller: Caller, input: EditItemInput): Promise<Outcome<EditedItem>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const item = await editable(tx, writer, input, saysTagsOnly(input) ? ['MODEL_RUN'] : []);
        if (item.recordType === 'SEED')
          refuse(
            'ITEM_INCOMPLETE',
            'The item is a seed: give it its content with completeItem.',
            'input',
            'id',
          );
        const wanted = input.schemaVersion ?? item.schemaVersion;
        const given = {
          name: input.name ?? (input.metadata == null ? shortened(item.name) : null),
          metadata: input.metadata ?? item.metadata,
          schemaVersion: wanted === item.schemaVersion ? wanted : schemaVersionFor(item.subtype, wanted),
          tags: input.tags ?? item.tags,
        };
        // What a run says was judged by its own rules.
        const isRun = item.subtype === 'MODEL_RUN';
        const toJudge = isRun ? { ...given, metadata: null } : given;
        const judged = await judgedContent(tx, writer.principals, item.subtype, toJudge, item);
        const { problems } = judged;
        const content = isRun ? { ...judged.content, metadata: item.metadata } : judged.content;
        refuseFor([...reasonProblems(input.reason, 'input', 'reason'), ...problems]);
        if (sameContent(item, content)) return { itemId: item.id };
        const edit = { action: 'EDITED', userId: writer.userId, reason: input.reason } as const;
        await save(tx, caller, item, content, edit);
        // Tags are none of what the graph says of a run.
        if (isRun) await tx.keepLodged(item);
        return { itemId: item.id };
      }),
    );

const saysTagsOnly = ({ name, metadata, schemaVersion }: EditItemInput): boolean =>
  name == null && metadata == null && schemaVersion == null;

export interface CompleteItemInput {
  readonly id: string;
  readonly name?: string | null;
  readonly metadata: Metadata;
  readonly schemaVersion?: number | null;
  readonly tags?: readonly string[] | null;
  /** What a dataset holds. */
  readonly data?: NamedData | null;
}

/** Gives a seed its content; an entity's Create workflow begins with it. */
export const completeItem =
  (ports: ItemPorts) =>
  (caller: Caller, input: CompleteItemInput): Promise<Outcome<EditedItem>> =>
    whenKnown(ports.patience, () =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const item = await editable(tx, writer, input);
        if (item.recordType === 'COMPLETE')
          refuse('CONFLICT', 'The item is complete already; change it with editItem.', 'input', 'id');
        const { content, problems } = await judgedContent(tx, writer.principals, item.subtype, {
          name: input.name ?? null,
          metadata: input.metadata,
          schemaVersion: schemaVersionFor(item.subtype, input.schemaVersion ?? null),
          tags: input.tags ?? item.tags,
        });
        refuseFor(problems);
        const data = await namedData(tx, writer, { ...item, metadata: input.metadata }, input.data);
        if (data !== null) {
          requireRole(item, writer, 'DATA_WRITE', 'input', 'data');
          await tx.keepData(item, data);
        }
        const edit = { action: 'COMPLETED', userId: writer.userId, reason: null } as const;
        const saved = await save(tx, caller, item, content, edit);
        await startCreateWorkflow(ports.newId, tx, saved, writer.userId, caller.correlationId);
        return { itemId: item.id };
      }),
    );

export interface RevertItemInput {
  readonly id: string;
  readonly revision: number;
  readonly expectedRevision?: number | null;
  readonly reason: string;
}

/** Brings the content of an earlier revision back, as a new one. */
export const revertItem =
  (ports: ItemPorts) =>
  (caller: Caller, input: RevertItemInput): Promise<Outcome<EditedItem>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const item = await editable(tx, writer, input);
        refuseFor(reasonProblems(input.reason, 'input', 'reason'));
        const earlier = await tx.revision(item.key, input.revision);
        if (earlier === undefined || earlier.metadata === null)
          refuse(
            'NOT_FOUND',
            `The item has no complete revision ${input.revision}; Item.history lists them.`,
            'input',
            'revision',
          );
        const { name, metadata, schemaVersion, tags } = earlier;
        if (sameContent(item, earlier)) return { itemId: item.id };
        await save(
          tx,
          caller,
          item,
          { name, metadata, schemaVersion, tags },
          {
            action: 'REVERTED',
            userId: writer.userId,
            reason: input.reason,
            revertsTo: input.revision,
          },
        );
        return { itemId: item.id };
      }),
    );

async function editable(
  tx: ItemWork,
  writer: Writer,
  { id, expectedRevision }: { readonly id: string; readonly expectedRevision?: number | null },
  /** Types of the registry's own that may be changed so. */
  but: readonly RegisteredSubtype[] = [],
): Promise<RegisteredItem> {
  const item = await lockedFor(tx, writer, id, 'METADATA_WRITE', 'input', 'id');
  requireUnlocked(item, 'input', 'id');
  if (itemTypeOf(item.subtype).writtenBy === 'REGISTRY' && !but.includes(item.subtype))
    refuse(
      'ITEM_READ_ONLY',
      item.subtype === 'MODEL_RUN'
        ? 'What a run of a model says is changed with updateModelRun and brought back with revertModelRun; editItem changes its tags.'
        : `Items of the type ${item.subtype} are written by the registry only.`,
      'input',
      'id',
    );
  if (expectedRevision != null && expectedRevision !== item.revision)
    refuse(
      'CONFLICT',
      `The item has moved on to revision ${item.revision}; read it again and repeat the change.`,
      'input',
      'expectedRevision',
    );
  return item;
}

async function save(
  tx: ItemWork,
  { correlationId }: Caller,
  item: RegisteredItem,
  content: ItemContent,
  edit: Edit & { readonly action: 'EDITED' | 'COMPLETED' | 'REVERTED' },
): Promise<RegisteredItem> {
  const complete = { ...content, recordType: 'COMPLETE' } as const;
  const saved = await tx.edit(item, complete, edit, foundBy(item.subtype, content));
  await tx.publishPid(saved);
  await tx.tell(saved, edit.action, correlationId);
  return saved;
}

const sameContent = (one: ItemContent, other: ItemContent): boolean =>
  one.name === other.name &&
  one.schemaVersion === other.schemaVersion &&
  one.tags.join('\n') === other.tags.join('\n') &&
  canonical(one.metadata) === canonical(other.metadata);

/** JSON whose members are in order, since PostgreSQL gives them back in its own. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
