import { randomUUID } from 'node:crypto';
import type { AttemptRef, RenewRequest } from '@weft/contracts';
import type { Logger } from '@weft/telemetry';
import type { WorkClient } from './work-client.js';

/** Keeps the leases of what runs on one target, tells progress along, and hears what was lost or cancelled. */
export interface LeaseKeeper {
  hold(attempt: AttemptRef, leaseMs: number, on: LeaseListener): Lease;
  /** A cancellation came by message: the same as hearing it at the next renewal. @param items only these. */
  cancelled(attempt: AttemptRef, items?: readonly number[]): void;
  stop(): void;
}

export interface LeaseListener {
  lost(): void;
  /** May come again and again. @param items only these; all that is left when not given. */
  cancel(items?: readonly number[]): void;
}

export interface Lease {
  progress(fraction: number, message: string | null): void;
  release(): void;
}

interface Held {
  readonly ref: AttemptRef;
  readonly on: LeaseListener;
  leaseMs: number;
  progress: { fraction: number; message: string | null } | null;
}

const MAX_BATCH = 64;
const SOON_MS = 250;
const RETRY_MS = 500;
const keyOf = ({ jobId, attempt }: AttemptRef): string => `${jobId}:${attempt}`;

export function createLeaseKeeper(client: WorkClient, targetId: string, logger: Logger): LeaseKeeper {
  const held = new Map<string, Held>();
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let renewing = false;
  let stopped = false;

  const schedule = (ms: number): void => {
    const at = Date.now() + ms;
    if (stopped || at >= dueAt) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(() => void renew(), ms);
  };

  const renewBatch = async (batch: readonly Held[]): Promise<void> => {
    const attempts: RenewRequest['attempts'] = batch.map(({ ref, progress }) => ({ ...ref, progress }));
    const reply = await client.renew(targetId, { requestId: randomUUID(), attempts });
    for (const answer of reply.attempts) {
      const one = held.get(keyOf(answer));
      if (one === undefined || one.ref.fence !== answer.fence) continue;
      one.leaseMs = answer.leaseMs;
      if (answer.standing === 'lost') one.on.lost();
      else if (answer.cancel) one.on.cancel();
      else if (answer.cancelItems !== undefined) one.on.cancel(answer.cancelItems);
    }
  };

  const renew = async (): Promise<void> => {
    dueAt = Number.POSITIVE_INFINITY;
    if (renewing || stopped) return;
    renewing = true;
    let failed = false;
    const all = [...held.values()];
    for (let from = 0; from < all.length; from += MAX_BATCH) {
      await renewBatch(all.slice(from, from + MAX_BATCH)).catch((error: unknown) => {
        failed = true;
        // Nothing is given up here: jobs lets no lease expire for time in which it could not be reached.
        logger.warn({ err: error }, 'leases not renewed; it will be tried again');
      });
    }
    renewing = false;
    if (held.size > 0)
      schedule(failed ? RETRY_MS : Math.min(...[...held.values()].map((one) => one.leaseMs)) / 3);
  };

  return {
    hold(ref, leaseMs, on) {
      const one: Held = {
        ref: { jobId: ref.jobId, attempt: ref.attempt, fence: ref.fence },
        on,
        leaseMs,
        progress: null,
      };
      held.set(keyOf(ref), one);
      schedule(leaseMs / 3);
      return {
        progress(fraction, message) {
          one.progress = { fraction, message };
          schedule(SOON_MS);
        },
        release() {
          if (held.get(keyOf(ref)) === one) held.delete(keyOf(ref));
        },
      };
    },
    cancelled(ref, items) {
      const one = held.get(keyOf(ref));
      if (one !== undefined && one.ref.fence === ref.fence) one.on.cancel(items);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
