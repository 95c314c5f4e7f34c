import type { Queryable } from '@weft/database';
import type { CurrentDefinition, DefinitionStore } from '../application/definition-ports.js';
import type { DefinitionVersion, JobDefinition } from '../domain/definition/definition.js';
import { insertList, recordType, selectList, unprefixed, valueList } from './columns.js';
import {
  DefinitionVersionTable,
  JobDefinitionTable,
  type DefinitionVersionRow,
} from './definition-tables.js';
import { UUID } from './job-store.js';

const CURRENT = `select ${selectList(JobDefinitionTable, 'd', 'd.')}, ${selectList(DefinitionVersionTable, 'v', 'v.')}
  from job_definition d join job_definition_version v on v.definition_id = d.id and v.version = d.version`;

const INSERT_VERSION = `insert into job_definition_version (${insertList(DefinitionVersionTable)})
  select ${valueList(DefinitionVersionTable, 'r')} from json_to_record($1::json) as r(${recordType(DefinitionVersionTable)})`;

export function createDefinitionStore(tx: Queryable): DefinitionStore {
  const one = async (
    name: string,
    condition: string,
    values: readonly unknown[],
  ): Promise<CurrentDefinition | undefined> => {
    const [row] = await tx.query({ name, text: `${CURRENT} where ${condition}` }, values);
    if (row === undefined) return undefined;
    return {
      definition: unprefixed<JobDefinition>(row, 'd.'),
      current: versionOf(unprefixed<DefinitionVersionRow>(row, 'v.')),
    };
  };
  /** The row first: read in one statement with its lock, the version would be that of before the wait. */
  const lock = async (id: string): Promise<CurrentDefinition | undefined> => {
    await tx.query('select 1 from job_definition where id = $1 for update', [id]);
    return one('current-definition', 'd.id = $1', [id]);
  };
  const insertVersion = async (version: DefinitionVersion): Promise<void> =>
    void (await tx.query({ name: 'insert-definition-version', text: INSERT_VERSION }, [
      JSON.stringify(versionRow(version)),
    ]));

  return {
    current: async (id) => (UUID.test(id) ? one('current-definition', 'd.id = $1', [id]) : undefined),
    lock: async (id) => (UUID.test(id) ? lock(id) : undefined),
    async lockName(organizationId, name) {
      await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
        `definition ${organizationId} ${name}`,
      ]);
      const [found] = await tx.query<{ id: string }>(
        'select id from job_definition where organization_id = $1 and name = $2 and deleted_at is null',
        [organizationId, name],
      );
      return found === undefined ? undefined : lock(found.id);
    },
    async insert(definition, first) {
      await tx.query(
        `insert into job_definition (${insertList(JobDefinitionTable)})
          select ${valueList(JobDefinitionTable, 'r')} from json_to_record($1::json) as r(${recordType(JobDefinitionTable)})`,
        [JSON.stringify(definition)],
      );
      await insertVersion(first);
    },
    async addVersion(version) {
      await insertVersion(version);
      await tx.query('update job_definition set name = $2, version = $3, updated_at = $4 where id = $1', [
        version.definitionId,
        version.name,
        version.version,
        version.createdAt,
      ]);
    },
    async transfer(id, organizationId, runsAs, at) {
      await tx.query('update job_definition set organization_id = $2, updated_at = $3 where id = $1', [
        id,
        organizationId,
        at,
      ]);
      await tx.query(
        'update schedule set organization_id = $2, runs_as = $3, updated_at = $4 where definition_id = $1',
        [id, organizationId, runsAs, at],
      );
    },
    async delete(id, at) {
      await tx.query('update job_definition set deleted_at = $2, updated_at = $2 where id = $1', [id, at]);
      await tx.query(
        `update schedule set paused_at = $2, pause_reason = 'DEFINITION_DELETED', next_run_at = null
          where definition_id = $1 and paused_at is null`,
        [id, at],
      );
    },
  };
}

const versionOf = ({
  data,
  params,
  command,
  template,
  ...rest
}: DefinitionVersionRow): DefinitionVersion => ({
  ...rest,
  template: { ...template, data, params, command },
});

function versionRow({ template, ...rest }: DefinitionVersion): DefinitionVersionRow {
  const { data, params, command, ...small } = template;
  return { ...rest, template: small, data, params, command };
}
