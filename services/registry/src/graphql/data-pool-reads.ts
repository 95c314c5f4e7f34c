import { pageRequest } from '@weft/database';
import type { Actor } from '@weft/identity';
import DataLoader from 'dataloader';
import type {
  DataPoolFilter,
  DataPoolReader,
  FilesRequest,
  PoolSize,
  ShownFile,
  ShownPool,
} from '../application/data-pool-reader.js';
import type { NumberedPage } from '../application/item-reader.js';
import { rolesOf, type ItemRole } from '../domain/access.js';
import type { PoolChange } from '../domain/data-pool-change.js';
import type { DataPool, ReleaseEvent } from '../domain/data-pool.js';
import { assertMayRead, inGroups, viewerOf, type PageArguments, type Slice } from './provenance.js';

/** Reads of data pools for one request, batched. */
export interface DataPoolReads {
  /** What is asked from now on is read anew. */
  forget(): void;
  pool(id: string): Promise<ShownPool | null>;
  file(id: string): Promise<ShownFile | null>;
  list(filter: DataPoolFilter, page: PageArguments): Promise<Slice<ShownPool>>;
  roles(pool: DataPool): ReadonlySet<ItemRole>;
  files(pool: DataPool, prefix: string, page: PageArguments): Promise<Slice<ShownFile>>;
  named(pool: DataPool, name: string): Promise<ShownFile | null>;
  versions(file: ShownFile, page: PageArguments): Promise<Slice<ShownFile>>;
  size(pool: DataPool): Promise<PoolSize>;
  releaseHistory(pool: DataPool, page: PageArguments): Promise<Slice<ReleaseEvent>>;
  changeHistory(pool: DataPool, page: PageArguments): Promise<Slice<PoolChange>>;
}

export function dataPoolReadsFor(actor: Actor, reader: DataPoolReader): DataPoolReads {
  const viewer = viewerOf(actor);
  const pools = new DataLoader<string, ShownPool | null>(async (ids) => {
    assertMayRead(actor);
    const found = new Map((await reader.pools(viewer, ids)).map((pool) => [pool.id, pool]));
    return ids.map((id) => found.get(id.toLowerCase()) ?? null);
  });
  const byId = new DataLoader<string, ShownFile | null>(async (ids) => {
    assertMayRead(actor);
    const found = new Map((await reader.filesById(viewer, ids)).map((file) => [file.id, file]));
    return ids.map((id) => found.get(id.toLowerCase()) ?? null);
  });
  const sizes = new DataLoader<number, PoolSize>(async (keys) => {
    const found = await reader.sizes(keys);
    return keys.map((key) => found.get(key) ?? { files: 0, bytes: 0 });
  });

  const paged: { clearAll(): unknown }[] = [];
  /** The same stretch of something that hangs on each of many. */
  const stretches = <Key, Stretch, Row>(
    read: (keys: readonly Key[], stretch: Stretch) => Promise<Map<Key, Row[]>>,
  ): ((key: Key, stretch: Stretch) => Promise<Row[]>) => {
    const cacheKeyFn = ([key, stretch]: readonly [Key, Stretch]): string => JSON.stringify([key, stretch]);
    const loader = new DataLoader<readonly [Key, Stretch], Row[], string>(
      inGroups(
        ([, stretch]) => JSON.stringify(stretch),
        async (wanted, [, stretch]) => {
          const found = await read(
            wanted.map(([key]) => key),
            stretch,
          );
          return wanted.map(([key]) => found.get(key) ?? []);
        },
      ),
      { cacheKeyFn },
    );
    paged.push(loader);
    return (key, stretch) => loader.load([key, stretch]);
  };
  const files = stretches<number, FilesRequest, ShownFile>((keys, request) => reader.files(keys, request));
  const versions = stretches<string, NumberedPage, ShownFile>((ids, page) => reader.versions(ids, page));
  const releases = stretches<number, NumberedPage, ReleaseEvent>((keys, page) =>
    reader.releaseHistory(keys, page),
  );
  const changes = stretches<number, NumberedPage, PoolChange>((keys, page) =>
    reader.changeHistory(keys, page),
  );
  const numbered = (page: PageArguments): { request: NumberedPage; continued: boolean } => {
    const { first, after } = pageRequest(page.first, page.after, ['integer']);
    return { request: { first, below: after?.[0] as number | undefined }, continued: after !== undefined };
  };

  return {
    forget() {
      for (const loader of [pools, byId, sizes, ...paged]) loader.clearAll();
    },
    pool: (id) => pools.load(id),
    file: (id) => byId.load(id),
    async list(filter, page) {
      assertMayRead(actor);
      const { first, after } = pageRequest(page.first, page.after, ['uuid']);
      const rows = await reader.list(viewer, { filter, first, after: after?.[0] as string | undefined });
      return { rows, first, continued: after !== undefined };
    },
    roles: (pool) => rolesOf(viewer.principals, pool),
    async files({ key }, prefix, page) {
      const { first, after } = pageRequest(page.first, page.after);
      const rows = await files(key, {
        prefix,
        first,
        after: after === undefined ? undefined : String(after[0]),
      });
      return { rows, first, continued: after !== undefined };
    },
    named: async ({ key }, name) => (await reader.named(key, name)) ?? null,
    async versions({ id }, page) {
      const { request, continued } = numbered(page);
      return { rows: await versions(id, request), first: request.first, continued };
    },
    size: ({ key }) => sizes.load(key),
    async changeHistory({ key }, page) {
      const { request, continued } = numbered(page);
      return { rows: await changes(key, request), first: request.first, continued };
    },
    async releaseHistory({ key }, page) {
      const { request, continued } = numbered(page);
      return { rows: await releases(key, request), first: request.first, continued };
    },
  };
}
