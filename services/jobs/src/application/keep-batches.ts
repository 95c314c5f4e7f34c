import { carryOut } from './cancel-batch.js';
import type { Ports } from './ports.js';

const MOST_FOLDED = 100;
const MOST_CANCELS = 10;

/** What batches need from time to time, on any replica: steps are folded into counts, unfinished cancellations go on. */
export async function keepBatches(ports: Ports): Promise<void> {
  await ports.transact((tx) => tx.batches.fold(MOST_FOLDED));
  const unfinished = await ports.transact((tx) => tx.batches.unfinishedCancels(MOST_CANCELS));
  for (const one of unfinished) await carryOut(ports, one);
}
