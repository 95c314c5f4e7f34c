import type { Database } from '@weft/database';
import type { Actor } from '@weft/identity';
import { graphql } from 'graphql';
import type { DocumentDesk } from '../application/ports.js';
import { createRegistryParts, requestContext } from '../context.js';
import { buildRegistrySchema } from '../graphql/schema.js';
import { ACME, id } from './finished-jobs.js';

/** The graph as an actor sees it, without the HTTP around it. For tests. */
export const member = (organizationId: string = ACME, scopes: readonly string[] = ['read']): Actor => ({
  kind: 'user',
  id: id(`user of ${organizationId}`),
  organizations: [{ id: organizationId, role: 'VIEWER' }],
  teams: [],
  personalOrganizationId: organizationId,
  scopes,
  roles: [],
  tokenId: undefined,
});

const none = (): never => {
  throw new Error('this test gives no documents');
};
const NO_DOCUMENTS: DocumentDesk = { check: none, rewrite: none, read: none, write: none, judge: none };

export interface Asker {
  /** The data of a query that must succeed. */
  data<T>(query: string, variables?: Record<string, unknown>, actor?: Actor): Promise<T>;
  /** The messages of the errors of a query that must not. */
  refusals(query: string, variables?: Record<string, unknown>, actor?: Actor): Promise<string[]>;
}

export async function askerOf(
  database: Database,
  documents: DocumentDesk = NO_DOCUMENTS,
  parts = createRegistryParts(database),
): Promise<Asker> {
  const { schema } = await buildRegistrySchema();
  const itemBell = { ring: () => undefined, listen: () => () => undefined };
  const run = (source: string, variableValues: Record<string, unknown>, actor: Actor) =>
    graphql({
      schema,
      source,
      variableValues,
      contextValue: requestContext({ actor, correlationId: 'test' }, parts, { documents, itemBell }),
    });
  return {
    async data<T>(query: string, variables = {}, actor = member()) {
      const { data, errors } = await run(query, variables, actor);
      if (errors !== undefined) throw new Error(errors.map((error) => error.stack).join('\n'));
      return JSON.parse(JSON.stringify(data)) as T;
    },
    refusals: async (query, variables = {}, actor = member()) =>
      ((await run(query, variables, actor)).errors ?? []).map(({ message }) => message),
  };
}
