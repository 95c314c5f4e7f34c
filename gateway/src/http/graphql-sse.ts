import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@weft/errors';
import { currentCorrelation } from '@weft/telemetry';
import { getOperationAST, type FormattedExecutionResult } from 'graphql';
import { presentGraphQLError } from '../federation/present-graphql-error.js';
import { newOutcome } from '../federation/request-context.js';
import type { Variables } from '../federation/supergraph-executor.js';
import { FeedEndedByErrors } from '../live/live-feed.js';
import type { LiveFields, LiveRequest } from '../live/live-fields.js';
import { preventCsrf } from './csrf.js';
import { admitRequest, type GraphQLHttpOptions } from './graphql-http.js';
import { sendGraphQLError } from './reply.js';

export interface GraphQLSseOptions extends GraphQLHttpOptions {
  readonly liveFields: LiveFields;
  /** Aborted when the gateway is asked to stop: streams are then cut off. */
  readonly closing: AbortSignal;
}

const KEEP_ALIVE_MS = 12_000;
const REVOKED_GRACE_MS = 500;

export const wantsEvents = (request: IncomingMessage): boolean =>
  request.headers.accept?.includes('text/event-stream') ?? false;

/** GraphQL over server-sent events, distinct connections mode: `next` events and a final `complete`. */
export async function handleGraphQLSse(
  request: IncomingMessage,
  response: ServerResponse,
  options: GraphQLSseOptions,
): Promise<void> {
  try {
    preventCsrf(request.headers);
    const { admission, body, source, search } = await admitRequest(request, options);
    if (source === undefined) throw new AppError('BAD_USER_INPUT', 'The request carries no "query".');
    const { operationName, variables } = readParameters(request, body, search);
    const live: LiveRequest = {
      source,
      operationName,
      variables,
      admission,
      correlationId: currentCorrelation() ?? '',
    };
    const { document } = options.documents.examine(source);
    const operation = document && getOperationAST(document, operationName)?.operation;
    if (operation === 'mutation' && request.method !== 'POST')
      throw new AppError('BAD_USER_INPUT', 'Mutations are sent by POST.');
    const stream = openStream(response, options.closing);
    if (operation === 'subscription') await streamFeed(stream, live, options);
    else {
      const context = { caller: admission.caller, correlationId: live.correlationId, outcome: newOutcome() };
      await stream.next(await options.operations.run(live, context));
    }
    stream.complete();
  } catch (error) {
    sendGraphQLError(response, error, request.headers.accept);
    if (!(error instanceof AppError)) throw error;
  }
}

async function streamFeed(
  stream: EventStream,
  live: LiveRequest,
  { liveFields, gatekeeper }: GraphQLSseOptions,
): Promise<void> {
  const { feed, errors } = liveFields.open(live);
  if (errors !== undefined) return void (await stream.next({ errors }));
  stream.onClosed(() => void feed.return());
  const unwatch = gatekeeper.watch(live.admission, {
    // A client that reads nothing would never come to the end of its feed.
    ended: () => setTimeout(() => stream.destroy(), REVOKED_GRACE_MS).unref(),
    narrowed: () => undefined,
  });
  try {
    for (let result = await feed.next(); result.done !== true; result = await feed.next())
      await stream.next(result.value);
  } catch (error) {
    const ends = error instanceof FeedEndedByErrors ? error.errors : undefined;
    await stream.next({
      errors: ends?.map((one) => presentGraphQLError(one, one, live.correlationId)) ?? [
        presentGraphQLError(error, undefined, live.correlationId),
      ],
    });
  } finally {
    unwatch();
    await feed.return();
  }
}

interface EventStream {
  /** Resolves when the client has room for more. */
  next(result: FormattedExecutionResult): Promise<void>;
  complete(): void;
  onClosed(listener: () => void): void;
  destroy(): void;
}

function openStream(response: ServerResponse, closing: AbortSignal): EventStream {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  response.write(':\n\n');
  const keepAlive = setInterval(
    () => response.writableNeedDrain || response.write(':\n\n'),
    KEEP_ALIVE_MS,
  ).unref();
  const closed = new AbortController();
  const cutOff = (): void => void response.destroy();
  closing.addEventListener('abort', cutOff);
  response.once('close', () => {
    clearInterval(keepAlive);
    closing.removeEventListener('abort', cutOff);
    closed.abort();
  });
  return {
    async next(result) {
      if (response.destroyed || response.write(`event: next\ndata: ${JSON.stringify(result)}\n\n`)) return;
      await once(response, 'drain', { signal: closed.signal }).catch(() => undefined);
    },
    complete: () => void response.end('event: complete\ndata:\n\n'),
    onClosed: (listener) => (response.destroyed ? listener() : void response.once('close', listener)),
    destroy: () => void response.destroy(),
  };
}

function readParameters(
  request: IncomingMessage,
  body: unknown,
  search: string,
): { operationName: string | undefined; variables: Variables } {
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' && value !== '' ? value : undefined;
  if (request.method === 'POST') {
    const { operationName, variables } = body as { operationName?: unknown; variables?: unknown };
    return { operationName: text(operationName), variables: readVariables(variables) };
  }
  const parameters = new URLSearchParams(search);
  const variables = text(parameters.get('variables'));
  try {
    return {
      operationName: text(parameters.get('operationName')),
      variables: readVariables(variables && JSON.parse(variables)),
    };
  } catch {
    throw new AppError('BAD_USER_INPUT', '"variables" is not a JSON object.');
  }
}

function readVariables(value: unknown): Variables {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Variables;
  throw new AppError('BAD_USER_INPUT', '"variables" is not a JSON object.');
}
