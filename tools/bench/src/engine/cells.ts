// Runs cells: a system, a concurrency, a process and a database of their own.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Cell, CellNews } from './cell-main.js';
import type { LoopResult } from './closed-loop.js';
import type { Ground } from './ground.js';

export interface CellResult extends LoopResult {
  /** CPU time of PostgreSQL per job, in milliseconds. */
  readonly postgresCpuMs: number;
}

export async function runCell(
  ground: Ground,
  { concurrency, ...cell }: Omit<Cell, 'place'> & { readonly concurrency: number },
): Promise<CellResult> {
  const place = await ground.place(concurrency);
  try {
    let before = 0;
    let after = 0;
    const result = await inChild({ ...cell, place }, (news) => {
      if ('measuring' in news) before = ground.postgresCpuMs();
      else after = ground.postgresCpuMs();
    });
    const jobs = (result.perSecond * cell.measuredMs) / 1_000;
    return { ...result, postgresCpuMs: (after - before) / jobs };
  } finally {
    await ground.drop(place);
  }
}

function inChild(cell: Cell, heard: (news: CellNews) => void): Promise<LoopResult> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'cell-main.js'), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    let result: LoopResult | undefined;
    child.on('message', (news: CellNews) => {
      heard(news);
      if ('measuring' in news) return;
      result = news.result;
      child.send({ seen: true });
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (result !== undefined && code === 0) resolve(result);
      else reject(new Error(`${cell.system} ended with ${signal ?? `code ${code}`}`));
    });
    child.send(cell);
  });
}
