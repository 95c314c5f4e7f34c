// One cell of the comparison in a process of its own: a system on a fresh database, in a closed loop.
import { once } from 'node:events';
import { closedLoop, type LoopResult } from './closed-loop.js';
import type { Place } from './contestant.js';
import { SYSTEMS, type SystemName } from './systems/index.js';

export interface Cell {
  readonly system: SystemName;
  readonly place: Place;
  readonly warmUpMs: number;
  readonly measuredMs: number;
}

export type CellNews = { readonly measuring: true } | { readonly result: LoopResult };

process.once('message', (cell: Cell) => {
  void run(cell);
});

async function run({ system, place, warmUpMs, measuredMs }: Cell): Promise<void> {
  const contestant = await SYSTEMS[system](place);
  const tell = (news: CellNews): void => void process.send?.(news);
  const result = await closedLoop(contestant, {
    concurrency: place.concurrency,
    warmUpMs,
    measuredMs,
    measuring: () => tell({ measuring: true }),
  });
  // Not before the parent has looked at the server: connections that close take their times with them.
  const seen = once(process, 'message');
  tell({ result });
  await seen;
  await contestant[Symbol.asyncDispose]();
  process.disconnect();
}
