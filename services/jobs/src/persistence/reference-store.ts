import { EVERYONE } from '@weft/contracts';
import type { Queryable, Statement } from '@weft/database';
import type { EntitySchema } from 'typeorm';
import type { ReferenceStore } from '../application/reference-ports.js';
import type { KnownArtifact, KnownServiceVersion, KnownTarget } from '../domain/references.js';
import type { KnownPool } from '../domain/result-pool.js';
import { conflictList, insertList, recordType, selectList, valueList } from './columns.js';
import { KnownArtifactTable, KnownServiceVersionTable, KnownTargetTable } from './tables.js';

const byIds = (table: EntitySchema<never> | EntitySchema, name: string): Statement => ({
  name: `find-${name}`,
  text: `select ${selectList(table, 'k')} from ${name} k where k.id = any($1)`,
});

/** Later knowledge replaces earlier, whatever the order in which it arrives. */
const keepStatement = (
  table: EntitySchema<never> | EntitySchema,
  name: string,
  versioned: boolean,
): Statement => {
  const properties = Object.keys(table.options.columns);
  return {
    name: `keep-${name}`,
    text: `insert into ${name} as k (${insertList(table)})
      select ${valueList(table, 'v')} from json_to_record($1::json) as v(${recordType(table)})
      on conflict (id) do update set ${conflictList(table, properties)} ${versioned ? 'where k.seq < excluded.seq' : ''}`,
  };
};

const FIND_VERSIONS = byIds(KnownServiceVersionTable as EntitySchema, 'known_service_version');
const FIND_TARGETS = byIds(KnownTargetTable as EntitySchema, 'known_target');
const FIND_ARTIFACTS = byIds(KnownArtifactTable as EntitySchema, 'known_artifact');
const KEEP_VERSION = keepStatement(KnownServiceVersionTable as EntitySchema, 'known_service_version', true);
const KEEP_TARGET = keepStatement(KnownTargetTable as EntitySchema, 'known_target', true);
const KEEP_ARTIFACT = keepStatement(KnownArtifactTable as EntitySchema, 'known_artifact', false);

const KEEP_POOL: Statement = {
  name: 'keep-data-pool',
  text: `insert into known_data_pool as k (id, seq, organization_id, deleted, data_readers, data_writers, sealed, takes_files)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict (id) do update set seq = excluded.seq, organization_id = excluded.organization_id, deleted = excluded.deleted,
      data_readers = excluded.data_readers, data_writers = excluded.data_writers, sealed = excluded.sealed,
      takes_files = excluded.takes_files
    where k.seq < excluded.seq`,
};

const KEEP_POOL_FILE: Statement = {
  name: 'keep-data-pool-file',
  text: `insert into known_data_pool_file as k (id, seq, pool_id, name, version, artifact_id, size, sha256, removed)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict (id) do update set seq = excluded.seq, removed = excluded.removed where k.seq < excluded.seq`,
};

const FIND_POOL: Statement = {
  name: 'find-data-pool',
  text: `select sealed, takes_files as "takesFiles", data_writers as writers from known_data_pool
    where id = $1 and not deleted and (organization_id = any($2::uuid[]) or data_readers && $2::uuid[])`,
};

/** Of a name the last version that was not taken out. */
const FIND_POOL_FILE: Statement = {
  name: 'find-data-pool-file',
  text: `select f.artifact_id as id from known_data_pool p join known_data_pool_file f on f.pool_id = p.id
    where p.id = $1 and not p.deleted and (p.organization_id = $2 or p.data_readers && $3::uuid[])
      and not f.removed and (f.id = $4 or f.name = $5)
    order by f.version desc limit 1`,
};

const KEEP_DATASET_FILE: Statement = {
  name: 'keep-dataset-file',
  text: `insert into known_dataset_file as k (id, seq, organization_id, artifact_id, size, sha256, held, data_readers)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict (id) do update set seq = excluded.seq, organization_id = excluded.organization_id, held = excluded.held,
      data_readers = excluded.data_readers
    where k.seq < excluded.seq`,
};

