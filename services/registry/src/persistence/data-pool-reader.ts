import type { Queryable, Statement } from '@weft/database';
import type { PoolChange } from '../domain/data-pool-change.js';
import type { DataPoolReader, PoolSize, ShownFile, ShownPool } from '../application/data-pool-reader.js';
import type { ReleaseEvent } from '../domain/data-pool.js';
import {
  FILE_COLUMNS,
  fileOfRow,
  POOL_COLUMNS,
  poolOfRow,
  type FileRow,
  type PoolRow,
} from './data-pool-rows.js';
import { keyAfter } from './cursor.js';
import { isUuid } from './public-id.js';

type ShownPoolRow = PoolRow & { readonly nodeId: string | null };
type ShownFileRow = FileRow & { readonly nodeId: string };
type Of<Row, Key> = Row & { readonly origin: Key };

const POOL = `${POOL_COLUMNS}, (select public_id from node where node.id = p.node) as "nodeId"`;
const FILE = `${FILE_COLUMNS}, (select public_id from node where node.id = f.node) as "nodeId"`;

const BY_ID: Statement = {
  name: 'data-pools-by-id',
  text: `select ${POOL} from data_pool p where p.public_id = any ($1::uuid[]) and p.deleted_at is null and p.readers && $2::uuid[]`,
};

// Unnamed: planned for the filter at hand.
const LIST = `select ${POOL} from data_pool p
  where p.deleted_at is null and p.readers && $1::uuid[]
    and ($2::uuid is null or p.organization_id = $2)
    and ($3::text is null or to_tsvector('simple', p.name || ' ' || p.description) @@ websearch_to_tsquery('simple', $3))
    and ($4::text is null or $4 = any (p.tags))
    and ($5::text is null or p.release = $5)
    and ($6::boolean is null or (p.sealed_at is not null) = $6)
    and ($7::uuid is null or (p.reviewer_id = $7 and p.release = 'PENDING'))
    and ($8::bigint is null or p.id < $8)
  order by p.id desc limit $9`;

const FILES_BY_ID: Statement = {
  name: 'data-pool-files-by-id',
  text: `select ${FILE} from data_pool_file f join data_pool p on p.id = f.pool
    where f.id = any ($1::uuid[]) and f.removed_at is null and p.deleted_at is null and p.readers && $2::uuid[]`,
};

const FILES: Statement = {
  name: 'data-pool-files',
  text: `
    select origin.key as origin, listed.*
    from unnest($1::bigint[]) as origin (key)
    cross join lateral (
      select ${FILE} from data_pool_file f join data_pool p on p.id = f.pool
      where f.pool = origin.key and f.current and f.name >= $2 and starts_with(f.name, $2)
        and ($3::text is null or f.name > $3)
      order by f.name limit $4
    ) listed`,
};

const NAMED: Statement = {
  name: 'data-pool-file-named',
  text: `select ${FILE} from data_pool_file f join data_pool p on p.id = f.pool where f.pool = $1 and f.name = $2 and f.current`,
};

const VERSIONS: Statement = {
  name: 'data-pool-file-versions',
  text: `
    select origin.id as origin, listed.*
    from data_pool_file origin
    cross join lateral (
      select ${FILE} from data_pool_file f join data_pool p on p.id = f.pool
      where f.pool = origin.pool and f.name = origin.name and f.removed_at is null and ($2::integer is null or f.version < $2)
      order by f.version desc limit $3
    ) listed
    where origin.id = any ($1::uuid[])`,
};

const SIZES: Statement = {
  name: 'data-pool-sizes',
  text: `select pool as key, count(*) as files, sum(size)::bigint as bytes from data_pool_file
    where pool = any ($1::bigint[]) and current group by pool`,
};

const CHANGES: Statement = {
  name: 'data-pool-changes',
  text: `
    select origin.key as origin, listed.*
    from unnest($1::bigint[]) as origin (key)
    cross join lateral (
      select number, action, at, user_id as "userId", before, after
      from data_pool_change c
      where c.pool = origin.key and ($2::integer is null or c.number < $2)
      order by number desc limit $3
    ) listed`,
};

const RELEASES: Statement = {
  name: 'data-pool-releases',
  text: `
    select origin.key as origin, listed.*
    from unnest($1::bigint[]) as origin (key)
    cross join lateral (
      select number, action, at, user_id as "userId", reviewer_id as "reviewerId", note
      from data_pool_release_event e
      where e.pool = origin.key and ($2::integer is null or e.number < $2)
      order by number desc limit $3
    ) listed`,
};

const shownPool = ({ nodeId, ...row }: ShownPoolRow): ShownPool => ({ ...poolOfRow(row), nodeId });
const shownFile = ({ nodeId, ...row }: ShownFileRow): ShownFile => ({ ...fileOfRow(row), nodeId });

/** What readers ask of data pools. */
export const dataPoolReader = (database: Queryable): DataPoolReader => {
  const grouped = async <Row extends object, Key, Shown>(
    statement: Statement,
    values: readonly unknown[],
    show: (row: Row) => Shown,
  ): Promise<Map<Key, Shown[]>> => {
    const found = new Map<Key, Shown[]>();
    for (const { origin, ...row } of await database.query<Of<Row, Key>>(statement, values))
      found.set(origin, [...(found.get(origin) ?? []), show(row as unknown as Row)]);
    return found;
  };
  return {
    pools: async ({ principals }, ids) =>
      (await database.query<ShownPoolRow>(BY_ID, [ids.filter(isUuid), principals])).map(shownPool),
    async list({ principals }, { filter, first, after }) {
      const { organizationId, text, tag, release, sealed, reviewerId } = filter;
      if ([organizationId, reviewerId].some((id) => id !== undefined && !isUuid(id))) return [];
      const wanted = [organizationId, text, tag, release, sealed, reviewerId].map((one) => one ?? null);
      const last = await keyAfter(database, 'data_pool', principals, after);
      const rows = await database.query<ShownPoolRow>(LIST, [principals, ...wanted, last, first + 1]);
      return rows.map(shownPool);
    },
    filesById: async ({ principals }, ids) =>
      (await database.query<ShownFileRow>(FILES_BY_ID, [ids.filter(isUuid), principals])).map(shownFile),
    files: (keys, { prefix, first, after }) =>
      grouped<ShownFileRow, number, ShownFile>(FILES, [keys, prefix, after ?? null, first + 1], shownFile),
    async named(key, name) {
      const [row] = await database.query<ShownFileRow>(NAMED, [key, name]);
      return row === undefined ? undefined : shownFile(row);
    },
    versions: (fileIds, { below, first }) =>
      grouped<ShownFileRow, string, ShownFile>(VERSIONS, [fileIds, below ?? null, first + 1], shownFile),
    async sizes(keys) {
      const rows = await database.query<PoolSize & { key: number }>(SIZES, [keys]);
      return new Map(rows.map(({ key, files, bytes }) => [key, { files, bytes }]));
    },
    changeHistory: (keys, { below, first }) =>
      grouped<PoolChange, number, PoolChange>(CHANGES, [keys, below ?? null, first + 1], (change) => change),
    releaseHistory: (keys, { below, first }) =>
      grouped<ReleaseEvent, number, ReleaseEvent>(
        RELEASES,
        [keys, below ?? null, first + 1],
        (event) => event,
      ),
  };
};
