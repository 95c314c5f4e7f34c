import type { Queryable, Tx } from '@weft/database';
import type { InsertedRun, KeptRun, ModelRunWork, RunState } from '../application/model-run-ports.js';
import type { ModelRunReader } from '../application/model-run-reader.js';
import { readersOf, rolesOf, type ItemAccess } from '../domain/access.js';
import type { NamedItem } from '../domain/model-run-rules.js';
import { activityStore } from './activity-store.js';
import { bulkStore } from './bulk-store.js';
import { nameInOrder } from './item-order.js';
import { MENTIONED } from './item-references.js';
import { grantsOf, searchVector } from './item-rows.js';
import { asInserted, grantRecords, type StoreSurroundings } from './item-store.js';
import { isUuid } from './public-id.js';
import { recordStatements } from './record-statements.js';
import { onlyRun } from './run-rows.js';

type NamedRow = Omit<NamedItem, 'isWritable'> & ItemAccess;

interface InsertedRow extends Omit<InsertedRun, 'item'> {
  readonly id: string;
  readonly key: number;
  readonly createdAt: Date;
}

// Of a dataset, who or what generated it beside its registration: another run that is registered, or what the graph knows.
const NAMED = {
  name: 'run-named',
  text: `
    select n.id as key, n.public_id as id, i.pid, n.name, n.subtype, i.record_type = 'COMPLETE' as "isComplete",
      i.withdrawn_at is not null as "isWithdrawn",
      case when n.subtype in ('MODEL_RUN_WORKFLOW_TEMPLATE', 'DATASET_TEMPLATE') then i.metadata end as metadata,
      n.organization_id as "organizationId", i.owner_id as "ownerId",
      case when n.subtype = 'DATASET' then
        ${grantsOf('n.id')} else '[]' end as grants,
      n.subtype = 'DATASET' and (
        exists (select from model_run_output o join node run on run.id = o.run
          where o.dataset = n.id and run.public_id is distinct from $4::uuid)
        or exists (select from edge e join node by on by.id = e.dst
          where e.src = n.id and e.relation = 'WAS_GENERATED_BY' and by.subtype not in ('CREATE', 'VERSION')
            and by.public_id is distinct from $4::uuid)
      ) as "isGenerated"
    from (
      select id from node where public_id = any ($1::uuid[])
      union select node from item where pid = any ($2::text[])
    ) named join node n on n.id = named.id join item i on i.node = n.id
    where n.readers && $3::uuid[]`,
};

// Items with their nodes, histories and readers, and what they say as runs: as INSERT_ITEM does it, for many. In the order of
// hashes and datasets, so that two of these seldom wait for each other.
const INSERT_RUNS = {
  name: 'runs-insert',
  text: `
    with told as (
      select * from jsonb_to_recordset($1::jsonb) as told (id uuid, pid text, organization_id uuid, name text,
        schema_version integer, metadata jsonb, owner_id uuid, keywords text, description text, rest text, mentions text[],
        readers uuid[], grants jsonb, facts jsonb, hash text, lodged integer, outputs uuid[])
    ), n as (
      insert into node (public_id, kind, subtype, organization_id, revision, name, facts, readers, registered, search)
      select id, 'ACTIVITY', 'MODEL_RUN', organization_id, 1, name,
        jsonb_build_object('startedAt', facts ->> 'startedAt', 'endedAt', facts ->> 'endedAt'), readers, true,
        ${searchVector('', { tags: `'{}'::text[]`, recordType: `'COMPLETE'` })}
      from told
      returning id as node, public_id, created_at
    ), made as (
      select n.node, n.created_at, told.* from told join n on n.public_id = told.id
    ), i as (
      insert into item (node, pid, record_type, schema_version, metadata, tags, owner_id, created_by, revision, series_id, version)
      select node, pid, 'COMPLETE', schema_version, metadata, '{}', owner_id, owner_id, 1, id, 1 from made
    ), revisions as (
      insert into item_revision (node, revision, action, user_id, name, schema_version, metadata, tags)
      select node, 1, 'CREATED', owner_id, name, schema_version, metadata, '{}' from made
    ), grants as (
      insert into item_grant (node, kind, principal_id, roles)
      select node, kind, principal_id, roles
      from made, jsonb_to_recordset(made.grants) as given (kind text, principal_id uuid, roles text[])
    ), readers as (
      insert into item_reader (principal, subtype, node, name, updated_at)
      select principal, 'MODEL_RUN', node, ${nameInOrder('name')}, created_at from made, unnest(made.readers) as reader (principal)
    ), mentioned as (
      insert into item_reference (node, target) ${MENTIONED('made')}
    ), runs as (
      insert into model_run (node, organization_id, hash, told, lodged)
      select node, organization_id, hash, facts, lodged from made order by hash
      on conflict do nothing returning node
    ), wanted as (
      select made.node, dataset.id, dataset.public_id
      from made, unnest(made.outputs) as output (id)
      cross join lateral (select id, public_id from node where public_id = output.id limit 1) dataset
    ), taken as (
      insert into model_run_output (dataset, run) select id, node from wanted order by id
      on conflict do nothing returning dataset
    )
    select made.id, made.node as key, made.created_at as "createdAt",
      exists (select from runs where runs.node = made.node) as "isFirst",
      array(select public_id from wanted
        where wanted.node = made.node and not exists (select from taken where taken.dataset = wanted.id)) as taken
    from made`,
};

