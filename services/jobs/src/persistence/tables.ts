// One mapping for both ways of access: TypeORM reads through these schemas, the prepared statements take their
// column lists from them (columns.ts), and a test proves that both give the same object.
import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import type { Attempt, Job, JobError, JobItem, Transition } from '../domain/job.js';
import type { KnownArtifact, KnownServiceVersion, KnownTarget } from '../domain/references.js';
import { DefinitionVersionTable, JobDefinitionTable, ScheduleTable, SlotTable } from './definition-tables.js';

const text = (name: string, nullable = false): EntitySchemaColumnOptions => ({
  name,
  type: 'text',
  nullable,
});
const time = (name: string, nullable = false): EntitySchemaColumnOptions => ({
  name,
  type: 'timestamptz',
  nullable,
});
const integer = (name: string, nullable = false): EntitySchemaColumnOptions => ({
  name,
  type: 'int',
  nullable,
});
const uuid = (name: string, nullable = false): EntitySchemaColumnOptions => ({
  name,
  type: 'uuid',
  nullable,
});
const json = (name: string, nullable = false): EntitySchemaColumnOptions => ({
  name,
  type: 'jsonb',
  nullable,
});

/** A job's row: the counts are columns of their own. */
export type JobRow = Omit<Job, 'counts'> & {
  readonly pending: number;
  readonly dequeued: number;
  readonly inProgress: number;
  readonly cancelling: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
};

export const JobTable = new EntitySchema<JobRow>({
  name: 'job',
  tableName: 'job',
  columns: {
    id: { ...uuid('id'), primary: true },
    organizationId: uuid('organization_id'),
    createdBy: text('created_by'),
    name: text('name'),
    kind: text('kind'),
    operation: text('operation', true),
    serviceId: text('service_id', true),
    serviceVersionId: text('service_version_id', true),
    targetId: text('target_id'),
    priority: integer('priority'),
    tags: { name: 'tags', type: 'text', array: true },
    state: text('state'),
    reason: text('reason', true),
    seq: integer('seq'),
    itemsTotal: integer('items_total'),
    attempts: integer('attempts'),
    carriedOver: integer('carried_over'),
    pending: integer('pending'),
    dequeued: integer('dequeued'),
    inProgress: integer('in_progress'),
    cancelling: integer('cancelling'),
    succeeded: integer('succeeded'),
    failed: integer('failed'),
    cancelled: integer('cancelled'),
    cancelRequestedAt: time('cancel_requested_at', true),
    claimableAt: time('claimable_at', true),
    referenceDeadline: time('reference_deadline', true),
    maxAttempts: integer('max_attempts'),
    timeoutSeconds: integer('timeout_seconds', true),
    startAt: time('start_at', true),
    deadline: time('deadline', true),
    inputId: uuid('input_id'),
    retryOf: uuid('retry_of', true),
    definitionId: uuid('definition_id', true),
    definitionVersion: integer('definition_version', true),
    plannedFor: time('planned_for', true),
    rerunOf: uuid('rerun_of', true),
    batchId: uuid('batch_id', true),
    batchIndex: integer('batch_index', true),
    needsMet: { name: 'needs_met', type: 'boolean', nullable: true },
    needs: { name: 'needs', type: 'uuid', array: true, nullable: true },
    gated: { name: 'gated', type: 'boolean' },
    correlationId: text('correlation_id'),
    recordRevision: integer('record_revision'),
    submittedAt: time('submitted_at'),
    dequeuedAt: time('dequeued_at', true),
    startedAt: time('started_at', true),
    endedAt: time('ended_at', true),
  },
});

export type JobItemRow = Omit<JobItem, 'error'> & { readonly error: JobError | null };

export const JobItemTable = new EntitySchema<JobItemRow>({
  name: 'job_item',
  tableName: 'job_item',
  columns: {
    jobId: { ...uuid('job_id'), primary: true },
    index: { ...integer('index'), primary: true },
    state: text('state'),
    attempt: integer('attempt', true),
    failures: integer('failures'),
    losses: integer('losses'),
    runAt: time('run_at'),
    result: text('result', true),
    resultArtifactId: text('result_artifact_id', true),
    resultSha256: text('result_sha256', true),
    error: json('error', true),
    startedAt: time('started_at', true),
    endedAt: time('ended_at', true),
    carriedFrom: uuid('carried_from', true),
  },
});

export type AttemptRow = Attempt & {
  readonly progress: number | null;
  readonly progressMessage: string | null;
};

