// Where persistent identifiers lead (ADR 39): `/pid/<identifier>`, and ARKs as they are. What everyone may read needs no token,
// but tells no more without one than a registrar would be told.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@weft/errors';
import type { GraphQLSchema } from 'graphql';
import type { OperationRequest } from '../federation/direct-operations.js';
import type { Operations } from '../federation/operations.js';
import type { Caller } from '../identity/caller.js';
import { showsNoToken, type Gatekeeper } from '../identity/gatekeeper.js';
import { ask, baseOf, unescaped } from './ask.js';
import { sendError, sendJson } from './reply.js';

export interface PidResolverOptions {
  readonly schema: GraphQLSchema;
  readonly operations: Operations;
  readonly gatekeeper: Gatekeeper;
  /** Who asks where no token is sent: with the rights that everyone has, and no other. */
  readonly everyone: Caller;
  observe(operation: string, ok: boolean, seconds: number): void;
}

export interface PidResolver {
  handle(pid: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** The identifier in a path, still encoded; undefined: the path holds none. */
export const pidIn = (path: string): string | undefined =>
  /^\/(?:pid\/(.+)|(ark:.+))$/s.exec(path)?.slice(1).find(Boolean);

const QUERY: Pick<OperationRequest, 'source' | 'operationName'> = {
  operationName: 'ResolvePid',
  source: `query ResolvePid($id: ID!, $known: Boolean!) { item(id: $id) {
    id pid name subtype recordType schemaVersion metadata @include(if: $known) version versionReason createdAt updatedAt
    previousVersion { pid } latestVersion { pid } withdrawn { at reason } } }`,
};

interface ResolvedItem {
  readonly id: string;
  /** Null: what the platform recorded by itself has no such identifier. */
  readonly pid: string | null;
  readonly subtype: string;
  readonly recordType: string | null;
  readonly previousVersion: { readonly pid: string } | null;
  readonly latestVersion: { readonly pid: string } | null;
  readonly withdrawn: { readonly at: string; readonly reason: string } | null;
  readonly [field: string]: unknown;
}

/** Undefined where the supergraph has no items. */
export function createPidResolver(options: PidResolverOptions): PidResolver | undefined {
  if (options.schema.getQueryType()?.getFields()['item'] === undefined) return undefined;
  return {
    async handle(encoded, request, response) {
      const startedAt = performance.now();
      try {
        await resolve(options, unescaped(encoded), request, response);
      } catch (error) {
        sendError(response, error);
        if (!(error instanceof AppError)) throw error;
      } finally {
        const isAnswer = response.statusCode < 400 || response.statusCode === GONE;
        options.observe('query', isAnswer, (performance.now() - startedAt) / 1_000);
      }
    },
  };
}

/** Withdrawn, and told what it was. */
const GONE = 410;

async function resolve(
  { operations, gatekeeper, everyone }: PidResolverOptions,
  pid: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { authorization } = request.headers;
  const known = !showsNoToken(authorization);
  const { caller } = known ? await gatekeeper.admit(authorization) : { caller: everyone };
  const { item } = await ask<{ item: ResolvedItem | null }>(
    operations,
    { ...QUERY, variables: { id: pid, known } },
    caller,
  );
  // The id of an item is no identifier for the world.
  if (item?.pid == null || pid.toLowerCase() === item.id)
    throw new AppError(
      'NOT_FOUND',
      'No item with this identifier exists that everyone may read. With a token (Authorization: Bearer weft_…) you see what you may read.',
    );
  response.setHeader('vary', 'authorization');
  response.setHeader('cache-control', 'no-cache');
  sendJson(response, item.withdrawn === null ? 200 : GONE, present(item, baseOf(request)));
}

function present(item: ResolvedItem, base: string): Readonly<Record<string, unknown>> {
  const { id, pid, subtype, recordType, previousVersion, latestVersion, withdrawn, ...rest } = item;
  return {
    ...{ pid, id, type: subtype, state: withdrawn === null ? recordType : 'WITHDRAWN' },
    ...rest,
    previousVersion: previousVersion?.pid ?? null,
    latestVersion: latestVersion?.pid ?? null,
    withdrawn,
    url: `${base}/pid/${pid}`,
    graphql: { url: `${base}/graphql`, query: `{ item(id: "${id}") { id name } }` },
  };
}
