// A new item from another one: a version is linked with the one before it, a clone is not.
import { outcomeOf, refuse, refuseFor, type Outcome } from '@weft/errors';
import { defaultGrants } from '../domain/access.js';
import { requestWorkflow } from '../domain/activity-workflow.js';
import type { NamedData } from '../domain/item-data.js';
import { itemTypeOf } from '../domain/item-types/index.js';
import { nameProblems, reasonProblems, shortened } from '../domain/text-rules.js';
import { insertItem } from './create-item.js';
import { namedData } from './dataset-data.js';
import { foundBy } from './item-content.js';
import type { Caller, ItemPorts } from './item-ports.js';
import { lockedFor, ownerOrganization, writerOf } from './item-rights.js';
import { whenKnown } from './when-known.js';

export interface CreateItemVersionInput {
  readonly id: string;
  readonly reason: string;
  /** What a dataset holds from this version on; left out: what it held before. */
  readonly data?: NamedData | null;
}

export interface CopiedItem {
  readonly itemId: string;
}

/** Only the latest version has a next one: there are no branches. Content and rights are copied; the copy is then edited. */
export const createItemVersion =
  (ports: ItemPorts) =>
  (caller: Caller, input: CreateItemVersionInput): Promise<Outcome<CopiedItem>> =>
    whenKnown(ports.patience, () =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const from = await lockedFor(tx, writer, input.id, 'ADMIN', 'input', 'id');
        refuseFor(reasonProblems(input.reason, 'input', 'reason'));
        if (from.withdrawn !== null)
          refuse(
            'ITEM_WITHDRAWN',
            `The version was withdrawn (${from.withdrawn.reason}), and its series ends with it. Go on with a copy of a version that stands (cloneItem).`,
            'input',
            'id',
          );
        if (!itemTypeOf(from.subtype).versionable)
          refuse('BAD_USER_INPUT', `Items of the type ${from.subtype} have no versions.`, 'input', 'id');
        if (from.recordType === 'SEED')
          refuse('ITEM_INCOMPLETE', 'A seed has no next version: complete it first.', 'input', 'id');
        if (from.nextKey !== null)
          refuse(
            'ITEM_NOT_LATEST',
            `Version ${from.version} has a next one already; make the new version from Item.latestVersion.`,
            'input',
            'id',
          );
        const { userId } = writer;
        const data = (await namedData(tx, writer, from, input.data)) ?? from.data;
        if (data?.kind === 'RESULT')
          refuse(
            'CONFLICT',
            'The result that it holds is being stored as a file (Item.workflow, step "store"); try again when it is.',
            'input',
            'id',
          );
        const made = await tx.insert(
          {
            ...from,
            data,
            id: ports.newId(),
            pid: ports.mintPid(),
            createdBy: userId,
            version: from.version + 1,
            versionReason: input.reason,
            previousKey: from.key,
          },
          { action: 'CREATED', userId, reason: input.reason },
          foundBy(from.subtype, from),
        );
        await tx.publishPid(made);
        const workflow = requestWorkflow('VERSION', ports.newId);
        await tx.insertWorkflow(made, workflow, userId);
        await tx.tell(made, 'CREATED', caller.correlationId);
        await tx.tell(await tx.touch(from), 'VERSIONED', caller.correlationId);
        await tx.tellWorkflow(made, workflow, userId, caller.correlationId);
        return { itemId: made.id };
      }),
    );

export interface CloneItemInput {
  readonly id: string;
  readonly organizationId?: string | null;
  readonly name?: string | null;
}

/** The same content under a new identifier, with no link to the original and with rights as a new item has them. */
export const cloneItem =
  (ports: ItemPorts) =>
  (caller: Caller, input: CloneItemInput): Promise<Outcome<CopiedItem>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const from = await lockedFor(tx, writer, input.id, 'METADATA_READ', 'input', 'id');
        const organizationId = ownerOrganization(writer, input.organizationId, 'input', 'organizationId');
        const name = input.name ?? shortened(from.name);
        refuseFor(nameProblems(name, 'input', 'name'));
        if (itemTypeOf(from.subtype).writtenBy === 'REGISTRY')
          refuse(
            'ITEM_READ_ONLY',
            from.subtype === 'MODEL_RUN'
              ? 'A run of a model happened once and is not cloned; say what happened another time with registerModelRun.'
              : `Items of the type ${from.subtype} are written by the registry only.`,
            'input',
            'id',
          );
        const { subtype, schemaVersion, metadata, tags } = from;
        const made = await insertItem(ports, tx, caller, {
          // Who may see what is said of a dataset may not have its file.
          data: null,
          ...{ name, subtype, schemaVersion, metadata, tags, organizationId },
          ownerId: writer.userId,
          grants: defaultGrants(organizationId),
        });
        return { itemId: made.id };
      }),
    );
