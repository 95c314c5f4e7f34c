// What the registration of many runs at once needs of the world.
import type { Outcome, UserError } from '@weft/errors';
import type { FinalJobState, RegistryJob as RequestedJob } from '@weft/contracts';
import type { RegisteredItem } from '../domain/item.js';
import type { ItemRequestKey } from './item-ports.js';
import type { Viewer } from './ports.js';
import type { SayingRun } from './run-twin.js';

/** PENDING: its job has not ended. DUPLICATE: the run was registered already. SKIPPED: its row named a job already. */
export const BULK_STATES = ['PENDING', 'REGISTERED', 'DUPLICATE', 'FAILED', 'CANCELLED', 'SKIPPED'] as const;
export type BulkState = (typeof BULK_STATES)[number];

export interface BulkHead {
  readonly id: string;
  readonly organizationId: string;
  readonly createdBy: string;
  readonly name: string;
  readonly templateKey: number;
  /** What its user was when it was asked for: its jobs see what he saw. */
  readonly principals: readonly string[];
  /** Of the CSV; null: it came as JSON. */
  readonly header: readonly string[] | null;
  readonly key: ItemRequestKey | null;
  readonly correlationId: string;
}

export interface NewBulkRow {
  /** As a spreadsheet counts: the header is the first. Without a header, from 1. */
  readonly row: number;
  /** What its job is called by. */
  readonly label: string;
  readonly record: unknown;
  /** As they stood in the CSV. */
  readonly cells: readonly string[] | null;
  /** Null where nothing is to be done. */
  readonly jobId: string | null;
  readonly state: BulkState;
  /** Why it FAILED at once. */
  readonly errors: readonly UserError[] | null;
}

export interface LockedBulkRow {
  readonly batchId: string;
  readonly row: number;
  readonly organizationId: string;
  readonly createdBy: string;
  readonly principals: readonly string[];
  readonly record: unknown;
  readonly state: BulkState;
  /** The run that came of it, or that said the same. */
  readonly run: { readonly id: string; readonly pid: string } | null;
}

export interface BulkOutcome {
  readonly batchId: string;
  readonly row: number;
  readonly state: BulkState;
  /** The job that had the last word. */
  readonly jobId: string;
  readonly runKey?: number;
  readonly errors?: readonly UserError[];
  /** The workflow of a run that the job registered and lodged at once. */
  readonly workflow?: { readonly id: string; readonly userId: string };
}

export interface BulkWork {
  /** The batch that was made under this key, with the hash of what was asked then. */
  takeBulkKey(key: ItemRequestKey): Promise<{ readonly id: string; readonly inputHash: string } | undefined>;
  insertBulk(head: BulkHead, rows: readonly NewBulkRow[]): Promise<void>;
  /** The runs of the organization that say this, by the hash of what they say. */
  runsSaying(
    organizationId: string,
    hashes: readonly string[],
    principals: readonly string[],
  ): Promise<Map<string, SayingRun>>;
  tellBulk(head: BulkHead, jobs: readonly RequestedJob[]): Promise<void>;
  /** Those that there are. */
  lockBulkRows(rows: readonly { readonly batchId: string; readonly row: number }[]): Promise<LockedBulkRow[]>;
  settleBulkRows(outcomes: readonly BulkOutcome[]): Promise<void>;
  /** The news of new items. */
  tellCreated(
    news: readonly { readonly item: RegisteredItem; readonly correlationId: string }[],
  ): Promise<void>;
  /** Ids of those jobs of which the registry does not know yet how they ended. */
  concerning(
    jobs: readonly {
      readonly jobId: string;
      readonly retryOf: string | null;
      readonly state: FinalJobState;
    }[],
  ): Promise<ReadonlySet<string>>;
  /** The job of a row ended without settling it. @param errors why. */
  rowEnded(
    jobId: string,
    retryOf: string | null,
    state: Exclude<FinalJobState, 'SUCCEEDED'>,
    errors: readonly UserError[],
  ): Promise<void>;
}

export interface BulkRegistration {
  readonly id: string;
  readonly organizationId: string;
  readonly createdBy: string;
  readonly name: string;
  /** Key of the workflow template. */
  readonly templateKey: number;
  readonly templateId: string;
  readonly header: readonly string[] | null;
  readonly createdAt: Date;
}

export interface BulkRow {
  readonly row: number;
  /** The viewer may not read what it says: there is neither record nor cells, errors or name. */
  readonly isHidden: boolean;
  readonly label: string;
  readonly state: BulkState;
  readonly jobId: string | null;
  readonly errors: readonly UserError[] | null;
  readonly record: unknown;
  readonly cells: readonly string[] | null;
  /** Of the run, as far as the viewer may read it. */
  readonly runId: string | null;
  readonly runPid: string | null;
}

export interface BulkRowsRequest {
  readonly first: number;
  readonly after: number | undefined;
  readonly states: readonly BulkState[] | undefined;
}

/** Reads of registrations of many runs, for members of the organization that asked for them. */
export interface BulkReader {
  bulk(viewer: Viewer, id: string): Promise<BulkRegistration | undefined>;
  /** How many rows there are in each state; states without one are left out. */
  bulkCounts(id: string): Promise<Map<BulkState, number>>;
  /** In their order, one more than asked where there are more. */
  bulkRows(viewer: Viewer, id: string, request: BulkRowsRequest): Promise<BulkRow[]>;
}

/** Reads and writes CSV, where a large one holds up nobody else. */
export interface SheetDesk {
  read(userId: string, text: string): Promise<Outcome<string[][]>>;
  write(userId: string, rows: readonly (readonly string[])[]): Promise<string>;
}
