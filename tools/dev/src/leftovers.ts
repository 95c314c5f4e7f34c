import { endProcesses, isRunning, processesMarked } from '@weft/embedded';
import { markOf } from './node-child.js';
import { readRunFile, removeRunFile } from './run-file.js';

const GRACE_MS = 3_000;

/**
 * Ends what a killed supervisor left behind: every process that carries the mark of this data folder. (PostgreSQL is
 * found by its own pid file when it is started.) Returns how many there were.
 */
export async function endLeftovers(dataDir: string): Promise<number> {
  const marked = processesMarked(markOf(dataDir));
  await endProcesses(marked, 'SIGTERM', GRACE_MS);
  removeRunFile(dataDir);
  return marked.length;
}

/** What a second start is told. */
export function describeRunning(dataDir: string, pid: number): string {
  const run = readRunFile(dataDir);
  const where = run !== undefined && isRunning(run.supervisor.pid) ? ` at ${run.url}` : '';
  return (
    `Weft already runs with the data in ${dataDir}: process ${pid}${where}. ` +
    `Stop it first (kill ${pid}), or start another with its own WEFT_DATA_DIR and PORT.`
  );
}
