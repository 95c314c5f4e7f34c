import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLAIM_HOLD_MS, claimPart, OPEN_CLAIMS, type ClaimedAttempt } from '@weft/contracts';
import type { Logger } from '@weft/telemetry';
import { createBackoff } from './backoff.js';
import type { WorkClient } from './work-client.js';

/** One claimed slice on this worker, from claim to answered report. */
export interface AttemptRun {
  readonly finished: Promise<void>;
  /** Ends what runs and gives back what is not finished. */
  giveBack(): void;
}

export interface TargetLoopOptions {
  readonly targetId: string;
  readonly capacity: number;
  readonly client: WorkClient;
  /** Whether this worker can run anything of the target now. */
  readonly usable: () => boolean;
  readonly start: (attempt: ClaimedAttempt) => AttemptRun;
  readonly logger: Logger;
}

/** Claims work of one target whenever there is room for it. */
export interface TargetLoop {
  readonly running: () => number;
  /** Claims no more, waits for what runs, and gives back what does not finish within the grace. */
  drain(graceMs: number): Promise<void>;
}

const IDLE_MS = 500;
/** After the grace: for the last claim to be answered and given back. What is not answered stays on disk. */
const LAST_WORDS_MS = CLAIM_HOLD_MS + 500;

export function startTargetLoop({
  targetId,
  capacity,
  client,
  usable,
  start,
  logger,
}: TargetLoopOptions): TargetLoop {
  const runs = new Map<AttemptRun, Promise<void>>();
  const draining = new AbortController();
  /** Attempts that open claims ask for. */
  let asked = 0;
  let waitingForRoom: (() => void)[] = [];
  const tellRoom = (): void => {
    const told = waitingForRoom;
    waitingForRoom = [];
    for (const one of told) one();
  };
  draining.signal.addEventListener('abort', tellRoom);

  const accept = (attempt: ClaimedAttempt): void => {
    const run = start(attempt);
    if (draining.signal.aborted) run.giveBack();
    runs.set(
      run,
      run.finished.finally(() => {
        runs.delete(run);
        tellRoom();
      }),
    );
  };

  const claim = async (requestId: string, part: number, fresh: boolean): Promise<void> => {
    const { attempts } = await client.claim(targetId, {
      requestId,
      capacity: part,
      holdMs: CLAIM_HOLD_MS,
      start: true,
      fresh,
    });
    asked -= part;
    for (const attempt of attempts) accept(attempt);
    tellRoom();
  };

  const loop = async (): Promise<void> => {
    const backoff = createBackoff();
    const idle = createBackoff(IDLE_MS, IDLE_MS);
    // An unanswered claim may have been served: asking again under the same id gives the same slices.
    let requestId = randomUUID();
    let part = 0;
    let unanswered = false;
    while (!draining.signal.aborted || unanswered) {
      if (!usable() && !unanswered) {
        await idle.wait(draining.signal);
        continue;
      }
      if (!unanswered) {
        part = claimPart({ capacity, running: runs.size, asked });
        if (part === 0) {
          await new Promise<void>((resolve) => waitingForRoom.push(resolve));
          continue;
        }
        asked += part;
      }
      try {
        await claim(requestId, part, !unanswered);
        requestId = randomUUID();
        unanswered = false;
        backoff.reset();
      } catch (error) {
        logger.debug({ err: error, targetId }, 'no answer to a claim; it is asked again');
        unanswered = !draining.signal.aborted;
        await backoff.wait(draining.signal);
      }
    }
  };

  const looping = Promise.all(Array.from({ length: Math.min(OPEN_CLAIMS, capacity) }, loop));
  return {
    running: () => runs.size,
    async drain(graceMs) {
      draining.abort();
      await within(graceMs, Promise.all(runs.values()));
      runs.forEach((_finished, run) => run.giveBack());
      await within(
        LAST_WORDS_MS,
        looping.then(() => Promise.all(runs.values())),
      );
    },
  };
}

const within = (ms: number, work: Promise<unknown>): Promise<unknown> =>
  Promise.race([work, sleep(ms, undefined, { ref: false })]);
