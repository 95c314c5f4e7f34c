import { benchBatch } from './batch/bench.js';
import { benchEngine } from './engine/bench.js';
import { benchFlat } from './engine/flat.js';
import { benchIdle } from './engine/idle.js';
import { benchSnapshot } from './engine/snapshot.js';
import { benchGateway } from './gateway/bench.js';
import { benchItem } from './item/bench.js';
import { benchLineage } from './lineage/bench.js';
import { benchList } from './list/bench.js';
import type { BenchOptions } from './measure/bench-options.js';
import type { BenchResult } from './measure/figures.js';
import { benchModelRuns } from './model-runs/bench.js';
import { benchPush } from './push/bench.js';
import { benchStart } from './start/bench.js';
import { benchSubscribers } from './subscribers/bench.js';

/** Every bench by the name under which it is asked for. */
export const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<BenchResult>>> = {
  start: benchStart,
  push: benchPush,
  subscribers: benchSubscribers,
  gateway: benchGateway,
  engine: benchEngine,
  'engine-idle': benchIdle,
  'engine-flat': benchFlat,
  'engine-snapshot': benchSnapshot,
  list: benchList,
  lineage: benchLineage,
  batch: benchBatch,
  item: benchItem,
  'model-runs': benchModelRuns,
};