/** What data pools and datasets say of an artifact: also of results, which nobody else tells of here. */
const FIND_SHARED: Statement = {
  name: 'find-shared-artifact',
  text: `select size, sha256, array_agg(distinct reader) as "openTo"
    from (
      select f.size, f.sha256, p.data_readers || p.organization_id as readers
      from known_data_pool_file f join known_data_pool p on p.id = f.pool_id
      where f.artifact_id = $1 and not f.removed and not p.deleted
      union all
      select size, sha256, data_readers || organization_id from known_dataset_file where artifact_id = $1 and held
    ) shared
    cross join unnest(readers) as one (reader)
    group by size, sha256 limit 1`,
};

/** The owner of what is known by data pools and datasets only. */
const UNKNOWN_OWNER = '';

/** @param learning is told that something newer is kept. */
export function createReferenceStore(tx: Queryable, learning = (): void => undefined): ReferenceStore {
  const keep = async (statement: Statement, one: object): Promise<void> => {
    learning();
    await tx.query(statement, [JSON.stringify(one)]);
  };
  const version = async (ids: readonly string[]): Promise<KnownServiceVersion[]> =>
    tx.query<KnownServiceVersion>(FIND_VERSIONS, [ids]);
  const target = async (id: string): Promise<KnownTarget | undefined> =>
    (await tx.query<KnownTarget>(FIND_TARGETS, [[id]]))[0];
  const artifact = async (id: string | null): Promise<KnownArtifact | null | undefined> =>
    id === null ? null : (await tx.query<KnownArtifact>(FIND_ARTIFACTS, [[id]]))[0];
  const shared = async (id: string | null): Promise<KnownArtifact | null | undefined> => {
    const known = await artifact(id);
    if (id === null) return null;
    const [open] = await tx.query<Omit<KnownArtifact, 'id' | 'organizationId'>>(FIND_SHARED, [id]);
    if (open === undefined) return known;
    return { organizationId: UNKNOWN_OWNER, ...open, ...known, id };
  };
  return {
    async find(serviceVersionId, targetId, { dataArtifactId, codeArtifactId }) {
      return {
        serviceVersion: serviceVersionId === null ? null : (await version([serviceVersionId]))[0],
        target: await target(targetId),
        dataArtifact: await shared(dataArtifactId),
        codeArtifact: await artifact(codeArtifactId),
      };
    },
    target,
    serviceVersions: async (ids) => new Map((await version(ids)).map((one) => [one.id, one])),
    keepServiceVersion: (one) => keep(KEEP_VERSION, one),
    keepTarget: (one) => keep(KEEP_TARGET, one),
    keepArtifact: (one) => keep(KEEP_ARTIFACT, one),
    async poolFile(organizationId, { dataPoolId, name, fileId }) {
      const readers = [organizationId, EVERYONE];
      const values = [dataPoolId, organizationId, readers, fileId, name];
      return (await tx.query<{ id: string }>(FIND_POOL_FILE, values))[0]?.id;
    },
    async pool(principals, dataPoolId) {
      return (await tx.query<KnownPool>(FIND_POOL, [dataPoolId, principals]))[0];
    },
    async keepDataPool({ dataPoolId, seq, organizationId, state, ...told }) {
      const { dataReaders, dataWriters = [], takesFiles = true } = told;
      const who = [organizationId, state === 'DELETED', dataReaders, dataWriters];
      await tx.query(KEEP_POOL, [dataPoolId, seq, ...who, state === 'SEALED', takesFiles]);
    },
    async keepDataPoolFile({ fileId, seq, dataPoolId, name, version, artifactId, size, sha256, removed }) {
      const values = [fileId, seq, dataPoolId, name, version, artifactId, size, sha256, removed];
      await tx.query(KEEP_POOL_FILE, values);
    },
    async keepDatasetFile({ itemId, seq, organizationId, artifactId, size, sha256, held, dataReaders }) {
      const values = [itemId, seq, organizationId, artifactId, size, sha256, held, dataReaders];
      await tx.query(KEEP_DATASET_FILE, values);
    },
  };
}
