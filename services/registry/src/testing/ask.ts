import type { Database } from '@weft/database';
import type { Actor } from '@weft/identity';
import { AppError, done, refused, userError } from '@weft/errors';
import { graphql } from 'graphql';
import type { SheetDesk } from '../application/bulk-ports.js';
import type { DocumentDesk } from '../application/ports.js';
import { createRegistryParts, requestContext } from '../context.js';
import { readCsv, writeCsv } from '../domain/csv.js';
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
const NO_DOCUMENTS: DocumentDesk = {
  check: none,
  rewrite: none,
  read: none,
  write: none,
  judge: none,
  judgeGiven: none,
};

/** Tables are read here and now; a refusal of the reader is an error. */
export const SHEETS_HERE: SheetDesk = {
  read: async (_, text) => {
    await Promise.resolve();
    try {
      return done(readCsv(text));
    } catch (error) {
      if (error instanceof AppError) return refused(userError(error.code, error.message, 'input', 'csv'));
      throw error;
    }
  },
  write: (_, rows) => Promise.resolve(writeCsv(rows)),
};

export interface Asker {
  /** The data of a query that must succeed. */
  data<T>(query: string, variables?: Record<string, unknown>, actor?: Actor): Promise<T>;
  /** The messages of the errors of a query that must not. */
  refusals(query: string, variables?: Record<string, unknown>, actor?: Actor): Promise<string[]>;
}

export async function askerOf(
  database: Database,
  documents: DocumentDesk = NO_DOCUMENTS,
  parts = createRegistryParts(database, { sheets: SHEETS_HERE }),
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
