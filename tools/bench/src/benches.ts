import { benchBatch } from './batch/bench.js';
import { benchGateway } from './gateway/bench.js';
import { benchList } from './list/bench.js';
import type { BenchResult } from './measure/figures.js';
import { benchPush } from './push/bench.js';
import { benchStart } from './start/bench.js';
import { benchSubscribers } from './subscribers/bench.js';

/** Every bench by the name under which it is asked for. */
export const BENCHES: Readonly<Record<string, () => Promise<BenchResult>>> = {
  start: benchStart,
  push: benchPush,
  subscribers: benchSubscribers,
  gateway: benchGateway,
  list: benchList,
  batch: benchBatch,
};
