// What was granted for a while ends by itself. A grant that has ended is not read any more, so roles end with the moment; who is
// listed as a reader beside a node, so that no query looks grants up, is written anew here.
import type { DataPoolPorts } from './data-pool-ports.js';
import type { ItemPorts } from './item-ports.js';

const CORRELATION = 'grants-ended';

/** One at a time, so that none waits for all: an item or a pool that somebody is changing is left for the next round. */
export const endGrants =
  (items: Pick<ItemPorts, 'transact'>, pools: Pick<DataPoolPorts, 'transact'>) =>
  async (signal?: AbortSignal): Promise<void> => {
    const endItem = (): Promise<boolean> =>
      items.transact(async (tx) => {
        const item = await tx.lockOneWithEndedGrants();
        if (item === undefined) return false;
        await tx.tell(await tx.setAccess(item, item), 'ACCESS_CHANGED', CORRELATION);
        return true;
      });
    const endPool = (): Promise<boolean> =>
      pools.transact(async (tx) => {
        const pool = await tx.lockOneWithEndedGrants();
        if (pool === undefined) return false;
        await tx.tell(await tx.save(pool), 'ACCESS_CHANGED', CORRELATION);
        return true;
      });
    for (const endOne of [endItem, endPool]) while (signal?.aborted !== true && (await endOne()));
  };
