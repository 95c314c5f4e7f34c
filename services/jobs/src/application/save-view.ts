import { done, refused, userError, type Outcome, type UserError } from '@weft/errors';
import { hasRole, type Actor } from '@weft/identity';
import { isUuid, shown } from '../domain/uuid.js';
import type { JobFilter, JobOrder } from './job-list.js';
import type { Ports } from './ports.js';

const MAX_VIEWS = 100;
const MAX_VIEW_BYTES = 16_384;

export interface NewView {
  readonly organizationId: string;
  readonly name: string;
  readonly shared: boolean;
  readonly filter: JobFilter;
  readonly orderBy: JobOrder;
}

/** Creates the actor's view of this name, or replaces it. */
export function saveView(ports: Ports, actor: Actor, view: NewView): Promise<Outcome<{ id: string }>> {
  return ports.transact(async (tx) => {
    const bad = (message: string, field: string): Outcome<never> =>
      refused(userError('BAD_USER_INPUT', message, 'input', field));
    const role = view.shared ? 'MAINTAINER' : 'VIEWER';
    if (!hasRole(actor, view.organizationId, role))
      return refused(
        userError('FORBIDDEN', `This needs the role ${role} in the organization.`, 'input', 'organizationId'),
      );
    const text = JSON.stringify(view.filter);
    if (
      view.name.trim() === '' ||
      view.name.length > 100 ||
      /\p{Cc}/u.test(view.name) ||
      !view.name.isWellFormed()
    )
      return bad('name must have 1 to 100 characters and no control characters.', 'name');
    if (
      Buffer.byteLength(text) > MAX_VIEW_BYTES ||
      text.includes(String.raw`\u0000`) ||
      /\\ud[89a-f]/i.test(text)
    )
      return bad(`filter has at most ${MAX_VIEW_BYTES} bytes of well-formed text.`, 'filter');
    const wrong = checkKept(view.filter);
    if (wrong.length > 0) return refused(...wrong);
    const owned = await tx.views.lockOwned(view.organizationId, actor.id);
    if (owned.length >= MAX_VIEWS && !owned.some((one) => one.name === view.name))
      return bad(`You have ${MAX_VIEWS} views in this organization; delete one first.`, 'name');
    const id = await tx.views.save({ ...view, id: ports.chance.newId(), ownerId: actor.id });
    return done({ id });
  });
}

/** A list with such a filter is empty; one that is kept would stay so for ever. */
function checkKept(filter: JobFilter): UserError[] {
  const refuse = (message: string, ...path: string[]): UserError =>
    userError('BAD_USER_INPUT', message, 'input', 'filter', ...path);
  const ids = ['organizationId', 'serviceId', 'serviceVersionId', 'definitionId', 'batchId'] as const;
  return [
    ...ids.flatMap((field) => {
      const id = filter[field];
      return id === undefined || isUuid(id) ? [] : [refuse(`${field} is a UUID, not ${shown(id)}.`, field)];
    }),
    ...(filter.tags ?? []).flatMap((tag, at) =>
      tag.length >= 1 && tag.length <= 64
        ? []
        : [refuse('A tag has 1 to 64 characters.', 'tags', String(at))],
    ),
  ];
}

/** One's own, or a shared one of an organization that one owns. */
export function deleteView(ports: Ports, actor: Actor, id: string): Promise<Outcome<{ id: string }>> {
  return ports.transact(async (tx) => {
    const view = await tx.views.find(id);
    const own = view?.ownerId === actor.id;
    if (view === undefined || !hasRole(actor, view.organizationId, 'VIEWER') || !(own || view.shared))
      return refused(userError('NOT_FOUND', 'There is no such view.', 'input', 'id'));
    if (!own && !hasRole(actor, view.organizationId, 'OWNER'))
      return refused(
        userError(
          'FORBIDDEN',
          "Deleting another's view needs the role OWNER in the organization.",
          'input',
          'id',
        ),
      );
    await tx.views.delete(id);
    return done({ id });
  });
}
