// Who may do what with an item, and what it is called: nothing here changes its content.
import { outcomeOf, refuse, refuseFor, userError, type Outcome, type UserError } from '@weft/errors';
import { grantsAfterMove, principalOf, type Grant } from '../domain/access.js';
import { MOST_GRANTS } from '../domain/item.js';
import { reasonProblems } from '../domain/text-rules.js';
import type { RegisteredItem } from '../domain/item.js';
import type { Caller, ItemPorts, ItemWork } from './item-ports.js';
import {
  lockedFor,
  ownerOrganization,
  requireOwnLife,
  requireStanding,
  requireUnlocked,
  writerOf,
  type Writer,
} from './item-rights.js';
import { lookingAgain, refuseTwin } from './run-twin.js';

export interface GovernedItem {
  readonly itemId: string;
}

async function administered(tx: ItemWork, writer: Writer, id: string): Promise<RegisteredItem> {
  const item = await lockedFor(tx, writer, id, 'ADMIN', 'input', 'id');
  requireOwnLife(item, 'input', 'id');
  return item;
}

export interface LockItemInput {
  readonly id: string;
  readonly reason: string;
}

/** LOCK: nobody edits it until it is unlocked. Doing it twice changes nothing. */
export const lockItem =
  (ports: ItemPorts, locked: boolean) =>
  (caller: Caller, { id, reason }: LockItemInput): Promise<Outcome<GovernedItem>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const item = await administered(tx, writer, id);
        refuseFor(reasonProblems(reason, 'input', 'reason'));
        requireStanding(item, 'input', 'id');
        if (item.locked === locked) return { itemId: item.id };
        const saved = await tx.setLock(item, locked, writer.userId, reason);
        await tx.tell(saved, locked ? 'LOCKED' : 'UNLOCKED', caller.correlationId);
        return { itemId: item.id };
      }),
    );

export interface SetItemAccessInput {
  readonly id: string;
  /** Refused when anything of the item has changed since. */
  readonly expectedSeq?: number | null;
  readonly grants: readonly Grant[];
}

export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Replaces all grants. The owner and the OWNERs of the organization always administer it. */
export const setItemAccess =
  (ports: ItemPorts) =>
  (caller: Caller, { id, expectedSeq, grants }: SetItemAccessInput): Promise<Outcome<GovernedItem>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const item = await administered(tx, writerOf(caller), id);
        requireStanding(item, 'input', 'id');
        if (expectedSeq != null && expectedSeq !== item.seq)
          refuse(
            'CONFLICT',
            `The item has changed since (its seq is ${item.seq}); read its access again and repeat the change.`,
            'input',
            'expectedSeq',
          );
        refuseFor(grantProblems(grants, await tx.now()));
        const { organizationId, ownerId } = item;
        const saved = await tx.setAccess(item, { organizationId, ownerId, grants });
        await tx.publishPid(saved);
        await tx.tell(saved, 'ACCESS_CHANGED', caller.correlationId);
        return { itemId: item.id };
      }),
    );

export function grantProblems(grants: readonly Grant[], now: Date): UserError[] {
  const problems: UserError[] = [];
  const say = (message: string, ...path: string[]): void =>
    void problems.push(userError('BAD_USER_INPUT', message, 'input', 'grants', ...path));
  if (grants.length > MOST_GRANTS) say(`There are at most ${MOST_GRANTS} grants; give them to a team.`);
  const seen = new Set<string>();
  grants.forEach((grant, at) => {
    const { kind, principalId, roles, expiresAt } = grant;
    if (kind === 'EVERYONE' ? principalId !== null : principalId === null || !UUID.test(principalId))
      return say(
        kind === 'EVERYONE'
          ? 'EVERYONE has no principalId.'
          : `principalId is the id of the ${kind.toLowerCase()}.`,
        String(at),
        'principalId',
      );
    if (roles.length === 0) say('Name at least one role, or leave the grant out.', String(at), 'roles');
    if (expiresAt != null && kind === 'EVERYONE')
      say(
        'What everyone may read is known for ever: this grant cannot end by itself.',
        String(at),
        'expiresAt',
      );
    else if (expiresAt != null && Date.parse(expiresAt) <= now.getTime())
      say('This time is over: leave the grant out.', String(at), 'expiresAt');
    const who = `${kind} ${principalOf(grant)} ${expiresAt ?? ''}`;
    if (seen.has(who)) say('This one has a grant already.', String(at));
    seen.add(who);
  });
  return problems;
}

