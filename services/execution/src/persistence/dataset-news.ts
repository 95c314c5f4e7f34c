import type { Queryable, Statement } from '@weft/database';
import type { DatasetNews } from '../application/hear-datasets.js';
import type { Content } from '../application/ports.js';
import { forgetLetGo } from './holders.js';

const KEEP: Statement = {
  name: 'keep-dataset-file',
  text: `insert into known_dataset_file as k (id, seq, organization_id, artifact_id, held, data_readers) values ($1, $2, $3, $4, $5, $6)
    on conflict (id) do update set seq = excluded.seq, organization_id = excluded.organization_id, held = excluded.held,
      data_readers = excluded.data_readers
    where k.seq < excluded.seq`,
};

export const datasetNews = (database: Queryable): DatasetNews => ({
  async keepFile({ itemId, seq, organizationId, artifactId, held, dataReaders }) {
    await database.query(KEEP, [itemId, seq, organizationId, artifactId, held, dataReaders]);
  },
  letGo: (itemId) =>
    database.query<Content>(forgetLetGo('select artifact_id from known_dataset_file where id = $1'), [
      itemId,
    ]),
});
