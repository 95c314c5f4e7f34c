// Data pools as such: made, described, shared, given away, deleted. Their files are elsewhere.
import { outcomeOf, refuse, refuseFor, type Outcome } from '@weft/errors';
import { defaultGrants, grantsAfterMove, type Grant } from '../domain/access.js';
import { tracedChange, type PoolChangeAction } from '../domain/data-pool-change.js';
import { MOST_POOLS, type DataPool } from '../domain/data-pool.js';
import { descriptionProblems } from '../domain/data-pool-rules.js';
import { reasonProblems } from '../domain/text-rules.js';
import type { DataPoolPorts, DataPoolWork } from './data-pool-ports.js';
import { lockedPool, requireLicence, requireOpen } from './data-pool-rights.js';
import { grantProblems, UUID } from './govern-item.js';
import type { Caller } from './item-ports.js';
import { ownerOrganization, writerOf, type Writer } from './item-rights.js';

export interface KeptDataPool {
  readonly dataPoolId: string;
}

export interface CreateDataPoolInput {
  readonly organizationId?: string | null;
  readonly name: string;
  readonly description?: string | null;
  readonly licence?: string | null;
  readonly tags?: readonly string[] | null;
}

export const createDataPool =
  (ports: DataPoolPorts) =>
  (caller: Caller, input: CreateDataPoolInput): Promise<Outcome<KeptDataPool>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const organizationId = ownerOrganization(writer, input.organizationId, 'input', 'organizationId');
        const { name, description, licence, tags } = input;
        const told = {
          name,
          description: description ?? '',
          licence: licence ?? null,
          tags: [...new Set(tags ?? [])],
        };
        refuseFor(descriptionProblems(told));
        await requireName(tx, organizationId, name, null);
        await requireRoom(tx, organizationId);
        const pool = await tx.insert({
          ...told,
          id: ports.newId(),
          organizationId,
          ownerId: writer.userId,
          createdBy: writer.userId,
          grants: defaultGrants(organizationId),
        });
        await tx.tell(pool, 'CREATED', caller.correlationId);
        return { dataPoolId: pool.id };
      }),
    );

async function requireName(
  tx: DataPoolWork,
  organizationId: string,
  name: string,
  except: Parameters<DataPoolWork['nameIsTaken']>[2],
  ...path: string[]
): Promise<void> {
  if (await tx.nameIsTaken(organizationId, name, except))
    refuse(
      'CONFLICT',
      'Another data pool of the organization has this name.',
      ...(path.length === 0 ? ['input', 'name'] : path),
    );
}

async function requireRoom(tx: DataPoolWork, organizationId: string): Promise<void> {
  if ((await tx.countPools(organizationId)) >= MOST_POOLS)
    refuse(
      'CONFLICT',
      `An organization has at most ${MOST_POOLS} data pools: delete one that is not needed any more.`,
      'input',
      'organizationId',
    );
}

export interface UpdateDataPoolInput {
  readonly id: string;
  readonly name?: string | null;
  readonly description?: string | null;
  /** Null takes it away; left out, it stays. */
  readonly licence?: string | null;
  readonly tags?: readonly string[] | null;
}

/** Changes what is given. What is said of a pool may change also when its files may not, but for the licence. */
export const updateDataPool =
  (ports: DataPoolPorts) =>
  (caller: Caller, input: UpdateDataPoolInput): Promise<Outcome<KeptDataPool>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const pool = await lockedPool(tx, writer, input.id, 'METADATA_WRITE', 'input', 'id');
        const told = {
          name: input.name ?? pool.name,
          description: input.description ?? pool.description,
          licence: input.licence === undefined ? pool.licence : input.licence,
          tags: input.tags == null ? pool.tags : [...new Set(input.tags)],
        };
        refuseFor(descriptionProblems(told));
        requireLicence(pool, told.licence);
        if (told.name !== pool.name) await requireName(tx, pool.organizationId, told.name, pool);
        await change(tx, caller, writer, pool, { ...pool, ...told }, 'UPDATED');
        return { dataPoolId: pool.id };
      }),
    );

