import type { ServiceRuntime } from '@weft/contracts';
import type { TargetStanding } from './target.js';

/** The last word of one worker about one target. */
export interface Beat {
  readonly workerId: string;
  readonly at: Date;
  readonly usable: boolean;
  readonly problem: string | null;
  readonly runtimes: readonly ServiceRuntime[];
}

/** Without a word for this long a worker counts as gone. */
export const BEAT_TIMEOUT_MS = 15_000;

/**
 * What the workers of a target make of it: available when one can run it fully, degraded when only with something
 * missing or weaker, unavailable when none can or none is there.
 */
export function judgeTarget(
  beats: readonly Beat[],
  now: Date,
  lastRuntimes: readonly ServiceRuntime[],
): TargetStanding {
  const alive = beats.filter((beat) => now.getTime() - beat.at.getTime() <= BEAT_TIMEOUT_MS);
  const usable = alive.filter((beat) => beat.usable);
  if (usable.length === 0) {
    const statusReason =
      alive.map((beat) => beat.problem).find((problem) => problem !== null) ??
      'No worker serves this target at the moment.';
    return { status: 'UNAVAILABLE', statusReason, runtimes: lastRuntimes };
  }
  const runtimes = [...new Set(usable.flatMap((beat) => beat.runtimes))].sort();
  const well = usable.some((beat) => beat.problem === null);
  return well
    ? { status: 'AVAILABLE', statusReason: null, runtimes }
    : { status: 'DEGRADED', statusReason: usable[0]?.problem ?? null, runtimes };
}
