import { pageOf, type Queryable } from '@weft/database';
import { organizationIds, type Actor } from '@weft/identity';
import type { EntitySchema } from 'typeorm';
import type { DefinitionVersionView, StoredReaders } from '../application/definition-reader.js';
import type { PageAt } from '../application/job-reader.js';
import type { DefinitionValues, DefinitionVersion, JobDefinition } from '../domain/definition/definition.js';
import type { Schedule, Slot } from '../domain/schedule/schedule.js';
import { selectList } from './columns.js';
import {
  DefinitionVersionViewTable,
  JobDefinitionTable,
  ScheduleTable,
  SlotTable,
} from './definition-tables.js';
import { UUID } from './job-store.js';

const uuids = (ids: readonly string[]): string[] => ids.filter((id) => UUID.test(id));
const DEFINITION = selectList(JobDefinitionTable, 't');
const VERSION = selectList(DefinitionVersionViewTable, 't');
const SCHEDULE = selectList(ScheduleTable, 't');
const SLOT = selectList(SlotTable, 't');

const organizationsOf = (actor: Actor, wanted: string | undefined): string[] =>
  organizationIds(actor).filter((id) => wanted === undefined || id === wanted);

export function createStoredReaders(database: Queryable): StoredReaders {
  const inOrder = <Row extends { readonly id: string }>(
    ids: readonly string[],
    rows: readonly Row[],
  ): (Row | undefined)[] => {
    const found = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => found.get(id));
  };
  const byIds = async <Row extends { readonly id: string }>(
    table: EntitySchema<Row>,
    actor: Actor,
    ids: readonly string[],
  ): Promise<(Row | undefined)[]> => {
    const text = `select ${selectList(table as EntitySchema, 't')} from ${table.options.tableName} t
      where t.id = any($1) and t.organization_id = any($2)`;
    const name = `${table.options.tableName}-by-ids`;
    return inOrder(ids, await database.query<Row>({ name, text }, [uuids(ids), organizationIds(actor)]));
  };
  /** A page of what meets the condition, the latest first. `$1` and `$2` are where the page begins, `$3` its length. */
  const latest = async <Row extends object>(
    select: string,
    condition: string,
    { after, first }: PageAt,
    values: readonly unknown[],
  ) => {
    const text = `select ${select} where ($1::timestamptz is null or (t.created_at, t.id) < ($1, $2::uuid)) and ${condition}
      order by t.created_at desc, t.id desc limit $3`;
    const [time = null, id = null] = after ?? [];
    return pageOf(await database.query<Row>(text, [time, id, first + 1, ...values]), first);
  };

  const versionsByKeys = async <Row extends object>(
    what: string,
    select: string,
    keys: readonly string[],
  ): Promise<(Row | undefined)[]> => {
    const rows = await database.query<Row & Pick<DefinitionVersion, 'definitionId' | 'version'>>(
      {
        name: `definition-version-${what}`,
        text: `select ${select} from unnest($1::uuid[], $2::int[]) k(id, version)
          join job_definition_version t on t.definition_id = k.id and t.version = k.version`,
      },
      [keys.map((key) => key.split(':')[0]), keys.map((key) => Number(key.split(':')[1]))],
    );
    const found = new Map(rows.map((row) => [`${row.definitionId}:${row.version}`, row]));
    return keys.map((key) => found.get(key));
  };

  return {
    definitions: {
      byIds: (actor, ids) => byIds(JobDefinitionTable, actor, ids),
      list: (actor, { organizationId, name }, page) =>
        latest<JobDefinition>(
          `${DEFINITION} from job_definition t`,
          `t.organization_id = any($4) and t.deleted_at is null and ($5::text is null or t.name = $5)`,
          page,
          [organizationsOf(actor, organizationId), name ?? null],
        ),
      versionsByKeys: (keys) => versionsByKeys<DefinitionVersionView>('views', VERSION, keys),
      valuesByKeys: (keys) =>
        versionsByKeys<DefinitionValues>(
          'values',
          't.definition_id as "definitionId", t.version, t.data, t.params, t.command',
          keys,
        ),
      async versions(definitionId, before, first) {
        const rows = await database.query<DefinitionVersionView>(
          `select ${VERSION} from job_definition_version t
            where t.definition_id = $1 and t.version < $2 order by t.version desc limit $3`,
          [definitionId, before ?? 2 ** 31 - 1, first + 1],
        );
        return pageOf(rows, first);
      },
    },
    schedules: {
      byIds: (actor, ids) => byIds(ScheduleTable, actor, ids),
      async list(actor, { organizationId, definitionId, paused }, page) {
        if (definitionId !== undefined && !UUID.test(definitionId)) return { rows: [], hasNextPage: false };
        return latest<Schedule>(
          `${SCHEDULE} from schedule t`,
          `t.organization_id = any($4) and ($5::uuid is null or t.definition_id = $5)
            and ($6::boolean is null or (t.paused_at is not null) = $6)`,
          page,
          [organizationsOf(actor, organizationId), definitionId ?? null, paused ?? null],
        );
      },
      async slots(scheduleId, before, first) {
        const rows = await database.query<Slot>(
          `select ${SLOT} from schedule_slot t where t.schedule_id = $1 and ($2::timestamptz is null or t.planned_for < $2)
            order by t.planned_for desc limit $3`,
          [scheduleId, before ?? null, first + 1],
        );
        return pageOf(rows, first);
      },
      async lastRuns(scheduleIds) {
        const rows = await database.query<Slot>(
          `select ${SLOT} from unnest($1::uuid[]) k(id) cross join lateral (
            select * from schedule_slot x where x.schedule_id = k.id and x.outcome = 'STARTED'
            order by x.planned_for desc limit 1) t`,
          [uuids(scheduleIds)],
        );
        const found = new Map(rows.map((row) => [row.scheduleId, row]));
        return scheduleIds.map((id) => found.get(id));
      },
      async startersOf(actor, jobIds) {
        const rows = await database.query<Schedule & { readonly startedJob: string }>(
          `select x.job_id as "startedJob", ${SCHEDULE} from schedule_slot x join schedule t on t.id = x.schedule_id
            where x.job_id = any($1) and t.organization_id = any($2)`,
          [uuids(jobIds), organizationIds(actor)],
        );
        const found = new Map(rows.map(({ startedJob, ...schedule }) => [startedJob, schedule]));
        return jobIds.map((id) => found.get(id));
      },
    },
  };
}
