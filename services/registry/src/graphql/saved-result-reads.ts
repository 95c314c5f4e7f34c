import { pageRequest } from '@weft/database';
import type { Actor } from '@weft/identity';
import DataLoader from 'dataloader';
import type { SavedResultReader } from '../application/saved-result-ports.js';
import type { SavedResult } from '../domain/saved-result.js';
import { assertMayRead, inGroups, viewerOf, type PageArguments, type Slice } from './provenance.js';

/** Reads of results on their way into data pools for one request, batched. */
export interface SavedResultReads {
  ofJob(jobId: string, page: PageArguments): Promise<Slice<SavedResult>>;
  /** Of a pool that was found. */
  ofPool(poolId: string, page: PageArguments): Promise<Slice<SavedResult>>;
}

interface Stretch {
  readonly id: string;
  readonly first: number;
  /** The place after which it begins. */
  readonly from: number | undefined;
}

export function savedResultReadsFor(actor: Actor, reader: SavedResultReader): SavedResultReads {
  const viewer = viewerOf(actor);
  const sliced = (
    read: (ids: readonly string[], stretch: Stretch) => Promise<Map<string, SavedResult[]>>,
  ): ((id: string, page: PageArguments) => Promise<Slice<SavedResult>>) => {
    const loader = new DataLoader<Stretch, SavedResult[], string>(
      inGroups(
        ({ first, from }) => JSON.stringify([first, from]),
        async (wanted, stretch) => {
          assertMayRead(actor);
          const ids = wanted.map(({ id }) => id.toLowerCase());
          const found = await read(ids, stretch);
          return ids.map((id) => found.get(id) ?? []);
        },
      ),
      { cache: false },
    );
    return async (id, page) => {
      const { first, after } = pageRequest(page.first, page.after, ['integer']);
      const rows = await loader.load({ id, first, from: after?.[0] as number | undefined });
      return { rows, first, continued: after !== undefined };
    };
  };
  return {
    ofJob: sliced((ids, { first, from }) => reader.ofJobs(viewer, ids, { first, after: from })),
    ofPool: sliced((ids, { first, from }) => reader.ofPools(ids, { first, below: from })),
  };
}
