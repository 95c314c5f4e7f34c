import type { RunState } from './model-run-ports.js';
import type { BulkReader } from './bulk-ports.js';

/** What is kept of runs that were found by a viewer who may read them. */
export interface ModelRunReader extends BulkReader {
  runs(keys: readonly number[]): Promise<Map<number, Pick<RunState, 'removed' | 'lodged'>>>;
}