export interface TransferItemInput {
  readonly id: string;
  readonly organizationId?: string | null;
  readonly ownerId?: string | null;
}

/** Gives the item to another organization (where the caller maintains things), to another owner, or both. Grants to the old organization and to teams end. */
export const transferItem =
  (ports: ItemPorts) =>
  (caller: Caller, input: TransferItemInput): Promise<Outcome<GovernedItem>> =>
    outcomeOf(() =>
      lookingAgain(() =>
        ports.transact(async (tx) => {
          const writer = writerOf(caller);
          const item = await administered(tx, writer, input.id);
          requireStanding(item, 'input', 'id');
          const organizationId =
            input.organizationId == null
              ? item.organizationId
              : ownerOrganization(writer, input.organizationId, 'input', 'organizationId');
          const ownerId =
            input.ownerId ?? (organizationId === item.organizationId ? item.ownerId : writer.userId);
          if (!UUID.test(ownerId))
            refuse('BAD_USER_INPUT', 'ownerId is the id of a user.', 'input', 'ownerId');
          if (organizationId === item.organizationId && ownerId === item.ownerId) return { itemId: item.id };
          const twin = await tx.twinIn(organizationId, item, writer.principals);
          if (twin !== undefined) return refuseTwin(twin, ['input', 'organizationId']);
          const grants =
            organizationId === item.organizationId
              ? item.grants
              : grantsAfterMove(item.grants, item.organizationId, organizationId);
          const saved = await tx.setAccess(item, { organizationId, ownerId, grants });
          await tx.tell(saved, 'TRANSFERRED', caller.correlationId);
          return { itemId: item.id };
        }),
      ),
    );

export interface WithdrawItemInput {
  readonly id: string;
  readonly reason: string;
}

/** Takes the item out of use for ever: what it was and its lineage stay as a tombstone. */
export const withdrawItem =
  (ports: ItemPorts) =>
  (caller: Caller, { id, reason }: WithdrawItemInput): Promise<Outcome<GovernedItem>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const item = await administered(tx, writer, id);
        refuseFor(reasonProblems(reason, 'input', 'reason'));
        if (item.withdrawn !== null) return { itemId: item.id };
        requireUnlocked(item, 'input', 'id');
        const saved = await tx.withdraw(item, { by: writer.userId, reason });
        await tx.retirePid(item, reason);
        await tx.tell(saved, 'WITHDRAWN', caller.correlationId);
        return { itemId: item.id };
      }),
    );

const ALIAS = /^[a-z][a-z0-9_-]{0,39}$/;

export interface MoveItemAliasInput {
  readonly id: string;
  readonly alias: string;
}

/** Lets a name such as `prod` point to this version, whichever of the series it pointed to before. */
export const moveItemAlias =
  (ports: ItemPorts) =>
  (caller: Caller, { id, alias }: MoveItemAliasInput): Promise<Outcome<GovernedItem>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const item = await administered(tx, writer, id);
        requireStanding(item, 'input', 'id');
        const name = alias.replace(/^@/, '');
        if (!ALIAS.test(name) || name === 'latest')
          refuse(
            'BAD_USER_INPUT',
            'An alias has 1 to 40 lower-case letters, digits, - and _, begins with a letter, and is not "latest".',
            'input',
            'alias',
          );
        await tx.moveAlias(item, name, writer.userId);
        await tx.tell(await tx.touch(item), 'ALIAS_MOVED', caller.correlationId);
        return { itemId: item.id };
      }),
    );

/** Forgets a name of the series. */
export const removeItemAlias =
  (ports: ItemPorts) =>
  (caller: Caller, { id, alias }: MoveItemAliasInput): Promise<Outcome<GovernedItem>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const item = await administered(tx, writerOf(caller), id);
        if (!(await tx.removeAlias(item, alias.replace(/^@/, ''))))
          refuse('NOT_FOUND', 'The versions of this item have no such alias.', 'input', 'alias');
        await tx.tell(await tx.touch(item), 'ALIAS_MOVED', caller.correlationId);
        return { itemId: item.id };
      }),
    );
