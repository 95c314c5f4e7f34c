import type { IncomingMessage, ServerResponse } from 'node:http';
import { HeaderMap } from '@apollo/server';
import { AppError } from '@weft/errors';
import { currentCorrelation } from '@weft/telemetry';
import type { Documents } from '../federation/documents.js';
import type { Operations } from '../federation/operations.js';
import { newOutcome } from '../federation/request-context.js';
import { nobody } from '../identity/caller.js';
import { showsNoToken, type Admission, type Gatekeeper } from '../identity/gatekeeper.js';
import { readJsonBody } from './body.js';
import { sendGraphQLError, sendText } from './reply.js';

export interface GraphQLHttpOptions {
  readonly documents: Documents;
  readonly operations: Operations;
  readonly gatekeeper: Gatekeeper;
  readonly maxBodyBytes: number;
  /** Whether those without a token may introspect. */
  readonly anonymousIntrospection: boolean;
  observe(operation: string, ok: boolean, seconds: number): void;
}

/** A GraphQL request as it came over HTTP, with whoever sent it. */
export interface AdmittedRequest {
  readonly admission: Admission;
  /** The JSON body of a POST. */
  readonly body: unknown;
  /** The document, if the request carries one as text. */
  readonly source: string | undefined;
  readonly search: string;
}

// An introspection query is small; those who show no token may not send more.
const MAX_ANONYMOUS_BYTES = 65_536;
const PASSED_ON = ['content-type', 'accept', 'x-apollo-operation-name', 'apollo-require-preflight'] as const;

/** Reads a request and admits its sender: before the body where there is a token, after it for mere introspection. */
export async function admitRequest(
  request: IncomingMessage,
  options: GraphQLHttpOptions,
): Promise<AdmittedRequest> {
  const { gatekeeper, documents, maxBodyBytes } = options;
  const authorization = request.headers.authorization;
  const anonymous = showsNoToken(authorization) && options.anonymousIntrospection;
  const early = anonymous ? undefined : await gatekeeper.admit(authorization);
  const limit = early === undefined ? Math.min(MAX_ANONYMOUS_BYTES, maxBodyBytes) : maxBodyBytes;
  const body = request.method === 'POST' ? await readJsonBody(request, limit) : undefined;
  const search = /\?.*/.exec(request.url ?? '')?.[0] ?? '';
  const given =
    request.method === 'POST'
      ? (body as { query?: unknown } | null | undefined)?.query
      : new URLSearchParams(search).get('query');
  const source = typeof given === 'string' ? given : undefined;
  const examined = source === undefined ? undefined : documents.examine(source);
  const admission =
    early ?? (examined?.introspectionOnly ? { caller: nobody } : await gatekeeper.admit(authorization));
  // A document over a limit goes no further: validating it would already be the harm.
  if (examined?.error instanceof AppError) throw examined.error;
  return { admission, body, source, search };
}

/** GraphQL over HTTP: POST and GET, answered in one piece. */
export async function handleGraphQL(
  request: IncomingMessage,
  response: ServerResponse,
  options: GraphQLHttpOptions,
): Promise<void> {
  const startedAt = performance.now();
  const outcome = newOutcome();
  try {
    const { admission, body, search } = await admitRequest(request, options);
    const headers = new HeaderMap();
    for (const name of PASSED_ON) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    const context = { caller: admission.caller, correlationId: currentCorrelation() ?? '', outcome };
    const answer = await options.operations.serve(
      { method: request.method ?? '', headers, search, body },
      context,
    );
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    const contentType = answer.headers.get('content-type') ?? 'application/json; charset=utf-8';
    if (answer.body.kind !== 'complete') throw new Error('Incremental delivery is not offered');
    // GraphQL over HTTP: with application/json a request that is well formed gets 200, whatever its document says.
    const refusedAsJson =
      outcome.refused && answer.status === 400 && contentType.startsWith('application/json');
    sendText(response, refusedAsJson ? 200 : (answer.status ?? 200), answer.body.string, contentType);
  } catch (error) {
    sendGraphQLError(response, error, request.headers.accept);
    if (!(error instanceof AppError)) throw error;
  } finally {
    options.observe(
      outcome.operation,
      response.statusCode < 400 && !outcome.refused,
      (performance.now() - startedAt) / 1_000,
    );
  }
}
