// What people do with items, said briefly. For tests.
import type { Database } from '@weft/database';
import type { Actor, MemberRole } from '@weft/identity';
import type { RegistryParts } from '../context.js';
import { askerOf, type Asker } from './ask.js';
import { ACME, id } from './finished-jobs.js';

export interface Refused {
  readonly code: string;
  readonly message: string;
  readonly path: readonly string[];
}

export interface Changed<T = ShownItem> {
  readonly item: T | null;
  readonly repeated?: boolean | null;
  readonly userErrors: readonly Refused[];
}

export interface ShownItem {
  readonly id: string;
  readonly pid: string;
  readonly name: string;
  readonly revision: number;
  readonly seq: number;
  readonly recordType: string;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly [field: string]: unknown;
}

export const SHOWN = 'id pid name revision seq recordType metadata';

/** A user who is a member with this role of each organization. */
export const aMember = (
  name: string,
  role: MemberRole = 'MAINTAINER',
  organizations: readonly string[] = [ACME],
  teams: readonly string[] = [],
): Actor => ({
  kind: 'user',
  id: id(`user ${name}`),
  organizations: organizations.map((organizationId) => ({ id: organizationId, role })),
  teams,
  personalOrganizationId: organizations[0],
  scopes: ['read', 'write'],
  roles: [],
  tokenId: undefined,
});

export const ADA = aMember('ada');

export interface ItemSteps {
  readonly ask: Asker;
  /** Calls a mutation with `input`; `show` is what of the item is selected. */
  change(mutation: string, input: Record<string, unknown>, actor?: Actor, show?: string): Promise<Changed>;
  /** The same, where it must be done. */
  done(mutation: string, input: Record<string, unknown>, actor?: Actor, show?: string): Promise<ShownItem>;
  /** The codes and paths of its refusals; where there are none, that is a failure. */
  refused(mutation: string, input: Record<string, unknown>, actor?: Actor): Promise<string[]>;
  item(id: string, show?: string, actor?: Actor): Promise<ShownItem | null>;
  aModel(changes?: Record<string, unknown>, actor?: Actor): Promise<ShownItem>;
}

const INPUT_OF: Readonly<Record<string, string>> = {
  lockItem: 'LockItemInput',
  unlockItem: 'LockItemInput',
  moveItemAlias: 'ItemAliasInput',
  removeItemAlias: 'ItemAliasInput',
};

export const MODEL = {
  name: 'Reef growth',
  description: 'Grows reefs.',
  documentationUrl: 'https://example.org/docs',
  sourceUrl: 'https://example.org/source',
};

export async function itemSteps(database: Database, parts?: RegistryParts): Promise<ItemSteps> {
  const ask = await askerOf(database, undefined, parts);
  const steps: ItemSteps = {
    ask,
    async change(mutation, input, actor = ADA, show = SHOWN) {
      const type = INPUT_OF[mutation] ?? `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
      const answer = await ask.data<Record<string, Changed>>(
        `mutation ($input: ${type}!) { ${mutation}(input: $input) { item { ${show} } userErrors { code message path } } }`,
        { input },
        actor,
      );
      return answer[mutation] as Changed;
    },
    async done(mutation, input, actor, show) {
      const { item, userErrors } = await steps.change(mutation, input, actor, show);
      if (item === null) throw new Error(`${mutation} was refused: ${JSON.stringify(userErrors)}`);
      return item;
    },
    async refused(mutation, input, actor) {
      const { item, userErrors } = await steps.change(mutation, input, actor);
      if (item !== null) throw new Error(`${mutation} was done`);
      return userErrors.map(({ code, path }) => `${code} ${path.join('.')}`);
    },
    async item(itemId, show = SHOWN, actor = ADA) {
      const answer = await ask.data<{ item: ShownItem | null }>(
        `query ($id: ID!) { item(id: $id) { ${show} } }`,
        { id: itemId },
        actor,
      );
      return answer.item;
    },
    aModel: (changes = {}, actor = ADA) =>
      steps.done('createItem', { subtype: 'MODEL', metadata: { ...MODEL, ...changes } }, actor),
  };
  return steps;
}
