// A closed loop: so many jobs under way at a time, the next one submitted when one has ended.
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../measure/statistics.js';
import type { Contestant } from './contestant.js';

export interface LoopResult {
  readonly perSecond: number;
  /** From the call that submits to the committed end, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Jobs that ended in each whole second of the measured time. */
  readonly seconds: readonly number[];
  /** CPU time of this process per job, in milliseconds. */
  readonly cpuMs: number;
}

export interface LoopOptions {
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
  /** Told when the warm-up is over. */
  readonly measuring?: () => void;
}

export async function closedLoop(
  contestant: Pick<Contestant, 'cycle'>,
  { concurrency, warmUpMs, measuredMs, measuring }: LoopOptions,
): Promise<LoopResult> {
  const delays: number[] = [];
  const seconds = Array.from({ length: Math.floor(measuredMs / 1_000) }, () => 0);
  let from = Infinity;
  let until = Infinity;
  const loop = async (): Promise<void> => {
    for (;;) {
      const submittedAt = performance.now();
      if (submittedAt >= until) return;
      await contestant.cycle();
      const endedAt = performance.now();
      if (endedAt < from || endedAt >= until) continue;
      delays.push(endedAt - submittedAt);
      const second = Math.floor((endedAt - from) / 1_000);
      if (second < seconds.length) seconds[second] = (seconds[second] ?? 0) + 1;
    }
  };
  const loops = Promise.all(Array.from({ length: concurrency }, loop));
  await Promise.race([sleep(warmUpMs), loops]);
  measuring?.();
  const before = process.cpuUsage();
  from = performance.now();
  until = from + measuredMs;
  await Promise.race([sleep(measuredMs), loops]);
  const { user, system } = process.cpuUsage(before);
  const jobs = delays.length;
  await loops;
  return {
    perSecond: (jobs * 1_000) / measuredMs,
    p50: percentile(delays, 0.5),
    p99: percentile(delays, 0.99),
    seconds,
    cpuMs: (user + system) / 1_000 / jobs,
  };
}
