import { setTimeout as sleep } from 'node:timers/promises';
import { openSocket } from '../platform/client.js';
import type { NoopJobs } from '../platform/noop-jobs.js';

export const LINES = 10_000;
const PATIENCE_MS = 60_000;

// The same text many times over: more than the kernel's buffers between gateway and client can hold.
const TEXTS = Array.from({ length: 12 }, (_, index) => `t${index}: text`).join(' ');
const FOLLOW = `subscription ($id: ID!) { jobLogs(jobId: $id) { lines { number ${TEXTS} } } }`;

interface Lines {
  readonly jobLogs: { readonly lines: readonly { readonly number: number }[] };
}

export interface LogReader {
  /** Reads (again); the number of lines that came in order, without a gap, before nothing more came. */
  catchUp(): Promise<number>;
}

/** Follows the log of a job that writes very much; paused, it reads nothing of it. */
export async function startLogReader(
  url: string,
  token: string,
  jobs: NoopJobs,
  paused: boolean,
): Promise<LogReader> {
  const socket = await openSocket(url, token);
  const id = await jobs.submit({ logLines: LINES, waitMs: 500 });
  let inOrder = 0;
  let ended = false;
  socket.subscribe<Lines>(
    FOLLOW,
    { id },
    {
      next({ jobLogs: { lines } }) {
        for (const { number } of lines) if (number === inOrder + 1) inOrder += 1;
      },
      complete: () => (ended = true),
    },
  );
  if (paused) socket.pause();
  return {
    async catchUp() {
      if (paused) socket.resume();
      const deadline = performance.now() + PATIENCE_MS;
      while (!ended && inOrder < LINES && performance.now() < deadline) await sleep(20);
      socket.close();
      return inOrder;
    },
  };
}
