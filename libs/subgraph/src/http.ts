import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, ERROR_CODES, presentError } from '@weft/errors';
import { currentCorrelation } from '@weft/telemetry';

/**
 * A client may send 8 MB (the gateway's MAX_BODY_BYTES): a whole batch, or 1 MB each of data and params. What the gateway
 * passes on may be longer than what it took: it writes numbers in full, and its own document around them.
 */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

export async function readBody(request: IncomingMessage, limit = MAX_BODY_BYTES): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit)
      throw new AppError('PAYLOAD_TOO_LARGE', `The request body has more than ${limit} bytes.`, { limit });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}

/** An error before GraphQL could run, in GraphQL's own form. */
export function sendError(response: ServerResponse, error: unknown): void {
  const presented = presentError(error, currentCorrelation());
  if (response.headersSent) {
    response.destroy();
    return;
  }
  sendJson(response, ERROR_CODES[presented.code].http, {
    errors: [
      {
        message: presented.message,
        extensions: { code: presented.code, correlationId: presented.correlationId },
      },
    ],
  });
}
