import type { Direction, LineageFilter } from '../domain/lineage.js';
import type { FlatEdges, Learned, Wanted } from '../domain/lineage-walk.js';
import type { NodeKind, ProvenanceNode, Relation } from '../domain/node.js';
import type { NamedNodes, ProvenanceReader, Viewer } from './ports.js';
import type { ProvenanceRecord } from './record-reader.js';

/** Which edges a walk takes. */
export interface Trail {
  readonly direction: Direction;
  /** Null: every relation. */
  readonly relations: readonly Relation[] | null;
  /** Only what the viewer's organizations say, downstream: where others say too much of something public. */
  readonly ownOnly: boolean;
}

export interface NodeTally {
  readonly kind: NodeKind;
  readonly subtype: string;
  readonly count: number;
}

/** A relation between two nodes, by their keys. */
export interface Related {
  readonly from: number;
  readonly to: number;
  readonly relation: Relation;
  readonly role: string;
}

/** What is known of a node before a walk comes to it. */
export interface Scouted {
  readonly visible: boolean;
  /** Undefined: they were not read. */
  readonly edges: FlatEdges | undefined;
}

/** What lineage is read by. Keys are those of rows and never leave the service; what tells of a node takes the viewer. */
export interface LineageStore {
  /** Those of these nodes that the viewer may read: id as it was given → node. */
  find(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, ProvenanceNode>>;
  /** A step of a walk; undefined when it would have to read more edges than `limit`. */
  step(viewer: Viewer, trail: Trail, wanted: Wanted, limit: number): Promise<Learned | undefined>;
  /** The nodes that a walk of so many hops along all edges is likely to want, by key. */
  scout(
    viewer: Viewer,
    direction: Direction,
    start: number,
    depth: number,
  ): Promise<ReadonlyMap<number, Scouted>>;
  nodes(viewer: Viewer, keys: readonly number[]): Promise<ReadonlyMap<number, ProvenanceNode>>;
  matching(keys: readonly number[], filter: LineageFilter): Promise<ReadonlySet<number>>;
  tally(keys: readonly number[]): Promise<NodeTally[]>;
  /** The relations between these pairs, of those asked for. */
  relations(
    pairs: readonly { readonly from: number; readonly to: number }[],
    relations: readonly Relation[] | null,
  ): Promise<Related[]>;
  /** The agents that the viewer may read and that one of these nodes names. */
  agentsOf(
    viewer: Viewer,
    keys: readonly number[],
  ): Promise<{ readonly from: number; readonly to: number }[]>;
  /** The records that the viewer may read and that say one of these, a few of each, in the order of `links`. */
  recordsOf(viewer: Viewer, links: readonly Related[]): Promise<readonly (readonly ProvenanceRecord[])[]>;
}

/** All reads of provenance. */
export interface ProvenanceReads extends ProvenanceReader {
  readonly lineage: LineageStore;
  readonly named: NamedNodes;
}
