import type { IncomingMessage } from 'node:http';
import { AppError } from '@weft/errors';
import { isTooDeep, MAX_NESTING } from './json-depth.js';
import { lostNumber, messageOfLost } from './json-numbers.js';

const tooLarge = (limit: number): AppError =>
  new AppError(
    'PAYLOAD_TOO_LARGE',
    `The request is larger than ${limit} bytes; upload large inputs as artifacts.`,
    { limit },
  );

const LINGER_MS = 2_000;
const LINGER_BYTES = 64 * 1024 * 1024;

/** Lets pass what is too large, within limits: a client that is cut off while it sends never reads why. */
async function letPass(request: IncomingMessage): Promise<void> {
  let size = 0;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, LINGER_MS).unref();
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LINGER_BYTES) resolve();
    });
    request.on('end', resolve);
    request.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  request.pause();
}

/** The body of a request as text, at most `limit` bytes of it. */
export async function readBody(request: IncomingMessage, limit: number): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    await letPass(request);
    throw tooLarge(limit);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  await new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) reject(tooLarge(limit));
      else chunks.push(chunk);
    });
    request.on('end', resolve);
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new AppError('BAD_USER_INPUT', 'The request was broken off.'));
    });
  }).catch(async (error: unknown) => {
    if (size > limit) await letPass(request);
    throw error;
  });
  return (chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString('utf8');
}

/** The JSON value of a GraphQL request, or undefined where there is none. */
export async function readJsonBody(request: IncomingMessage, limit: number): Promise<unknown> {
  const text = await readBody(request, limit);
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) return undefined;
  if (isTooDeep(text)) {
    throw new AppError(
      'BAD_USER_INPUT',
      `The body is nested deeper than ${MAX_NESTING} levels. Make it flatter, or upload it as an artifact.`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AppError('BAD_USER_INPUT', 'The body is not JSON.');
  }
  const lost = lostNumber(text);
  if (lost !== undefined)
    throw new AppError('BAD_USER_INPUT', messageOfLost(lost.written, lost.path.join('.')), {
      path: lost.path,
    });
  return value;
}
