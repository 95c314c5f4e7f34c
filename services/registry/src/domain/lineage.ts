import type { EntitySubtype, NodeKind } from './node.js';

/** Which way lineage is followed: UPSTREAM to what a node came from, DOWNSTREAM to what came of it. */
export type Direction = 'UPSTREAM' | 'DOWNSTREAM';

/** How far one answer goes (ADR 31). */
export const LINEAGE_LIMITS = {
  /** Hops that may be asked for; without a number there is no bound. */
  depth: 100,
  /** Nodes in an answer, over all its pages. */
  nodes: 10_000,
  /** Nodes in a page. */
  page: 1_000,
  /** Edges that the walks of one request read. */
  edges: 200_000,
  /** Statements that the walks of one request take: what lies in a long row is fetched one by one. */
  rounds: 5_000,
  /** Hidden parts that are told of. */
  parts: 1_000,
  /** Links of a page. */
  links: 20_000,
} as const;

/** A hop that nothing has: not reached, or no bound. A small number where Infinity would do, because a walk keeps thousands. */
export const FAR = 2 ** 30;

/** What the questions for datasets find: what people register as data, what jobs used and made, what came with a document. No records, no code. */
export const DATASET_SUBTYPES = ['DATASET', 'DATA', 'RESULT', 'IMPORTED'] as const satisfies EntitySubtype[];

/** What a list of lineage shows of the nodes that were walked; null: everything. It has no say in the walk. */
export interface LineageFilter {
  readonly kinds: readonly NodeKind[] | null;
  readonly subtypes: readonly string[] | null;
}

/** A node of an answer and on which hop it lies. */
export interface Placed {
  readonly key: number;
  readonly hop: number;
}

/** Hop by hop, within a hop the newest first. */
export const byPlace = (one: Placed, other: Placed): number => one.hop - other.hop || other.key - one.key;
