import { dataPoolChanged, dataPoolFileChanged } from '@weft/contracts';
import type { Statement, Tx } from '@weft/database';
import { appendToOutbox, outboxRow } from '@weft/outbox';
import type { DataPoolWork, JobResult } from '../application/data-pool-ports.js';
import { dataReadersOf, dataWritersOf, firstEnd, readersOf } from '../domain/access.js';
import type { DataPool, DataPoolFile } from '../domain/data-pool.js';
import { entityOfPool, mentionOfFile, userOfPool } from '../domain/data-pool-statements.js';
import { identity } from '../domain/statement.js';
import {
  FILE_COLUMNS,
  fileOfRow,
  POOL_COLUMNS,
  poolOfRow,
  type FileRow,
  type PoolRow,
} from './data-pool-rows.js';
import { knownArtifact } from './known-artifact.js';
import { isUuid, publicId } from './public-id.js';
import { writeNodes } from './statement-store.js';
import { wordsOf } from './words.js';

const POOL = `select ${POOL_COLUMNS} from data_pool p where p.id = $1`;

// Locked first and read then: who waits for the lock must see what the one before it wrote.
const LOCK: Statement = {
  name: 'data-pool-lock',
  text: `select id from data_pool where public_id = $1 and deleted_at is null and readers && $2::uuid[] for update`,
};

const LOCK_UNSEEN: Statement = {
  name: 'data-pool-lock-unseen',
  text: `select id from data_pool where public_id = $1 and deleted_at is null for update`,
};

const LOCK_ENDED: Statement = {
  name: 'data-pool-lock-ended-grants',
  text: `select id from data_pool where grants_end <= now() and deleted_at is null order by grants_end limit 1
    for update skip locked`,
};

const INSERT: Statement = {
  name: 'data-pool-insert',
  text: `insert into data_pool (public_id, organization_id, owner_id, name, description, licence, tags, grants, readers, created_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id`,
};

/** What a pool says of rights is also what provenance shows of it. */
const SAVE: Statement = {
  name: 'data-pool-save',
  text: `
    with pool as (
      update data_pool set organization_id = $2, owner_id = $3, name = $4, description = $5, licence = $6, tags = $7, grants = $8,
        readers = $9, release = $10, release_requested_by = $11, reviewer_id = $12, released_at = $13, sealed_at = $14, sealed_by = $15,
        manifest_sha256 = $16, grants_end = $17, seq = seq + 1, updated_at = now()
      where id = $1
      returning node
    ), edges as (
      update edge set organization_id = $2 from pool where edge.src = pool.node and edge.organization_id <> $2
    )
    update node set organization_id = $2, name = $4, readers = $9::uuid[], search = ${wordsOf('$4::text')}
    from pool where node.id = pool.node`,
};

const RESULT: Statement = {
  name: 'data-pool-result',
  text: `select n.facts ->> 'artifactId' as "artifactId"
    from node activity
    join edge on edge.dst = activity.id and edge.relation = 'WAS_GENERATED_BY'
    join node n on n.id = edge.src
    where activity.public_id = $1 and (n.facts ->> 'itemIndex')::integer = $2 and n.readers && $3::uuid[]
    limit 1`,
};

const ADD_FILE: Statement = {
  name: 'data-pool-add-file',
  text: `
    with before as (
      update data_pool_file set current = false where pool = $1 and name = $3 and current returning version
    )
    insert into data_pool_file (pool, id, name, version, artifact_id, node, size, sha256, media_type, format, licence, description,
      added_by, job_id, item_index)
    select $1, $2, $3, 1 + coalesce((select max(version) from data_pool_file where pool = $1 and name = $3), 0), $4,
      (select id from node where public_id = $5), $6, $7, $8, $9, $10, $11, $12, $13, $14
    from (select count(*) from before) as done
    returning id`,
};

const FILE = `select ${FILE_COLUMNS} from data_pool_file f join data_pool p on p.id = f.pool where`;

const takeOut = (which: string): string => `
  with gone as (
    update data_pool_file set current = false, removed_at = now(), removed_by = $2
    where pool = $1 and removed_at is null and ${which}
    returning *
  )
  select ${FILE_COLUMNS} from gone f join data_pool p on p.id = f.pool order by f.name, f.version`;
