// One request to a registrar, with its time limit, and what its answer means where all registrars mean the same.
import type { Secret } from '@weft/config';
import { request } from 'undici';
import { PidFailure } from '../domain/pid-publication.js';

export interface Registrar {
  /** For messages: HANDLE_URL, HANDLE_USER, HANDLE_PASSWORD. */
  readonly settings: string;
  readonly url: string;
  readonly user: string;
  readonly password: Secret;
  readonly contentType: string;
}

export interface RegistrarAnswer {
  readonly status: number;
  /** The beginning of its body, on one line. */
  readonly text: string;
  readonly retryAfterMs: number | undefined;
}

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 16 * 1024;
const MAX_TOLD = 300;

/** How long a publication lasts at the most: a registrar is asked twice where one is published only to be retired. */
export const LONGEST_TELLING_MS = 2 * TIMEOUT_MS;

/** PUT, which may be repeated. A redirection is not followed: it would take the credentials along. */
export async function put(
  registrar: Registrar,
  path: string,
  body: unknown,
  signal: AbortSignal,
  timeoutMs = TIMEOUT_MS,
): Promise<RegistrarAnswer> {
  const { user, password } = registrar;
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await request(`${registrar.url}${path}`, {
      method: 'PUT',
      headers: {
        authorization: `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString('base64')}`,
        'content-type': registrar.contentType,
        accept: 'application/json, application/vnd.api+json',
        'user-agent': 'Weft-Registry/1',
      },
      body: JSON.stringify(body),
      signal: AbortSignal.any([deadline, signal]),
    });
    return {
      status: answer.statusCode,
      text: await beginningOf(answer.body),
      retryAfterMs: retryAfter(answer.headers['retry-after']),
    };
  } catch (error) {
    if (signal.aborted) throw error;
    if (deadline.aborted) throw new PidFailure('UNAVAILABLE', `no answer within ${timeoutMs} ms`);
    const { code, name } = error as { code?: unknown; name?: unknown };
    throw new PidFailure(
      'UNAVAILABLE',
      `no connection, or it broke (${String(code ?? name ?? 'unknown reason')})`,
    );
  }
}

/** Throws what an answer means, unless it says that all is well. */
export function accept({ status, text, retryAfterMs }: RegistrarAnswer, settings: string): void {
  if (status >= 200 && status < 300) return;
  const told = `answered ${status}${text === '' ? '' : `: ${text}`}`;
  if (status === 429 || (status === 503 && retryAfterMs !== undefined))
    throw new PidFailure('BUSY', told, retryAfterMs);
  if (status >= 500 || status === 408 || status === 425)
    throw new PidFailure('UNAVAILABLE', told, retryAfterMs);
  if (status === 401 || status === 403) throw new PidFailure('SETUP', `${told} - look at ${settings}`);
  if (status < 400) throw new PidFailure('SETUP', `answered ${status}, a redirection - look at ${settings}`);
  throw new PidFailure('REFUSED', told);
}

async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_TOLD)
    .toWellFormed();
}

/** Seconds or a date; anything else is no wish. */
function retryAfter(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}
