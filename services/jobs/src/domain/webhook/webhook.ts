// A webhook of a job: one signed message when the job becomes final, tried until somebody took it or it is given up.
export const WEBHOOK_STATES = ['WAITING', 'PENDING', 'DELIVERED', 'DISABLED', 'DEAD'] as const;
export type WebhookState = (typeof WEBHOOK_STATES)[number];

export const TRY_FAILURES = [
  'HTTP_STATUS',
  'REDIRECTED',
  'TIMEOUT',
  'ADDRESS_REFUSED',
  'HOST_UNRESOLVED',
  'CONNECTION_FAILED',
  'TLS_FAILED',
  'RESPONSE_INVALID',
  'SECRET_UNREADABLE',
  'INTERRUPTED',
] as const;
/** Why a try delivered nothing. */
export type TryFailure = (typeof TRY_FAILURES)[number];

/** What the submitter asks for. */
export interface WebhookRequest {
  readonly url: string;
  /** `whsec_…`; null: one is made and shown once. */
  readonly secret: string | null;
}

/** What came of one try; a status when there was an answer, a failure when it was none of success. */
export interface TryResult {
  readonly statusCode: number | null;
  readonly failure: TryFailure | null;
  /** For people. */
  readonly message: string | null;
  /** The first {@link RESPONSE_BYTES} of the answer's body as text. */
  readonly response: string | null;
  readonly durationMs: number;
  /** How long the receiver asks to be left alone. */
  readonly retryAfterMs: number | null;
}

export interface RetryPolicy {
  /** Tries of one round, the first included. */
  readonly tries: number;
  /** Wait after the first; {@link GROWTH} times as long after each. */
  readonly backoffMs: number;
}

export const RESPONSE_BYTES = 1024;
/** However often a person asks to deliver it again. */
export const MAX_TRIES_EVER = 100;
const GROWTH = 4;
const JITTER = 0.2;
const LONGEST_WAIT_MS = 24 * 3_600_000;

export type Verdict =
  | { readonly state: 'DELIVERED' | 'DISABLED' | 'DEAD' }
  | { readonly state: 'PENDING'; readonly waitMs: number };

/** The failure that a status means, if any. */
export function failureOf(statusCode: number): TryFailure | null {
  if (statusCode >= 200 && statusCode < 300) return null;
  return statusCode >= 300 && statusCode < 400 ? 'REDIRECTED' : 'HTTP_STATUS';
}

/**
 * What becomes of the message after a try.
 * @param tried tries of this round so far, this one included.
 * @param random in [0, 1)
 */
export function judgeTry(result: TryResult, tried: number, policy: RetryPolicy, random: number): Verdict {
  if (result.failure === null) return { state: 'DELIVERED' };
  if (result.statusCode === 410) return { state: 'DISABLED' };
  if (tried >= policy.tries) return { state: 'DEAD' };
  const plain = policy.backoffMs * GROWTH ** (tried - 1);
  // Receivers that were down together are not all called again in the same second.
  const jittered = plain * (1 - JITTER + 2 * JITTER * random);
  const waitMs = Math.round(Math.min(Math.max(jittered, result.retryAfterMs ?? 0), LONGEST_WAIT_MS));
  return { state: 'PENDING', waitMs };
}
