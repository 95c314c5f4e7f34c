import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveSocket } from '../platform/client.js';
import { WATCH, type NoopJobs, type Watched } from '../platform/noop-jobs.js';

const SUBMITTERS = 8;
/** Of the worker: so many jobs of a minute keep all others waiting until everybody watches. */
const SLOTS = 64;
const BLOCKED_MS = 60_000;
const PATIENCE_MS = 240_000;

export interface Watching {
  /** Subscriptions that were open at the same time. */
  readonly openAtOnce: number;
  /** Jobs whose watcher saw 1, 2, … n to the final state, n at least 4. */
  readonly whole: number;
}

/** Watches many waiting jobs, lets them all run, and checks what every watcher has seen. */
export async function watchMany(
  jobs: NoopJobs,
  sockets: readonly LiveSocket[],
  many: number,
  whenAllOpen: () => void,
): Promise<Watching> {
  await inParallel(SLOTS, () => jobs.submit({ waitMs: BLOCKED_MS }));
  const ids: string[] = [];
  await inParallel(many, async () => void ids.push(await jobs.submit({})));
  let [opened, ended, openAtOnce, whole] = [0, 0, 0, 0];
  for (const [index, id] of ids.entries()) {
    const seen: number[] = [];
    let state = '';
    sockets[index % sockets.length]?.subscribe<Watched>(
      WATCH('state'),
      { id },
      {
        next({ jobChanged: { transitions, job } }) {
          if (seen.length === 0) opened += 1;
          openAtOnce = Math.max(openAtOnce, opened - ended);
          seen.push(...transitions.map(({ seq }) => seq));
          state = job.state;
        },
        complete() {
          ended += 1;
          const gapless = seen.length >= 4 && seen.every((seq, at) => seq === at + 1);
          if (gapless && state === 'SUCCEEDED') whole += 1;
        },
      },
    );
  }
  const deadline = performance.now() + PATIENCE_MS;
  let told = false;
  while (ended < many && performance.now() < deadline) {
    if (!told && opened === many) whenAllOpen();
    told ||= opened === many;
    await sleep(50);
  }
  return { openAtOnce, whole };
}

async function inParallel(count: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: SUBMITTERS }, one));
}
