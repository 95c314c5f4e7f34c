// Telling a registrar of persistent identifiers about ours: what can go wrong, and when it is tried again.

/**
 * UNAVAILABLE: the registrar cannot be reached or failed itself. BUSY: it asks to go slower. SETUP: it does not take us for who
 * we are (credentials, prefix, address), which concerns every identifier. REFUSED: it does not take this one as it is.
 */
export type PidFailureKind = 'UNAVAILABLE' | 'BUSY' | 'SETUP' | 'REFUSED';

export class PidFailure extends Error {
  override readonly name = 'PidFailure';

  constructor(
    readonly kind: PidFailureKind,
    message: string,
    /** How long the registrar asks to be left alone. */
    readonly retryAfterMs: number | undefined = undefined,
  ) {
    super(message);
  }
}

export interface PidRetryPolicy {
  /** Tries of one wish, the first included. */
  readonly tries: number;
  /** Wait after the first; four times as long after each. */
  readonly backoffMs: number;
}

export interface PidVerdict {
  /** Undefined: given up, until there is a new wish or the service starts anew. */
  readonly waitMs: number | undefined;
  /** Whether the try counts: it does not where the registrar has not looked at it. */
  readonly counts: boolean;
  /** Nothing else is told for so long. */
  readonly pauseMs: number;
}

export const PID_RETRY: PidRetryPolicy = { tries: 12, backoffMs: 5_000 };

const GROWTH = 4;
const JITTER = 0.2;
const LONGEST_WAIT_MS = 6 * 3_600_000;
const BUSY_PAUSE_MS = 60_000;
const SETUP_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

const pauseOf = (ms: number): number => Math.min(Math.max(ms, 1_000), LONGEST_PAUSE_MS);

/**
 * @param tried tries of this wish so far, this one included.
 * @param pauses how often in a row everything had to pause before this.
 * @param random in [0, 1)
 */
export function judgePublication(
  failure: Pick<PidFailure, 'kind' | 'retryAfterMs'>,
  tried: number,
  policy: PidRetryPolicy,
  pauses: number,
  random: number,
): PidVerdict {
  const { kind, retryAfterMs = 0 } = failure;
  if (kind === 'REFUSED') return { waitMs: undefined, counts: true, pauseMs: 0 };
  if (kind === 'BUSY') {
    const pauseMs = pauseOf(retryAfterMs > 0 ? retryAfterMs : BUSY_PAUSE_MS);
    return { waitMs: pauseMs, counts: false, pauseMs };
  }
  const pauseMs = kind === 'SETUP' ? pauseOf(SETUP_PAUSE_MS * 2 ** Math.min(pauses, 10)) : 0;
  if (tried >= policy.tries) return { waitMs: undefined, counts: true, pauseMs };
  const plain = policy.backoffMs * GROWTH ** Math.min(tried - 1, 20);
  const jittered = plain * (1 - JITTER + 2 * JITTER * random);
  const waitMs = Math.round(Math.min(Math.max(jittered, retryAfterMs), LONGEST_WAIT_MS));
  return { waitMs, counts: true, pauseMs };
}
