// One POST to a stranger's server, which may be slow, endless, hostile or not where it says it is (docs/adr/0016): the name is
// looked up here, every address is checked, and the connection goes to one that was checked and to no other.
import type { LookupFunction } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import type { PostWebhook } from '../../application/webhook-ports.js';
import { addressProblem } from '../../domain/webhook/address.js';
import { failureOf, RESPONSE_BYTES, type TryFailure, type TryResult } from '../../domain/webhook/webhook.js';
import { isLiteral, judgeWebhookUrl, type UrlPolicy } from '../../domain/webhook/webhook-url.js';
import type { ResolveHost } from './resolve-host.js';
import { signWebhook } from './sign-webhook.js';

export interface PostOptions {
  readonly policy: UrlPolicy;
  /** For everything: name, connection, TLS, answer. */
  readonly timeoutMs: number;
  readonly resolve: ResolveHost;
}

const MAX_ADDRESSES = 8;
const MAX_HEADER_BYTES = 16 * 1024;
/** How long the rest of an answer is waited for once its status is known: it is only shown to people. */
const BODY_MS = 1_000;

class Failure extends Error {
  constructor(
    readonly failure: TryFailure,
    message: string,
  ) {
    super(message);
  }
}

interface Answer {
  readonly statusCode: number;
  readonly response: string | null;
  readonly retryAfterMs: number | null;
}

export function createPostWebhook({ policy, timeoutMs, resolve }: PostOptions): PostWebhook {
  return async ({ id, url, body, key, now }, stopping) => {
    const begun = performance.now();
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([deadline, stopping]);
    const result = (facts: Partial<TryResult>): TryResult => ({
      statusCode: null,
      failure: null,
      message: null,
      response: null,
      retryAfterMs: null,
      ...facts,
      durationMs: Math.round(performance.now() - begun),
    });
    const timestamp = Math.floor(now.getTime() / 1_000);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Weft-Webhooks/1',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signWebhook(key, { id, timestamp, body }),
    };
    try {
      const addresses = await checkedAddresses(url, policy, resolve, signal);
      const answer = await post(new URL(url), addresses, headers, body, signal, timeoutMs);
      const failure = failureOf(answer.statusCode);
      return result({
        ...answer,
        failure,
        message: failure === null ? null : `answered ${answer.statusCode}`,
      });
    } catch (error) {
      stopping.throwIfAborted();
      if (deadline.aborted)
        return result({ failure: 'TIMEOUT', message: `no answer within ${timeoutMs} ms` });
      return result(explain(error));
    }
  };
}

async function checkedAddresses(
  url: string,
  policy: UrlPolicy,
  resolve: ResolveHost,
  signal: AbortSignal,
): Promise<readonly string[]> {
  // Once more: the policy may have become stricter since the job was submitted.
  const verdict = judgeWebhookUrl(url, policy);
  if (!verdict.ok) throw new Failure('ADDRESS_REFUSED', `the URL ${verdict.problem}`);
  const { host } = verdict;
  if (isLiteral(host)) return [host];
  const addresses = await resolve(host, signal).catch(() => {
    throw new Failure('HOST_UNRESOLVED', 'the host has no address');
  });
  // All of them: one good address beside a bad one is how a filter is walked around.
  for (const address of addresses) {
    const problem = addressProblem(address, policy);
    if (problem !== undefined) throw new Failure('ADDRESS_REFUSED', `an address of the host ${problem}`);
  }
  return addresses.slice(0, MAX_ADDRESSES);
}

async function post(
  url: URL,
  addresses: readonly string[],
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Answer> {
  // A connection of its own: one kept from earlier would lead to an address that was checked for another message.
  const client = new Client(url.origin, {
    connect: { lookup: pinnedTo(addresses), timeout: timeoutMs, maxCachedSessions: 0 },
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: timeoutMs,
    bodyTimeout: BODY_MS,
    pipelining: 0,
  });
  try {
    // Redirects are not followed: their target was chosen by somebody else.
    const answer = await client.request({
      method: 'POST',
      path: `${url.pathname}${url.search}`,
      headers,
      body,
      signal,
    });
    return {
      statusCode: answer.statusCode,
      retryAfterMs: retryAfter(answer.headers['retry-after']),
      response: await excerpt(answer.body),
    };
  } finally {
    await client.destroy().catch(() => undefined);
  }
}

const pinnedTo =
  (addresses: readonly string[]): LookupFunction =>
  (_host, options, callback) => {
    const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all === true) return callback(null, all);
    const first = all[0] as { address: string; family: number };
    callback(null, first.address, first.family);
  };

/** The beginning of the body as text that PostgreSQL and a page can carry; the rest is never read. */
async function excerpt(body: Dispatcher.ResponseData['body']): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const late = setTimeout(() => body.destroy(new Error('late')), BODY_MS);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, RESPONSE_BYTES - bytes));
      bytes += chunk.length;
      if (bytes >= RESPONSE_BYTES) break;
    }
  } catch {
    // The status was told; what is missing of the rest is missing.
  } finally {
    clearTimeout(late);
  }
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replaceAll(/[^\P{Cc}\n\t]/gu, ' ');
  return text === '' ? null : text.toWellFormed();
}

/** Seconds or a date; anything else is no wish. */
function retryAfter(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string') return null;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

const TLS = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|EPROTO)/;
const INVALID = /^(HTTPParserError|HPE_|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES|UND_ERR_REQ_CONTENT)/;

function explain(error: unknown): Pick<TryResult, 'failure' | 'message'> {
  if (error instanceof Failure) return { failure: error.failure, message: error.message };
  const { code, name: kind } = error as { code?: unknown; name?: unknown };
  // The code only: the text of an error can repeat what the other side sent.
  const name = [code, kind].find((one) => typeof one === 'string' && /^\w{1,60}$/.test(one)) as
    string | undefined;
  if (name === undefined) return { failure: 'CONNECTION_FAILED', message: 'no connection, or it broke' };
  if (name === 'UND_ERR_CONNECT_TIMEOUT' || name === 'UND_ERR_HEADERS_TIMEOUT')
    return { failure: 'TIMEOUT', message: 'the server did not answer in time' };
  if (TLS.test(name)) return { failure: 'TLS_FAILED', message: `no secure connection (${name})` };
  if (INVALID.test(name)) return { failure: 'RESPONSE_INVALID', message: `not an HTTP answer (${name})` };
  return { failure: 'CONNECTION_FAILED', message: `no connection, or it broke (${name})` };
}