export const AttemptTable = new EntitySchema<AttemptRow>({
  name: 'attempt',
  tableName: 'attempt',
  columns: {
    jobId: { ...uuid('job_id'), primary: true },
    number: { ...integer('number'), primary: true },
    fence: { name: 'fence', type: 'bigint' },
    workerId: text('worker_id'),
    targetId: text('target_id'),
    organizationId: uuid('organization_id'),
    definitionId: uuid('definition_id', true),
    items: { name: 'items', type: 'int', array: true },
    outcome: text('outcome'),
    claimedAt: time('claimed_at'),
    startedAt: time('started_at', true),
    endedAt: time('ended_at', true),
    leaseUntil: time('lease_until'),
    claimRequestId: text('claim_request_id'),
    claimSlot: integer('claim_slot'),
    environment: text('environment', true),
    progress: { name: 'progress', type: 'double precision', nullable: true },
    progressMessage: text('progress_message', true),
  },
});

export const NO_GATE = '00000000-0000-0000-0000-000000000000';

/** A job that waits to be claimed; it is gone while nothing of the job can be. */
export interface QueueEntry {
  readonly jobId: string;
  readonly targetId: string;
  readonly organizationId: string;
  readonly definitionId: string | null;
  /** The definition whose limit holds for its lane, else {@link NO_GATE}. */
  readonly gate: string;
  readonly priority: number;
  readonly runAt: Date;
  /** Its time has come. */
  readonly ready: boolean;
}

export const QueueTable = new EntitySchema<QueueEntry>({
  name: 'queue_entry',
  tableName: 'queue_entry',
  columns: {
    jobId: { ...uuid('job_id'), primary: true },
    targetId: text('target_id'),
    organizationId: uuid('organization_id'),
    definitionId: uuid('definition_id', true),
    gate: uuid('gate'),
    priority: integer('priority'),
    runAt: time('run_at'),
    ready: { name: 'ready', type: 'boolean' },
  },
});

/** A transition's row: the actor is two columns. */
export type TransitionRow = Omit<Transition, 'actor'> & {
  readonly actorKind: Transition['actor']['kind'];
  readonly actorId: string;
};

export const TransitionTable = new EntitySchema<TransitionRow>({
  name: 'job_event',
  tableName: 'job_event',
  columns: {
    jobId: { ...uuid('job_id'), primary: true },
    seq: { ...integer('seq'), primary: true },
    at: time('at'),
    cause: text('cause'),
    actorKind: text('actor_kind'),
    actorId: text('actor_id'),
    from: text('from_state', true),
    to: text('to_state'),
    reason: text('reason', true),
    attempt: integer('attempt', true),
    items: json('items'),
    message: text('message', true),
  },
});

export const KnownServiceVersionTable = new EntitySchema<KnownServiceVersion>({
  name: 'known_service_version',
  tableName: 'known_service_version',
  columns: {
    id: { ...text('id'), primary: true },
    seq: integer('seq'),
    serviceId: text('service_id'),
    organizationId: text('organization_id'),
    name: text('name'),
    version: text('version'),
    lifecycle: text('lifecycle'),
    codeArtifactId: text('code_artifact_id'),
    runtime: text('runtime'),
    dataSchema: { name: 'data_schema', type: 'json', nullable: true },
    paramsSchema: { name: 'params_schema', type: 'json', nullable: true },
  },
});

export const KnownTargetTable = new EntitySchema<KnownTarget>({
  name: 'known_target',
  tableName: 'known_target',
  columns: {
    id: { ...text('id'), primary: true },
    seq: integer('seq'),
    organizationId: text('organization_id', true),
    name: text('name'),
    kinds: { name: 'kinds', type: 'text', array: true },
    runtimes: { name: 'runtimes', type: 'text', array: true },
    limits: json('limits'),
    sizes: json('sizes'),
    images: json('images'),
    cancelsRunning: { name: 'cancels_running', type: 'boolean' },
    status: text('status'),
    statusReason: text('status_reason', true),
  },
});

export const KnownArtifactTable = new EntitySchema<KnownArtifact>({
  name: 'known_artifact',
  tableName: 'known_artifact',
  columns: {
    id: { ...text('id'), primary: true },
    organizationId: text('organization_id'),
    size: { name: 'size', type: 'bigint' },
    sha256: text('sha256'),
  },
});

export const ENTITIES = [
  JobTable,
  JobItemTable,
  AttemptTable,
  TransitionTable,
  QueueTable,
  KnownServiceVersionTable,
  KnownTargetTable,
  KnownArtifactTable,
  JobDefinitionTable,
  DefinitionVersionTable,
  ScheduleTable,
  SlotTable,
] as EntitySchema[];
