import type { Queryable, Statement } from '@weft/database';
import type { DataPoolNews } from '../application/hear-data-pools.js';
import type { Content } from '../application/ports.js';
import { forgetLetGo } from './holders.js';

const KEEP_POOL: Statement = {
  name: 'keep-data-pool',
  text: `insert into known_data_pool (id, seq, organization_id, deleted, data_readers) values ($1, $2, $3, $4, $5)
    on conflict (id) do update set seq = excluded.seq, organization_id = excluded.organization_id, deleted = excluded.deleted,
      data_readers = excluded.data_readers
    where known_data_pool.seq < excluded.seq`,
};

const KEEP_FILE: Statement = {
  name: 'keep-data-pool-file',
  text: `insert into known_data_pool_file (id, seq, pool_id, artifact_id, removed) values ($1, $2, $3, $4, $5)
    on conflict (id) do update set seq = excluded.seq, removed = excluded.removed where known_data_pool_file.seq < excluded.seq`,
};

const FILES = 'select artifact_id from known_data_pool_file where';

export const dataPoolNews = (database: Queryable): DataPoolNews => ({
  async keepPool({ dataPoolId, seq, organizationId, state, dataReaders }) {
    await database.query(KEEP_POOL, [dataPoolId, seq, organizationId, state === 'DELETED', dataReaders]);
  },
  async keepFile({ fileId, seq, dataPoolId, artifactId, removed }) {
    await database.query(KEEP_FILE, [fileId, seq, dataPoolId, artifactId, removed]);
  },
  letGo: (what) =>
    'fileId' in what
      ? database.query<Content>(forgetLetGo(`${FILES} id = $1`), [what.fileId])
      : database.query<Content>(forgetLetGo(`${FILES} pool_id = $1`), [what.poolId]),
});
