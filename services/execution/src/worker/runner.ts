import type { ClaimedAttempt, RunEnvironment, ServiceRuntime } from '@weft/contracts';
import type { RunListener, RunOutcome } from './sandbox/run-spec.js';
import type { Capability } from './sandbox/probe.js';

/** One item's run under way. */
export interface ItemRun {
  readonly outcome: Promise<RunOutcome>;
  cancel(): void;
  kill(): void;
}

/** How a target runs an item. All runners are behind this: the sandboxed process, and the one that does nothing. */
export interface Runner {
  capability(): Promise<Capability>;
  /** Fetches what the items of the attempt have in common. Throws an AppError with the code that ends them. */
  prepare(attempt: ClaimedAttempt, signal: AbortSignal): Promise<PreparedAttempt>;
}

export interface PreparedAttempt {
  /** What its items run in; null: nothing. */
  readonly environment: RunEnvironment | null;
  start(
    item: ClaimedAttempt['items'][number],
    timeMs: number,
    listener: RunListener,
    signal: AbortSignal,
  ): Promise<ItemRun>;
  /** Lets go of what was fetched. */
  dispose(): void;
}

export const ALL_RUNTIMES: readonly ServiceRuntime[] = ['NODEJS', 'PYTHON'];