const REWRITE_RUN = {
  name: 'run-rewrite',
  text: `
    with facts as (
      update node set facts = jsonb_build_object('startedAt', $3::jsonb ->> 'startedAt', 'endedAt', $3::jsonb ->> 'endedAt')
      where id = $1
    )
    update model_run set organization_id = $4, hash = $2, told = $3::jsonb where node = $1`,
};

// In the order of the datasets, so that two runs never wait for each other.
const TAKE_OUTPUTS = {
  name: 'run-take-outputs',
  text: `
    with wanted as (
      select id, public_id from node where public_id = any ($2::uuid[])
    ), given_back as (
      delete from model_run_output where run = $1 and dataset not in (select id from wanted)
    ), taken as (
      insert into model_run_output (dataset, run) select id, $1 from wanted order by id
      on conflict (dataset) do nothing returning dataset
    )
    select wanted.public_id as id from wanted
    where not exists (select from taken where taken.dataset = wanted.id)
      and not exists (select from model_run_output mine where mine.dataset = wanted.id and mine.run = $1)`,
};

const REMOVE_RUN = {
  name: 'run-remove',
  text: `
    with outputs as (delete from model_run_output where run = $1)
    update model_run set removed = true where node = $1`,
};

/** What registering runs of models reads and writes, in one transaction. */
export function modelRunStore(
  tx: Tx,
  around: StoreSurroundings,
  idOf: (identity: string) => string,
): ModelRunWork {
  return {
    ...activityStore(tx, around, idOf),
    ...recordStatements(tx),
    ...bulkStore(tx, around),
    async named(references, principals, runId) {
      const values = [references.filter(isUuid), references, principals, runId];
      const rows = await tx.query<NamedRow>(NAMED, values);
      return rows.map(({ organizationId, ownerId, grants, ...item }): NamedItem => {
        const roles = rolesOf(principals, { organizationId, ownerId, grants });
        return { ...item, isWritable: roles.has('METADATA_WRITE') };
      });
    },
    async insertRuns(runs) {
      const told = runs.map(({ item, foundBy, run: { told: facts, hash }, lodged }) => ({
        ...{ id: item.id, pid: item.pid, organization_id: item.organizationId, name: item.name },
        ...{
          schema_version: item.schemaVersion,
          metadata: item.metadata,
          owner_id: item.ownerId,
          ...foundBy,
        },
        ...{ readers: readersOf(item), grants: grantRecords(item.grants), facts, hash },
        ...{ lodged: lodged ? 1 : null, outputs: facts.outputs.map(({ datasetId }) => datasetId) },
      }));
      const rows = await tx.query<InsertedRow>(INSERT_RUNS, [JSON.stringify(told)]);
      const made = new Map(rows.map((row) => [row.id, row]));
      return runs.map(({ item }): InsertedRun => {
        const { key, createdAt, isFirst, taken } = made.get(item.id) as InsertedRow;
        return { item: asInserted(item, key, createdAt), isFirst, taken };
      });
    },
    async rewriteRun({ key, organizationId }, { told, hash }: KeptRun) {
      await onlyRun(tx.query(REWRITE_RUN, [key, hash, JSON.stringify(told), organizationId]));
    },
    async takeOutputs({ key }, datasetIds) {
      const refused = await tx.query<{ id: string }>(TAKE_OUTPUTS, [key, datasetIds]);
      return refused.map(({ id }) => id);
    },
    async runState({ key }) {
      const [row] = await tx.query<RunState>(
        { name: 'run-state', text: 'select told, removed, lodged from model_run where node = $1' },
        [key],
      );
      return row;
    },
    async removeRun({ key }) {
      await tx.query(REMOVE_RUN, [key]);
    },
    async setLodged({ key }, revision) {
      await tx.query({ name: 'run-lodged', text: 'update model_run set lodged = $2 where node = $1' }, [
        key,
        revision,
      ]);
    },
  };
}

export const runReader = (database: Queryable): Pick<ModelRunReader, 'runs'> => ({
  async runs(keys) {
    const rows = await database.query<Pick<RunState, 'removed' | 'lodged'> & { key: number }>(
      {
        name: 'runs',
        text: 'select node as key, removed, lodged from model_run where node = any ($1::bigint[])',
      },
      [keys],
    );
    return new Map(rows.map(({ key, ...run }) => [key, run]));
  },
});
