// One part of the system, kept running: a crash is answered by a restart after a growing pause.
import type { ProcessExit, RunningProcess } from '@weft/embedded';

export interface Part {
  readonly name: string;
  /** Starts it anew, with the same address as before. `first` is false for a restart. */
  start(first: boolean): Promise<RunningProcess>;
  /** Whether it serves now; asked until it does. */
  isReady(): Promise<boolean>;
}

export interface Crash {
  readonly part: string;
  readonly reason: string;
  /** How many times in a row, counting this one. */
  readonly failures: number;
  readonly pauseMs: number;
  readonly wasReady: boolean;
}

export interface PartEvents {
  /** It has another process now, or none. */
  changed(): void;
  crashed(crash: Crash): void;
  /** It serves, for the first time or again. */
  ready(part: string, again: boolean): void;
}

export interface KeptPart {
  readonly name: string;
  pid(): number | undefined;
  /** Resolves when it serves for the first time; never rejects. */
  readonly firstReady: Promise<void>;
  /** Ends it for good. */
  stop(graceMs: number): Promise<void>;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** After running this long a crash counts as the first again. */
const HEALTHY_MS = 30_000;
const PROBE_MS = 50;

/** 100 ms, 200 ms … 5 s. */
export const pauseAfter = (failures: number, longestMs = LONGEST_PAUSE_MS): number =>
  Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10), longestMs);

export function keepRunning(part: Part, events: PartEvents, longestPauseMs?: number): KeptPart {
  const stopping = new AbortController();
  let current: RunningProcess | undefined;
  let failures = 0;
  let served = false;
  let announce: () => void = () => undefined;
  const firstReady = new Promise<void>((resolve) => {
    announce = resolve;
  });

  const runOnce = async (first: boolean): Promise<{ reason: string; wasReady: boolean }> => {
    const startedAt = performance.now();
    const ending = new AbortController();
    let wasReady = false;
    try {
      current = await part.start(first);
      events.changed();
      if (stopping.signal.aborted) return { reason: 'stopped', wasReady };
      void probe(part, ending.signal).then((ready) => {
        if (!ready) return;
        wasReady = true;
        events.ready(part.name, served);
        served = true;
        announce();
      });
      const exit = await current.exited;
      return { reason: describeExit(exit), wasReady };
    } catch (error) {
      return { reason: (error as Error).message, wasReady };
    } finally {
      ending.abort();
      if (performance.now() - startedAt >= HEALTHY_MS) failures = 0;
    }
  };

  const loop = async (): Promise<void> => {
    for (let first = true; !stopping.signal.aborted; first = false) {
      const { reason, wasReady } = await runOnce(first);
      if (stopping.signal.aborted) return;
      // Nothing of its process group may keep the address that the next one needs.
      await current?.stop(0);
      current = undefined;
      failures++;
      const pauseMs = pauseAfter(failures, longestPauseMs);
      events.crashed({ part: part.name, reason, failures, pauseMs, wasReady });
      events.changed();
      await pause(pauseMs, stopping.signal);
    }
  };
  const finished = loop();

  return {
    name: part.name,
    pid: () => current?.pid,
    firstReady,
    async stop(graceMs) {
      stopping.abort();
      // While it is being started it cannot be told to stop yet: its start ends first.
      while (current === undefined && !(await settled(finished))) await pause(PROBE_MS);
      await current?.stop(graceMs);
      await finished;
      current = undefined;
    },
  };
}

async function probe(part: Part, ended: AbortSignal): Promise<boolean> {
  while (!ended.aborted) {
    if (await part.isReady().catch(() => false)) return !ended.aborted;
    await pause(PROBE_MS, ended);
  }
  return false;
}

const describeExit = ({ code, signal }: ProcessExit): string =>
  signal === null ? `ended with code ${code}` : `was ended by ${signal}`;

const settled = (promise: Promise<void>): Promise<boolean> =>
  Promise.race([
    promise.then(() => true),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
  ]);

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
