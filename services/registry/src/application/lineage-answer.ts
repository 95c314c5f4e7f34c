import type { Placed } from '../domain/lineage.js';
import {
  hiddenParts,
  ShownLineage,
  type LinkEnd,
  type ShownLink,
  type ShownLinks,
  type SideEdge,
} from '../domain/lineage-shown.js';
import { LINEAGE_LIMITS } from '../domain/lineage.js';
import type { ProvenanceNode } from '../domain/node.js';
import type { LineageStore, NodeTally, Related } from './lineage-ports.js';
import type { Viewer } from './ports.js';
import { completeEdges, type LineageBudget, type Shortfall, type Walked } from './walk-lineage.js';

export interface LineageEntry {
  readonly node: ProvenanceNode;
  readonly hop: number;
  readonly isTarget: boolean;
}

/** A relation of two nodes that are shown, or, without relation and role, of one with a hidden part. */
export interface LineageLink {
  /** Id of a node, or the name of a stub. */
  readonly from: string;
  readonly to: string;
  readonly related: Related | null;
}

export interface LineageLinks {
  readonly links: readonly LineageLink[];
  /** Names of the hidden parts that these links touch. */
  readonly stubs: readonly string[];
  readonly complete: boolean;
}

export interface LineagePageOfEntries {
  readonly entries: readonly LineageEntry[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/** What of the graph an answer shows, by keys: what its document is made of. */
export interface ShownPart {
  readonly keys: readonly number[];
  /** Whether a relation between two of these is shown. */
  readonly shows: (edge: Pick<Related, 'from' | 'relation' | 'to'>) => boolean;
  /** False: there is more that belongs to it. */
  readonly complete: boolean;
}

/** Why and from where on an answer is not all there is. */
export interface Truncation {
  readonly reason: Shortfall;
  /** Up to this hop nothing is left out. */
  readonly completeHops: number;
}

/** One page of lineage. Every part of it is computed when it is asked for. */
export interface LineageAnswer {
  readonly start: ProvenanceNode;
  readonly truncation: Truncation | null;
  readonly total: number;
  byHop(): { readonly hop: number; readonly count: number }[];
  tally(): Promise<NodeTally[]>;
  hiddenParts(): number;
  page(): Promise<LineagePageOfEntries>;
  links(): Promise<LineageLinks>;
  /** The start, the nodes of the page and those of earlier pages that its links lead to. */
  shown(): Promise<ShownPart>;
}

export interface AnswerContext {
  readonly store: LineageStore;
  readonly viewer: Viewer;
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly budget: LineageBudget;
}

export interface Listing {
  readonly listed: readonly Placed[];
  /** Null: all of them. */
  readonly targets: ReadonlySet<number> | null;
  readonly beside: readonly SideEdge[];
  readonly first: number;
  readonly from: number;
}

export const stubName = (part: number): string => `hidden-${part}`;

export function lineageAnswer(
  { store, viewer, inTurn, budget }: AnswerContext,
  start: ProvenanceNode,
  found: Walked,
  { listed, targets, beside, first, from }: Listing,
): LineageAnswer {
  const keys = listed.map(({ key }) => key);
  const end = Math.min(listed.length, from + first);

  const page = once(async (): Promise<LineagePageOfEntries> => {
    const placed = listed.slice(from, end);
    const nodes = await store.nodes(
      viewer,
      placed.map(({ key }) => key),
    );
    return {
      // Rights that ended during the walk are looked at here once more.
      entries: placed.flatMap(({ key, hop }) => {
        const node = nodes.get(key);
        return node === undefined ? [] : [{ node, hop, isTarget: targets?.has(key) ?? true }];
      }),
      hasNextPage: end < listed.length,
      hasPreviousPage: from > 0,
    };
  });

  const { direction, relations } = found.trail;
  const linked = once(async (): Promise<ShownLinks> => {
    const known = await inTurn(() => completeEdges(store, viewer, found, budget));
    const whole = new ShownLineage(found.walk, found.reach, direction, keys, beside);
    const some = whole.links(from === 0 ? -1 : from, end);
    return { links: some.links, complete: known && some.complete };
  });

  const links = once(async (): Promise<LineageLinks> => {
    const some = await linked();
    const related = await store.relations(pairsOf(some.links), relations);
    const ids = await idsOf(store, viewer, some.links);
    return { ...presented(some.links, related, ids), complete: some.complete };
  });

  const shown = async (): Promise<ShownPart> => {
    const some = await linked();
    const page = new Set([...(from === 0 ? [start.key] : []), ...keys.slice(from, end)]);
    const ends = pairsOf(some.links).flatMap((pair) => [pair.from, pair.to]);
    return {
      keys: [...new Set([start.key, ...page, ...ends])],
      // As links are: each on the page of that of its nodes which is listed later.
      shows: (edge) =>
        (relations?.includes(edge.relation) ?? true) && (page.has(edge.from) || page.has(edge.to)),
      complete: some.complete,
    };
  };

  return {
    start,
    truncation:
      found.shortfall === null
        ? null
        : { reason: found.shortfall, completeHops: found.shortfall === 'OWN_ONLY' ? 0 : found.reach.hops },
    total: listed.length,
    byHop: () =>
      [...Map.groupBy(listed, ({ hop }) => hop)].map(([hop, nodes]) => ({ hop, count: nodes.length })),
    tally: () => store.tally(keys),
    hiddenParts: () => Math.min(hiddenParts(found.walk, found.reach).length, LINEAGE_LIMITS.parts),
    page,
    links,
    shown,
  };
}

/** Of links between two nodes. */
const pairsOf = (links: readonly ShownLink[]): { readonly from: number; readonly to: number }[] =>
  links.flatMap(({ from, to }) => ('node' in from && 'node' in to ? [{ from: from.node, to: to.node }] : []));

async function idsOf(
  store: LineageStore,
  viewer: Viewer,
  links: readonly { readonly from: LinkEnd; readonly to: LinkEnd }[],
): Promise<ReadonlyMap<number, string>> {
  const keys = new Set(
    links.flatMap(({ from, to }) => [from, to].flatMap((end) => ('node' in end ? [end.node] : []))),
  );
  const nodes = await store.nodes(viewer, [...keys]);
  return new Map([...nodes].map(([key, { id }]) => [key, id]));
}

function presented(
  links: readonly { readonly from: LinkEnd; readonly to: LinkEnd }[],
  related: readonly Related[],
  ids: ReadonlyMap<number, string>,
): Omit<LineageLinks, 'complete'> {
  const between = Map.groupBy(related, ({ from, to }) => `${from} ${to}`);
  const stubs = new Set<number>();
  const name = (end: LinkEnd): string | undefined => ('part' in end ? stubName(end.part) : ids.get(end.node));
  const told = links.flatMap(({ from, to }): LineageLink[] => {
    const ends = { from: name(from), to: name(to) };
    if (ends.from === undefined || ends.to === undefined) return [];
    const { from: later, to: earlier } = ends as { from: string; to: string };
    if ('node' in from && 'node' in to)
      return (between.get(`${from.node} ${to.node}`) ?? []).map((one) => ({
        from: later,
        to: earlier,
        related: one,
      }));
    for (const end of [from, to]) if ('part' in end) stubs.add(end.part);
    return [{ from: later, to: earlier, related: null }];
  });
  return { links: told, stubs: [...stubs].sort((one, other) => one - other).map(stubName) };
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => (done ??= work());
}
