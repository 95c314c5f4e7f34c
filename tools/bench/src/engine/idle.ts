import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from '../measure/bench-options.js';
import type { BenchResult } from '../measure/figures.js';
import { percentile } from '../measure/statistics.js';
import { Endings } from './contestant.js';
import { prepareGround } from './ground.js';
import { startEngine } from './systems/service.js';
import { connectWorker, overNats, startWorker } from './systems/worker.js';

const JOBS = 200;
const WARM_UP = 30;
const PAUSE_MS = 40;

/** One job on a system that does nothing else: from the call that submits to the worker that has it, over NATS. */
export async function benchIdle({ rounds = JOBS }: BenchOptions): Promise<BenchResult> {
  await using ground = await prepareGround();
  const place = await ground.place(1);
  await using engine = await startEngine(place);
  const messaging = await connectWorker(place);
  const claimedAt = new Map<string, number>();
  const endings = new Endings();
  const worker = startWorker(overNats(messaging), {
    capacity: 4,
    claimed: ({ jobId }) => claimedAt.set(jobId, performance.now()),
    ended: (id) => endings.ended(id),
  });
  const delays: number[] = [];
  const accepted: number[] = [];
  for (let job = -WARM_UP; job < rounds; job += 1) {
    const submittedAt = performance.now();
    const id = await engine.submit();
    const acceptedAt = performance.now();
    await endings.of(id);
    if (job >= 0) {
      delays.push((claimedAt.get(id) ?? Number.NaN) - submittedAt);
      accepted.push(acceptedAt - submittedAt);
    }
    claimedAt.delete(id);
    await sleep(PAUSE_MS);
  }
  await worker.stop();
  await messaging.close();
  return {
    bench: 'engine-idle',
    figures: [
      {
        name: 'submit → worker has it, p50',
        value: percentile(delays, 0.5),
        unit: 'ms',
        bound: { atMost: 5 },
      },
      {
        name: 'submit → worker has it, p99',
        value: percentile(delays, 0.99),
        unit: 'ms',
        bound: { atMost: 10 },
      },
      { name: 'of that until it is accepted, p50', value: percentile(accepted, 0.5), unit: 'ms' },
    ],
    notes: [
      `${rounds} jobs, ${PAUSE_MS} ms of nothing between them; the worker's claim is held over NATS, in the process of the engine`,
    ],
  };
}
