// What documents that leave the registry are made from.
import type {
  KnownEdge,
  KnownLineage,
  KnownNode,
  KnownRecord,
  RecordedEdge,
} from '../domain/exported-lineage.js';
import type { Direction } from '../domain/lineage.js';
import type { Viewer } from './ports.js';

export type LineageDirection = Direction | 'BOTH';

export interface Reach {
  /** Keys of nodes that the viewer may read, the nearest first. */
  readonly keys: readonly number[];
  readonly truncated: boolean;
}

/** How far lineage reaches. Only what the viewer may read is walked, so nothing else decides about the answer. */
export interface LineageSource {
  /** The node with this id or pid. */
  start(viewer: Viewer, reference: string): Promise<number | undefined>;
  reach(
    viewer: Viewer,
    start: number,
    direction: LineageDirection,
    depth: number,
    most: number,
  ): Promise<Reach>;
}

/** What is known of nodes and of the relations between them, as far as the viewer may read it. */
export interface GraphReader {
  nodes(viewer: Viewer, keys: readonly number[]): Promise<KnownNode[]>;
  nodesById(viewer: Viewer, ids: readonly string[]): Promise<KnownNode[]>;
  /** Between two of these nodes. */
  edges(keys: readonly number[], limit: number): Promise<KnownEdge[]>;
  /** Which records say relations between two of these nodes. */
  recorded(viewer: Viewer, keys: readonly number[], limit: number): Promise<RecordedEdge[]>;
  /** What one record says, of nodes that the viewer may read. */
  ofRecord(viewer: Viewer, recordId: string, limit: number): Promise<RecordedEdge[]>;
  records(viewer: Viewer, ids: readonly string[]): Promise<KnownRecord[]>;
  /** Key of the activity of a job, or of an activity. */
  activityOf(
    viewer: Viewer,
    of: { readonly jobId: string } | { readonly activityId: string },
  ): Promise<number | undefined>;
}

export type { KnownLineage };
