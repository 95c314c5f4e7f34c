import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveSocket } from '../platform/client.js';
import { WATCH, type NoopJobs, type Watched } from '../platform/noop-jobs.js';

/** Long enough for the watcher to be there before the end. */
const RUNS_MS = 200;

export interface Pushes {
  /** From the end of each job in the worker to its client's receipt of SUCCEEDED, in milliseconds. */
  readonly delays: number[];
  /** Jobs that were watched too late, and say nothing about pushing. */
  late: number;
}

export interface OpenLoop {
  readonly perSecond: number;
  readonly seconds: number;
  /** What is selected of the job at every push. */
  readonly selection: string;
}

/** Submits no-op jobs at a steady pace, whatever becomes of them, and watches each of them to its end. */
export async function openLoop(jobs: NoopJobs, socket: LiveSocket, loop: OpenLoop): Promise<Pushes> {
  const pushes: Pushes = { delays: [], late: 0 };
  const all: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let n = 0; n < loop.seconds * loop.perSecond; n += 1) {
    const due = startedAt + (n * 1_000) / loop.perSecond;
    await sleep(Math.max(0, due - performance.now()));
    all.push(oneJob(jobs, socket, loop.selection, pushes));
  }
  await Promise.all(all);
  return pushes;
}

async function oneJob(jobs: NoopJobs, socket: LiveSocket, selection: string, pushes: Pushes): Promise<void> {
  const id = await jobs.submit({ waitMs: RUNS_MS });
  await new Promise<void>((complete) => {
    let opened = false;
    const next = ({ jobChanged: { job } }: Watched, at: number): void => {
      if (job.state !== 'SUCCEEDED') opened = true;
      else if (!opened) pushes.late += 1;
      else if (job.result !== null) pushes.delays.push(at - job.result.endedAt);
    };
    socket.subscribe<Watched>(WATCH(selection), { id }, { next, complete });
  });
}
