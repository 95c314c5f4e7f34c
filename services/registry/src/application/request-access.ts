// Somebody who sees an item asks those who administer it for more.
import { outcomeOf, refuse, refuseFor, type Outcome } from '@weft/errors';
import { lastsUntil, rolesOf, type Grant, type ItemRole } from '../domain/access.js';
import { reasonProblems } from '../domain/text-rules.js';
import type { Caller, ItemPorts } from './item-ports.js';
import {
  lockedFor,
  NO_SUCH_ITEM,
  requireOwnLife,
  requireRole,
  requireStanding,
  writerOf,
} from './item-rights.js';

export interface RequestItemAccessInput {
  readonly id: string;
  readonly roles: readonly ItemRole[];
  readonly note: string;
  /** Left out or null: for good. */
  readonly expiresAt?: Date | null;
}

export interface RequestedAccess {
  readonly requestId: string;
}

export const requestItemAccess =
  (ports: ItemPorts) =>
  (
    caller: Caller,
    { id, roles, note, expiresAt = null }: RequestItemAccessInput,
  ): Promise<Outcome<RequestedAccess>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const item = await lockedFor(tx, writer, id, 'METADATA_READ', 'input', 'id');
        requireOwnLife(item, 'input', 'id');
        requireStanding(item, 'input', 'id');
        refuseFor(reasonProblems(note, 'input', 'note'));
        requireTimeToCome(expiresAt, await tx.now());
        // Who has a role for a while may ask for it for longer.
        const lasting = item.grants.filter((grant) => lastsUntil(grant, expiresAt));
        const mine = rolesOf(writer.principals, { ...item, grants: lasting });
        const wanted = [...new Set(roles)].filter((role) => !mine.has(role));
        if (wanted.length === 0) refuse('CONFLICT', 'You have these roles already.', 'input', 'roles');
        const requestId = ports.newId();
        const request = {
          id: requestId,
          itemKey: item.key,
          userId: writer.userId,
          roles: wanted,
          note,
          expiresAt,
        };
        if (!(await tx.insertAccessRequest({ ...request, state: 'PENDING' }, item)))
          refuse(
            'CONFLICT',
            'You have asked already; cancel that request to ask for something else.',
            'input',
            'id',
          );
        await tx.tell(await tx.touch(item), 'ACCESS_CHANGED', caller.correlationId);
        return { requestId };
      }),
    );

export interface DecideItemAccessInput {
  readonly requestId: string;
  readonly approve: boolean;
  readonly note?: string | null;
  /** Until when the roles are given; left out: as was asked, null: for good. */
  readonly expiresAt?: Date | null;
}

const NO_SUCH_REQUEST = 'No request for access with this id exists that you may see.';

/** Who administers the item says yes, which gives the roles, or no. */
export const decideItemAccess =
  (ports: ItemPorts) =>
  (
    caller: Caller,
    { requestId, approve, note = null, expiresAt }: DecideItemAccessInput,
  ): Promise<Outcome<RequestedAccess>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const found = await tx.lockAccessRequest(requestId);
        const item = found === undefined ? undefined : await tx.lock(found.itemId, writer.principals);
        if (found === undefined || item === undefined)
          refuse('NOT_FOUND', NO_SUCH_REQUEST, 'input', 'requestId');
        requireRole(item, writer, 'ADMIN', 'input', 'requestId');
        if (note !== null) refuseFor(reasonProblems(note, 'input', 'note'));
        const { request } = found;
        if (request.state !== 'PENDING')
          refuse('CONFLICT', `The request is ${request.state} already.`, 'input', 'requestId');
        await tx.decideAccessRequest(requestId, approve ? 'APPROVED' : 'REJECTED', writer.userId, note);
        if (approve) {
          requireOwnLife(item, 'input', 'requestId');
          const { organizationId, ownerId } = item;
          const until = expiresAt === undefined ? request.expiresAt : expiresAt;
          requireTimeToCome(until, await tx.now());
          const grants = withRoles(item.grants, request, until);
          await tx.setAccess(item, { organizationId, ownerId, grants });
        }
        await tx.tell(await tx.touch(item), 'ACCESS_CHANGED', caller.correlationId);
        return { requestId };
      }),
    );

