// Column lists of definitions and schedules; columns.ts makes the statements' lists of them.
import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import type { DefinitionVersionView } from '../application/definition-reader.js';
import type { DefinitionValues, JobDefinition } from '../domain/definition/definition.js';
import type { Schedule, Slot } from '../domain/schedule/schedule.js';

const column =
  (type: EntitySchemaColumnOptions['type']) =>
  (name: string, nullable = false): EntitySchemaColumnOptions => ({ name, type, nullable });
const [uuid, text, integer, json, time, boolean] = [
  column('uuid'),
  column('text'),
  column('int'),
  column('json'),
  column('timestamptz'),
  column('boolean'),
];

export const JobDefinitionTable = new EntitySchema<JobDefinition>({
  name: 'job_definition',
  tableName: 'job_definition',
  columns: {
    id: { ...uuid('id'), primary: true },
    organizationId: uuid('organization_id'),
    name: text('name'),
    version: integer('version'),
    createdBy: text('created_by'),
    createdAt: time('created_at'),
    updatedAt: time('updated_at'),
    deletedAt: time('deleted_at', true),
  },
});

/** Values stand beside the template: they can be large, and a list has no need of them. */
export type DefinitionVersionRow = DefinitionVersionView & DefinitionValues;

const VIEW = {
  definitionId: { ...uuid('definition_id'), primary: true },
  version: { ...integer('version'), primary: true },
  name: text('name'),
  description: text('description'),
  template: json('template'),
  inputs: json('inputs', true),
  createdBy: text('created_by'),
  createdAt: time('created_at'),
};

export const DefinitionVersionTable = new EntitySchema<DefinitionVersionRow>({
  name: 'job_definition_version',
  tableName: 'job_definition_version',
  columns: {
    ...VIEW,
    data: text('data', true),
    params: text('params', true),
    command: json('command', true),
  },
});

/** The columns of a list. */
export const DefinitionVersionViewTable = new EntitySchema<DefinitionVersionView>({
  name: 'job_definition_version_view',
  tableName: 'job_definition_version',
  columns: VIEW,
});

export const ScheduleTable = new EntitySchema<Schedule>({
  name: 'schedule',
  tableName: 'schedule',
  columns: {
    id: { ...uuid('id'), primary: true },
    organizationId: uuid('organization_id'),
    definitionId: uuid('definition_id'),
    version: integer('version'),
    cron: text('cron'),
    timeZone: text('time_zone'),
    inputs: json('inputs', true),
    concurrency: text('concurrency'),
    missed: text('missed'),
    missedLimit: integer('missed_limit'),
    startingDeadlineSeconds: integer('starting_deadline_seconds'),
    createdBy: text('created_by'),
    runsAs: text('runs_as'),
    createdAt: time('created_at'),
    updatedAt: time('updated_at'),
    pausedAt: time('paused_at', true),
    pauseReason: text('pause_reason', true),
    decidedUntil: time('decided_until'),
    nextRunAt: time('next_run_at', true),
  },
});

export const SlotTable = new EntitySchema<Slot>({
  name: 'schedule_slot',
  tableName: 'schedule_slot',
  columns: {
    scheduleId: { ...uuid('schedule_id'), primary: true },
    plannedFor: { ...time('planned_for'), primary: true },
    manual: boolean('manual'),
    outcome: text('outcome'),
    jobId: uuid('job_id', true),
    errors: json('errors'),
    times: integer('times'),
    decidedAt: time('decided_at'),
  },
});