/** Saves and tells it; where others rely on the pool, what it was before stays to be read. */
async function change(
  tx: DataPoolWork,
  { correlationId }: Caller,
  { userId }: Writer,
  before: DataPool,
  after: DataPool,
  action: PoolChangeAction,
): Promise<void> {
  const traced = tracedChange(before, after, action);
  if (traced !== undefined) await tx.noteChange(before, { ...traced, userId });
  await tx.tell(await tx.save(after), action, correlationId);
}

export interface DeleteDataPoolInput {
  readonly id: string;
  /** Needed when there are files in it. */
  readonly reason?: string | null;
}

/** For good, with its files; what is sealed, released or under review stays. */
export const deleteDataPool =
  (ports: DataPoolPorts) =>
  (caller: Caller, { id, reason }: DeleteDataPoolInput): Promise<Outcome<KeptDataPool>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const pool = await lockedPool(tx, writer, id, 'ADMIN', 'input', 'id');
        requireOpen(pool, 'input', 'id');
        if (reason != null || (await tx.countFiles(pool)) > 0)
          refuseFor(reasonProblems(reason ?? '', 'input', 'reason'));
        if (await tx.isNamed(pool))
          refuse(
            'CONFLICT',
            'A registered dataset names this data pool as its data: withdraw that dataset first (withdrawItem).',
            'input',
            'id',
          );
        const deleted = await tx.delete(pool, writer.userId, reason ?? '');
        await tx.tell(deleted, 'DELETED', caller.correlationId);
        return { dataPoolId: pool.id };
      }),
    );

export interface SetDataPoolAccessInput {
  readonly id: string;
  readonly grants: readonly Grant[];
}

/** Replaces all grants. The owner and the OWNERs of the organization always administer it. */
export const setDataPoolAccess =
  (ports: DataPoolPorts) =>
  (caller: Caller, { id, grants }: SetDataPoolAccessInput): Promise<Outcome<KeptDataPool>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const pool = await lockedPool(tx, writer, id, 'ADMIN', 'input', 'id');
        refuseFor(grantProblems(grants, await tx.now()));
        await change(tx, caller, writer, pool, { ...pool, grants }, 'ACCESS_CHANGED');
        return { dataPoolId: pool.id };
      }),
    );

export interface TransferDataPoolInput {
  readonly id: string;
  readonly organizationId?: string | null;
  readonly ownerId?: string | null;
}

/** To another organization, to another owner, or both. What the old organization and teams were granted ends; its files come along. */
export const transferDataPool =
  (ports: DataPoolPorts) =>
  (caller: Caller, input: TransferDataPoolInput): Promise<Outcome<KeptDataPool>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const pool = await lockedPool(tx, writer, input.id, 'ADMIN', 'input', 'id');
        if (pool.release === 'PENDING') requireOpen(pool, 'input', 'id');
        const organizationId =
          input.organizationId == null
            ? pool.organizationId
            : ownerOrganization(writer, input.organizationId, 'input', 'organizationId');
        const moves = organizationId !== pool.organizationId;
        const ownerId = input.ownerId ?? (moves ? writer.userId : pool.ownerId);
        if (!UUID.test(ownerId)) refuse('BAD_USER_INPUT', 'ownerId is the id of a user.', 'input', 'ownerId');
        if (!moves && ownerId === pool.ownerId) return { dataPoolId: pool.id };
        if (moves) {
          await requireName(tx, organizationId, pool.name, pool, 'input', 'organizationId');
          await requireRoom(tx, organizationId);
        }
        const grants = moves
          ? grantsAfterMove(pool.grants, pool.organizationId, organizationId)
          : pool.grants;
        await change(tx, caller, writer, pool, { ...pool, organizationId, ownerId, grants }, 'TRANSFERRED');
        return { dataPoolId: pool.id };
      }),
    );