function requireTimeToCome(expiresAt: Date | null, now: Date): void {
  if (expiresAt !== null && expiresAt <= now)
    refuse(
      'BAD_USER_INPUT',
      'The roles would end before they begin: name a later time.',
      'input',
      'expiresAt',
    );
}

/** What he has for good, or until another time, stays as it is. */
function withRoles(
  grants: readonly Grant[],
  { userId, roles }: { readonly userId: string; readonly roles: readonly ItemRole[] },
  until: Date | null,
): Grant[] {
  const end = until?.getTime();
  const isThis = ({ kind, principalId, expiresAt }: Grant): boolean =>
    kind === 'USER' &&
    principalId === userId &&
    (expiresAt == null ? undefined : Date.parse(expiresAt)) === end;
  const before = grants.find(isThis)?.roles ?? [];
  return [
    ...grants.filter((grant) => !isThis(grant)),
    {
      ...{ kind: 'USER', principalId: userId, roles: [...new Set([...before, ...roles])] },
      expiresAt: until?.toISOString() ?? null,
    },
  ];
}

/** Who asked takes the request back. */
export const cancelItemAccessRequest =
  (ports: ItemPorts) =>
  (caller: Caller, { requestId }: { readonly requestId: string }): Promise<Outcome<RequestedAccess>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const found = await tx.lockAccessRequest(requestId);
        if (found === undefined || found.request.userId !== writer.userId)
          refuse('NOT_FOUND', NO_SUCH_REQUEST, 'input', 'requestId');
        if (found.request.state !== 'PENDING')
          refuse('CONFLICT', `The request is ${found.request.state} already.`, 'input', 'requestId');
        await tx.decideAccessRequest(requestId, 'CANCELLED', writer.userId, null);
        return { requestId };
      }),
    );

export interface LinkPersonInput {
  readonly id: string;
}

/**
 * Says which registered person the caller is, once; one person is one user. What he did is shown under that name as what he
 * will do is. Needs ADMIN on the person, or to have registered it: else anybody who may edit a person could pass for him.
 */
export const linkPerson =
  (ports: ItemPorts) =>
  (caller: Caller, { id }: LinkPersonInput): Promise<Outcome<{ readonly itemId: string }>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const item = await tx.lock(id, writer.principals);
        if (item === undefined) refuse('NOT_FOUND', NO_SUCH_ITEM, 'input', 'id');
        if (item.createdBy !== writer.userId) requireRole(item, writer, 'ADMIN', 'input', 'id');
        requireStanding(item, 'input', 'id');
        if (item.subtype !== 'PERSON' || item.recordType === 'SEED')
          refuse('BAD_USER_INPUT', 'Link yourself with a complete item of the type PERSON.', 'input', 'id');
        const { person, user } = await tx.personLinks(writer.userId, item);
        if (person === item.key) return { itemId: item.id };
        if (person !== null)
          refuse(
            'CONFLICT',
            'You are linked with another person already: unlinkPerson first.',
            'input',
            'id',
          );
        if (user !== null)
          refuse(
            'CONFLICT',
            'Another user is linked with this person: he, or who administers the person, can end that (unlinkPerson).',
            'input',
            'id',
          );
        await tx.linkPerson(writer.userId, item);
        await tx.tell(await tx.touch(item), 'EDITED', caller.correlationId);
        return { itemId: item.id };
      }),
    );

/** Ends the link: by the user himself, or by who administers the person. What lodged records say of him stays. */
export const unlinkPerson =
  (ports: ItemPorts) =>
  (caller: Caller, { id }: LinkPersonInput): Promise<Outcome<{ readonly itemId: string }>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        // Who is linked may end it although the person was closed to him meanwhile.
        const item = (await tx.lock(id, writer.principals)) ?? (await tx.lockPersonOf(writer.userId, id));
        if (item === undefined) refuse('NOT_FOUND', NO_SUCH_ITEM, 'input', 'id');
        const { user } = await tx.personLinks(writer.userId, item);
        if (user !== writer.userId) requireRole(item, writer, 'ADMIN', 'input', 'id');
        if (user === null) return { itemId: item.id };
        await tx.unlinkPerson(user);
        await tx.tell(await tx.touch(item), 'EDITED', caller.correlationId);
        return { itemId: item.id };
      }),
    );
