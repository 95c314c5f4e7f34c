// What documents that leave the registry are made from.
import type {
  HeldFile,
  KnownEdge,
  KnownNode,
  KnownRecord,
  RecordedEdge,
} from '../domain/exported-lineage.js';
import type { Viewer } from './ports.js';

/** What is known of nodes and of the relations between them, as far as the viewer may read it. */
export interface GraphReader {
  nodes(viewer: Viewer, keys: readonly number[]): Promise<KnownNode[]>;
  nodesById(viewer: Viewer, ids: readonly string[]): Promise<KnownNode[]>;
  /** The files of those of these that are datasets and of which the viewer may read the data: key → file. */
  files(viewer: Viewer, keys: readonly number[]): Promise<ReadonlyMap<number, HeldFile>>;
  /** Between two of these nodes. */
  edges(keys: readonly number[], limit: number): Promise<KnownEdge[]>;
  /** Which records say relations between two of these nodes. */
  recorded(viewer: Viewer, keys: readonly number[], limit: number): Promise<RecordedEdge[]>;
  /** What one record says, of nodes that the viewer may read. */
  ofRecord(viewer: Viewer, recordId: string, limit: number): Promise<RecordedEdge[]>;
  records(viewer: Viewer, ids: readonly string[]): Promise<KnownRecord[]>;
  /** Key of a run that has ended: of a job, or of a model run that the graph tells of. */
  activityOf(
    viewer: Viewer,
    of: { readonly jobId: string } | { readonly activityId: string },
  ): Promise<number | undefined>;
  /** Keys of the activities of jobs that were steps of a workflow; of one that was repeated the last. */
  stepsOf(viewer: Viewer, workflowId: string): Promise<number[]>;
}
