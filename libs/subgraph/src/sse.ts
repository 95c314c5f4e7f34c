import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@weft/telemetry';
import type { ExecutionArgs, GraphQLError } from 'graphql';
import { isStream, runOperation } from './operation.js';
import { presentOperationErrors } from './present.js';

const KEEP_ALIVE_MS = 12_000;

/** GraphQL over server-sent events, distinct connections mode: `next` events, then `complete`. */
export async function serveSse(
  request: IncomingMessage,
  response: ServerResponse,
  args: ExecutionArgs | readonly GraphQLError[],
  logger: Logger,
): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'keep-alive',
  });
  const keepAlive = setInterval(() => response.write(':\n\n'), KEEP_ALIVE_MS);
  const send = async (event: string, data: unknown): Promise<void> => {
    if (!response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`) && !response.destroyed) {
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
  };
  try {
    if (!('schema' in args)) {
      await send('next', { errors: presentOperationErrors(args, logger) });
      return;
    }
    const result = await runOperation(args);
    if (!isStream(result)) {
      await send('next', withPresentedErrors(result, logger));
      return;
    }
    response.once('close', () => void result.return?.());
    for await (const payload of result) {
      await send('next', withPresentedErrors(payload, logger));
      if (response.destroyed) break;
    }
  } finally {
    clearInterval(keepAlive);
    if (!request.destroyed || !response.destroyed) response.end('event: complete\ndata:\n\n');
  }
}

export function withPresentedErrors<T extends { errors?: readonly GraphQLError[] }>(
  result: T,
  logger: Logger,
): unknown {
  return result.errors === undefined
    ? result
    : { ...result, errors: presentOperationErrors(result.errors, logger) };
}
