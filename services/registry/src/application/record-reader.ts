import type { GivenDocument, Viewer } from './ports.js';

export const RECORD_KINDS = ['CREATE', 'VERSION', 'MODEL_RUN', 'IMPORT', 'JOB'] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** Statements that were lodged together, or recorded of a job: a bundle of provenance. */
export interface ProvenanceRecord {
  /** Surrogate key, never shown; of a job that of its activity. */
  readonly key: number;
  readonly id: string;
  readonly organizationId: string;
  readonly kind: RecordKind;
  readonly name: string;
  /** Of a job who submitted it, and when it ended. */
  readonly lodgedBy: string;
  readonly lodgedAt: Date;
  readonly jobId: string | null;
  /** Null: it is counted when it is asked for. */
  readonly statementCount: number | null;
  /** Of a bundle of an imported document: what it is called there, and the record of the document. */
  readonly bundle: string | null;
  readonly parentId: string | null;
  /** Of an import that was taken back. */
  readonly withdrawn: { readonly at: string; readonly by: string; readonly reason: string } | null;
}

export interface RecordPage {
  readonly first: number;
  /** Public id of the last record seen. */
  readonly after: string | undefined;
}

/**
 * Records as far as the viewer is among their readers; in lists what was lodged comes first, then jobs, both newest first, with
 * one more than asked where there is more.
 */
export interface RecordReader {
  /** How much each record of a job, by its key, says of what the viewer may read. */
  statementsOfJobs(viewer: Viewer, keys: readonly number[]): Promise<ReadonlyMap<number, number>>;
  records(viewer: Viewer, ids: readonly string[]): Promise<ProvenanceRecord[]>;
  ofOrganization(viewer: Viewer, organizationId: string, page: RecordPage): Promise<ProvenanceRecord[]>;
  /** Those that speak of these nodes: key of the node → records. */
  ofNodes(
    viewer: Viewer,
    keys: readonly number[],
    page: RecordPage,
  ): Promise<Map<number, ProvenanceRecord[]>>;
  /** Those of the bundles of imported documents: key of the document's record → records. */
  ofParents(
    viewer: Viewer,
    keys: readonly number[],
    page: RecordPage,
  ): Promise<Map<number, ProvenanceRecord[]>>;
  /** What was imported; undefined: the record was made here. */
  document(viewer: Viewer, id: string): Promise<GivenDocument | undefined>;
}