const TAKE_NAME = takeOut('name = $3');
const TAKE_EARLIER = takeOut('not current');

const REGISTER: Statement = {
  name: 'data-pool-register',
  text: `
    with pool as (
      update data_pool set node = (select id from node where public_id = $2) where id = $1 returning id, node, organization_id
    )
    insert into edge (src, dst, relation, role, organization_id)
    select pool.node, f.node, 'HAD_MEMBER', '', pool.organization_id
    from pool join data_pool_file f on f.pool = pool.id and f.current
    union
    select pool.node, n.id, 'WAS_ATTRIBUTED_TO', '', pool.organization_id from pool, node n where n.public_id = $3
    on conflict do nothing`,
};

/** The data pools of one transaction. */
export function dataPoolStore(tx: Tx, wake: () => void): DataPoolWork {
  const read = async (key: number): Promise<DataPool> => {
    const [row] = await tx.query<PoolRow>({ name: 'data-pool-by-key', text: POOL }, [key]);
    return poolOfRow(row as PoolRow);
  };
  const now = async (): Promise<Date> =>
    ((await tx.query<{ now: Date }>({ name: 'now', text: 'select now()' })) as [{ now: Date }])[0].now;
  const files = async (text: string, values: readonly unknown[]): Promise<DataPoolFile[]> =>
    (await tx.query<FileRow>(text, values)).map(fileOfRow);
  return {
    now,
    async nameIsTaken(organizationId, name, except) {
      await tx.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [
        `data-pools ${organizationId}`,
      ]);
      const [taken] = await tx.query(
        `select id from data_pool where organization_id = $1 and name = $2 and deleted_at is null and id is distinct from $3`,
        [organizationId, name, except?.key ?? null],
      );
      return taken !== undefined;
    },
    async countPools(organizationId) {
      const [row] = await tx.query<{ count: number }>(
        'select count(*) from data_pool where organization_id = $1 and deleted_at is null',
        [organizationId],
      );
      return (row as { count: number }).count;
    },
    async insert(pool) {
      const { id, organizationId, ownerId, name, description, licence, tags, grants, createdBy } = pool;
      const values = [id, organizationId, ownerId, name, description, licence, tags, JSON.stringify(grants)];
      const [row] = await tx.query<{ id: number }>(INSERT, [...values, readersOf(pool), createdBy]);
      return read((row as { id: number }).id);
    },
    async lock(id, principals) {
      if (!isUuid(id)) return undefined;
      const [row] = await tx.query<{ id: number }>(LOCK, [id, principals]);
      return row === undefined ? undefined : read(row.id);
    },
    async lockUnseen(id) {
      const [row] = await tx.query<{ id: number }>(LOCK_UNSEEN, [id]);
      return row === undefined ? undefined : read(row.id);
    },
    async lockOneWithEndedGrants() {
      const [row] = await tx.query<{ id: number }>(LOCK_ENDED);
      return row === undefined ? undefined : read(row.id);
    },
    async save(pool) {
      const { key, organizationId, ownerId, name, description, licence, tags, grants } = pool;
      const { release, releaseRequestedBy, reviewerId, releasedAt, sealed, manifestSha256 } = pool;
      const said = [name, description, licence, tags, JSON.stringify(grants), readersOf(pool)];
      const released = [release, releaseRequestedBy, reviewerId, releasedAt];
      const seal = [sealed?.at ?? null, sealed?.by ?? null, manifestSha256, firstEnd(grants)];
      await tx.query(SAVE, [key, organizationId, ownerId, ...said, ...released, ...seal]);
      return read(key);
    },
    async delete(pool, userId, reason) {
      await tx.query(
        'update data_pool_file set current = false, removed_at = now(), removed_by = $2 where pool = $1 and removed_at is null',
        [pool.key, userId],
      );
      await tx.query(
        `update data_pool set deleted_at = now(), deleted_by = $2, deleted_reason = $3, seq = seq + 1, updated_at = now() where id = $1`,
        [pool.key, userId, reason],
      );
      return read(pool.key);
    },
    artifact: (id) => knownArtifact(tx, id),
    async result(jobId, itemIndex, principals) {
      if (!Number.isInteger(itemIndex) || itemIndex < 0 || itemIndex >= 2 ** 31) return undefined;
      const values = [publicId(identity.job(jobId.toLowerCase())), itemIndex, principals];
      const [row] = await tx.query<Pick<JobResult, 'artifactId'>>(RESULT, values);
      return row === undefined ? undefined : { jobId: jobId.toLowerCase(), itemIndex, ...row };
    },
    async isNamed({ key }) {
      const named = await tx.query(
        `select from item_data d join item i on i.node = d.node where d.data_pool = $1 and i.withdrawn_at is null limit 1`,
        [key],
      );
      return named.length > 0;
    },
    async countFiles({ key }) {
      const [row] = await tx.query<{ count: number }>(
        'select count(*) from data_pool_file where pool = $1 and removed_at is null',
        [key],
      );
      return (row as { count: number }).count;
    },
    currentFile: async ({ key }, name) =>
      (await files(`${FILE} f.pool = $1 and f.name = $2 and f.current`, [key, name]))[0],
    currentFiles: ({ key }) => files(`${FILE} f.pool = $1 and f.current order by f.name`, [key]),
    async addFile(pool, file, artifact) {
      await writeNodes(tx, [mentionOfFile(artifact)]);
      const { id, name, artifactId, size, sha256, mediaType, format, licence, description, addedBy, source } =
        file;
      await tx.query(ADD_FILE, [
        ...[
          pool.key,
          id,
          name,
          artifactId,
          publicId(artifact.identity),
          size,
          sha256,
          mediaType,
          format,
          licence,
        ],
        ...[description, addedBy, source?.jobId ?? null, source?.itemIndex ?? null],
      ]);
      const [added] = await files(`${FILE} f.id = $1`, [id]);
      return added as DataPoolFile;
    },
    takeOut: ({ key }, what, userId) =>
      what === 'EARLIER' ? files(TAKE_EARLIER, [key, userId]) : files(TAKE_NAME, [key, userId, what.name]),
    async noteChange({ key }, { action, userId, before, after }) {
      await tx.query(
        `insert into data_pool_change (pool, number, action, user_id, before, after)
         values ($1, 1 + (select count(*) from data_pool_change where pool = $1), $2, $3, $4, $5)`,
        [key, action, userId, JSON.stringify(before), JSON.stringify(after)],
      );
    },
    async noteRelease({ key }, { action, userId, reviewerId, note }) {
      await tx.query(
        `insert into data_pool_release_event (pool, number, action, user_id, reviewer_id, note)
         values ($1, 1 + (select count(*) from data_pool_release_event where pool = $1), $2, $3, $4, $5)`,
        [key, action, userId, reviewerId, note],
      );
    },
    async register(pool, manifestSha256, userId) {
      const [entity, user] = [entityOfPool(pool, manifestSha256), userOfPool(pool, userId)];
      await writeNodes(tx, [entity, user]);
      await tx.query(REGISTER, [pool.key, publicId(entity.identity), publicId(user.identity)]);
    },
    async tell(pool, change, correlationId) {
      const { id: dataPoolId, seq, organizationId, name } = pool;
      const state = change === 'DELETED' ? 'DELETED' : pool.sealed === null ? 'OPEN' : 'SEALED';
      const news = {
        dataPoolId,
        seq,
        organizationId,
        name,
        state,
        dataReaders: dataReadersOf(pool),
        dataWriters: dataWritersOf(pool),
        takesFiles: pool.release === 'NOT_RELEASED' && pool.sealed === null,
        change,
      } as const;
      await appendToOutbox(tx, dataPoolChanged, news, await now(), correlationId);
      tx.afterCommit(wake);
    },
    async tellFiles(told, removed, correlationId) {
      if (told.length === 0) return;
      const at = await now();
      const rows = told.map((file) =>
        outboxRow(dataPoolFileChanged, newsOf(file, removed), at, correlationId),
      );
      await tx.query(
        `insert into outbox (id, subject, body) select id, subject, body::json
         from json_to_recordset($1::json) as told (id text, subject text, body text)`,
        [JSON.stringify(rows)],
      );
      tx.afterCommit(wake);
    },
  };
}

const newsOf = (
  { id, poolId, name, version, artifactId, mediaType, size, sha256 }: DataPoolFile,
  removed: boolean,
) => ({
  fileId: id,
  seq: removed ? 2 : 1,
  dataPoolId: poolId,
  ...{ name, version, artifactId, mediaType, size, sha256, removed },
});
