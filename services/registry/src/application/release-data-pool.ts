// Review, release and sealing: from here on others rely on what is in the pool.
import { outcomeOf, refuse, refuseFor, type Outcome } from '@weft/errors';
import { hasRole } from '@weft/identity';
import { mayReach } from '../domain/data-pool-rules.js';
import { rolesOf } from '../domain/access.js';
import { manifestOf, mayApprove, type DataPool } from '../domain/data-pool.js';
import { reasonProblems, textProblems } from '../domain/text-rules.js';
import { MAX_REASON } from '../domain/item.js';
import type { DataPoolPorts, DataPoolWork } from './data-pool-ports.js';
import { lockedPool, requireOpen } from './data-pool-rights.js';
import { UUID } from './govern-item.js';
import type { Caller } from './item-ports.js';
import { writerOf, type Writer } from './item-rights.js';
import type { KeptDataPool } from './keep-data-pool.js';

export interface RequestDataPoolReleaseInput {
  readonly id: string;
  readonly reviewerId: string;
  readonly note?: string | null;
}

/** Asks for a decision; until then, and when it is yes for ever, the files stay as they are. */
export const requestDataPoolRelease =
  (ports: DataPoolPorts) =>
  (caller: Caller, { id, reviewerId, note }: RequestDataPoolReleaseInput): Promise<Outcome<KeptDataPool>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const pool = await lockedPool(tx, writer, id, 'ADMIN', 'input', 'id');
        if (pool.release !== 'NOT_RELEASED')
          refuse('CONFLICT', 'Its release was asked for already, or given.', 'input', 'id');
        if (!UUID.test(reviewerId))
          refuse('BAD_USER_INPUT', 'reviewerId is the id of a user.', 'input', 'reviewerId');
        refuseFor(textProblems(note ?? '', MAX_REASON, 'input', 'note'));
        const asked: DataPool = { ...pool, releaseRequestedBy: writer.userId };
        if (
          reviewerId.toLowerCase() === writer.userId &&
          !mayApprove(asked, writer.userId, writer.actor.personalOrganizationId)
        )
          refuse(
            'FORBIDDEN',
            'Name another reviewer: nobody approves what he asked for himself.',
            'input',
            'reviewerId',
          );
        if (reviewerId.toLowerCase() !== writer.userId && !mayReach(pool, reviewerId.toLowerCase()))
          refuse(
            'BAD_USER_INPUT',
            'No grant of the data pool lets this user read its data: give him DATA_READ with setDataPoolAccess, or name another reviewer.',
            'input',
            'reviewerId',
          );
        await requireFiles(tx, pool);
        const event = { action: 'REQUEST', userId: writer.userId, reviewerId, note: note ?? '' } as const;
        await tx.noteRelease(pool, event);
        const saved = await tx.save({ ...asked, release: 'PENDING', reviewerId });
        await tx.tell(saved, 'RELEASE_REQUESTED', caller.correlationId);
        return { dataPoolId: pool.id };
      }),
    );

export interface DecideDataPoolReleaseInput {
  readonly id: string;
  readonly approve: boolean;
  readonly note?: string | null;
}

/** Yes or no by the reviewer, or by who else may: see `mayDecide`. Yes registers the pool with its files in provenance. */
export const decideDataPoolRelease =
  (ports: DataPoolPorts) =>
  (caller: Caller, { id, approve, note }: DecideDataPoolReleaseInput): Promise<Outcome<KeptDataPool>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const pool = await lockedPool(tx, writer, id, 'METADATA_READ', 'input', 'id');
        if (!mayDecide(pool, writer, approve))
          refuse(
            'FORBIDDEN',
            approve
              ? 'The reviewer decides, or an OWNER of the organization; nobody approves what he asked for himself.'
              : 'The reviewer decides, or an OWNER of the organization; who asked may take it back.',
            'input',
            'id',
          );
        if (pool.release !== 'PENDING' || pool.reviewerId === null)
          refuse('CONFLICT', 'No release of this data pool waits for a decision.', 'input', 'id');
        refuseFor(
          approve
            ? textProblems(note ?? '', MAX_REASON, 'input', 'note')
            : reasonProblems(note ?? '', 'input', 'note'),
        );
        const { userId } = writer;
        await tx.noteRelease(pool, {
          action: approve ? 'APPROVE' : 'REJECT',
          userId,
          reviewerId: pool.reviewerId,
          note: note ?? '',
        });
        const saved = approve
          ? await tx.save(
              await registered(
                ports,
                tx,
                { ...pool, release: 'RELEASED', releasedAt: await tx.now() },
                userId,
              ),
            )
          : await tx.save({ ...pool, release: 'NOT_RELEASED', releaseRequestedBy: null, reviewerId: null });
        await tx.tell(saved, approve ? 'RELEASED' : 'RELEASE_REJECTED', caller.correlationId);
        return { dataPoolId: pool.id };
      }),
    );

function mayDecide(pool: DataPool, { userId, actor, principals }: Writer, approve: boolean): boolean {
  if (!approve && pool.releaseRequestedBy === userId) return true;
  const isAsked = pool.reviewerId?.toLowerCase() === userId || hasRole(actor, pool.organizationId, 'OWNER');
  // Approving gives others something to rely on: whoever does it must be able to look at the content.
  if (!isAsked || !rolesOf(principals, pool).has('DATA_READ')) return false;
  return !approve || mayApprove(pool, userId, actor.personalOrganizationId);
}

export interface SealDataPoolInput {
  readonly id: string;
}

/** The files stay as they are for ever; earlier versions are let go. May be repeated. */
export const sealDataPool =
  (ports: DataPoolPorts) =>
  (caller: Caller, { id }: SealDataPoolInput): Promise<Outcome<KeptDataPool>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const { userId } = writer;
        const pool = await lockedPool(tx, writer, id, 'ADMIN', 'input', 'id');
        if (pool.sealed !== null) return { dataPoolId: pool.id };
        if (pool.release === 'PENDING') requireOpen(pool, 'input', 'id');
        await requireFiles(tx, pool);
        await tx.tellFiles(await tx.takeOut(pool, 'EARLIER', userId), true, caller.correlationId);
        const known = await registered(ports, tx, pool, userId);
        const saved = await tx.save({ ...known, sealed: { at: await tx.now(), by: userId } });
        await tx.tell(saved, 'SEALED', caller.correlationId);
        return { dataPoolId: pool.id };
      }),
    );

async function requireFiles(tx: DataPoolWork, pool: DataPool): Promise<void> {
  if ((await tx.countFiles(pool)) === 0)
    refuse('CONFLICT', 'There are no files in the data pool: add some first.', 'input', 'id');
}

/** With the digest of what is in it now, and known to provenance. */
async function registered(
  { sha256 }: DataPoolPorts,
  tx: DataPoolWork,
  pool: DataPool,
  userId: string,
): Promise<DataPool> {
  if (pool.manifestSha256 !== null) return pool;
  const manifestSha256 = sha256(manifestOf(await tx.currentFiles(pool)));
  await tx.register(pool, manifestSha256, userId);
  return { ...pool, manifestSha256 };
}
