import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '@weft/errors';
import { currentCorrelation, CORRELATION_HEADER } from '@weft/telemetry';
import { Pool } from 'undici';
import { sendError } from './reply.js';

export const ARTIFACTS_PATH = '/artifacts/';

export interface ArtifactProxy {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

const SENT = [
  'accept',
  'content-type',
  'content-length',
  'content-encoding',
  'if-none-match',
  'range',
] as const;
const RETURNED = [
  'accept-ranges',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
] as const;
// A stalled transfer is given up after this long without a byte.
const STALLED_MS = 120_000;
const CONNECTIONS = 64;

/**
 * Streams artifacts between clients and the execution subgraph, unbuffered both ways. The signature in the URL is the
 * only credential: neither the client's token nor the gateway's actor travels with it.
 */
export function createArtifactProxy(origin: string, maxBytes: number): ArtifactProxy {
  const pool = new Pool(origin, {
    connections: CONNECTIONS,
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 4_000,
    headersTimeout: STALLED_MS,
    bodyTimeout: STALLED_MS,
  });

  const transfer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const uploads = request.method === 'PUT';
    const aborted = new AbortController();
    response.once('close', () => response.writableFinished || aborted.abort());
    const answer = await pool.request({
      path: request.url ?? '',
      method: request.method as 'GET' | 'HEAD' | 'PUT',
      headers: { ...pick(request.headers, SENT), [CORRELATION_HEADER]: currentCorrelation() },
      body: uploads ? Readable.from(limited(request, maxBytes), { objectMode: false }) : null,
      signal: aborted.signal,
    });
    // Answered before the upload was read to its end: the rest ends with the connection.
    if (uploads && !request.complete) response.setHeader('connection', 'close');
    response.writeHead(answer.statusCode, {
      ...pick(answer.headers, RETURNED),
      'x-content-type-options': 'nosniff',
    });
    await pipeline(answer.body, response);
  };

  return {
    async handle(request, response) {
      const path = (request.url ?? '').split('?', 1)[0] ?? '';
      if (!/^\/artifacts\/[\w-]+$/.test(path))
        return sendError(response, new AppError('NOT_FOUND', 'No such artifact.'));
      if (!['GET', 'HEAD', 'PUT'].includes(request.method ?? '')) {
        return sendError(
          response,
          new AppError('BAD_USER_INPUT', 'Artifacts are read by GET and written by PUT.'),
        );
      }
      if (Number(request.headers['content-length'] ?? 0) > maxBytes)
        return sendError(response, tooLarge(maxBytes));
      try {
        await transfer(request, response);
      } catch (cause) {
        if (response.headersSent || response.destroyed) return void response.destroy();
        sendError(response, cause instanceof AppError ? cause : unavailable(cause));
      }
    },
    close: () => pool.destroy(),
  };
}

async function* limited(request: IncomingMessage, maxBytes: number): AsyncGenerator<Buffer, void, void> {
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

function pick(
  headers: IncomingMessage['headers'],
  names: readonly string[],
): Record<string, string | string[]> {
  const picked: Record<string, string | string[]> = {};
  for (const name of names) {
    const value = headers[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

const tooLarge = (limit: number): AppError =>
  new AppError('PAYLOAD_TOO_LARGE', `The artifact is larger than ${limit} bytes.`, { limit });

const unavailable = (cause: unknown): AppError =>
  new AppError('SERVICE_UNAVAILABLE', 'The artifact store cannot be reached at the moment.', {}, { cause });
