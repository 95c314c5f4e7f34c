import type { Queryable, Statement } from '@weft/database';
import type { EntitySchema } from 'typeorm';
import type { ReferenceStore } from '../application/reference-ports.js';
import type { KnownArtifact, KnownServiceVersion, KnownTarget } from '../domain/references.js';
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
  return {
    async find(serviceVersionId, targetId, { dataArtifactId, codeArtifactId }) {
      return {
        serviceVersion: serviceVersionId === null ? null : (await version([serviceVersionId]))[0],
        target: await target(targetId),
        dataArtifact: await artifact(dataArtifactId),
        codeArtifact: await artifact(codeArtifactId),
      };
    },
    target,
    serviceVersions: async (ids) => new Map((await version(ids)).map((one) => [one.id, one])),
    keepServiceVersion: (one) => keep(KEEP_VERSION, one),
    keepTarget: (one) => keep(KEEP_TARGET, one),
    keepArtifact: (one) => keep(KEEP_ARTIFACT, one),
  };
}
