/**
 * What may be told of a walk: the visible nodes that are listed, and of the hidden ones their connected parts, each as one stub
 * that says nothing but which listed nodes it lies behind or before.
 */
import { FAR, LINEAGE_LIMITS, type Direction } from './lineage.js';
import {
  isFollowed,
  leadingTo,
  touching,
  type LineageWalk,
  type Reach,
  type WalkedNode,
} from './lineage-walk.js';

/** One end of a link: a listed node by its key, or a hidden part by its number. */
export type LinkEnd = { readonly node: number } | { readonly part: number };

/** From the later to the earlier, as provenance points. */
export interface ShownLink {
  readonly from: LinkEnd;
  readonly to: LinkEnd;
}

export interface ShownLinks {
  readonly links: readonly ShownLink[];
  /** False: there are more than are told. */
  readonly complete: boolean;
}

/** An edge that was not walked but is shown, in the direction of the walk, by keys. */
export interface SideEdge {
  readonly from: number;
  readonly to: number;
}

export class ShownLineage {
  /** Number of each hidden node's part, from 1; those beyond the limit have none. */
  readonly #parts: ReadonlyMap<number, number>;
  readonly #places: ReadonlyMap<number, number>;
  readonly #beside = new Map<number, SideEdge[]>();

  /** @param listed keys in the order of the list; the start lies before them. */
  constructor(
    private readonly walk: LineageWalk,
    reach: Reach,
    private readonly direction: Direction,
    listed: readonly number[],
    beside: readonly SideEdge[] = [],
  ) {
    this.#parts = numbered(hiddenParts(walk, reach), walk, reach);
    this.#places = new Map([walk.start.key, ...listed].map((key, index) => [key, index - 1]));
    for (const edge of beside)
      for (const key of [edge.from, edge.to]) this.#beside.set(key, [...(this.#beside.get(key) ?? []), edge]);
  }

  /** The links of the listed nodes from one place to another. Each belongs to that of its nodes which comes later, so pages share none. */
  links(first: number, end: number): ShownLinks {
    const links: ShownLink[] = [];
    for (const [key, place] of this.#places) {
      if (place < first || place >= end) continue;
      links.push(...this.#linksOf(key, place));
      if (links.length > LINEAGE_LIMITS.links)
        return { links: links.slice(0, LINEAGE_LIMITS.links), complete: false };
    }
    return { links, complete: true };
  }

  /** In an order that says nothing of what is hidden: that of the edges is by age. */
  #linksOf(key: number, place: number): ShownLink[] {
    const links = new Map<string, ShownLink>();
    const node = this.walk.nodes.get(key);
    const add = (from: number, to: number): void => {
      const ends = [this.#endOf(from, place), this.#endOf(to, place)] as const;
      const [earlier, later] = this.direction === 'UPSTREAM' ? [ends[1], ends[0]] : ends;
      if (earlier === undefined || later === undefined) return;
      links.set(JSON.stringify([rank(later), rank(earlier)]), { from: later.end, to: earlier.end });
    };
    const rank = ({ end, place: at }: { end: LinkEnd; place: number }): [number, number] =>
      'part' in end ? [1, end.part] : [0, at];
    if (node !== undefined)
      for (const edge of touching(node)) if (isFollowed(edge)) add(edge.from.key, edge.to.key);
    for (const { from, to } of this.#beside.get(key) ?? []) add(from, to);
    return [...links]
      .map(([name, link]) => ({ link, ranks: (JSON.parse(name) as number[][]).flat() }))
      .sort((one, other) => compare(one.ranks, other.ranks))
      .map(({ link }) => link);
  }

  #endOf(key: number, upTo: number): { end: LinkEnd; place: number } | undefined {
    const part = this.#parts.get(key);
    if (part !== undefined) return { end: { part }, place: Infinity };
    const place = this.#places.get(key);
    return place === undefined || place > upTo ? undefined : { end: { node: key }, place };
  }
}

/** The connected parts of the hidden nodes that the walk went through, whichever way the edges between them point. */
export function hiddenParts(walk: LineageWalk, { hops }: Reach): WalkedNode[][] {
  const hidden = (node: WalkedNode): boolean => node.visible === false && node.hop <= hops && node.hop < FAR;
  const taken = new Set<WalkedNode>();
  const parts: WalkedNode[][] = [];
  for (const first of walk.nodes.values()) {
    if (!hidden(first) || taken.has(first)) continue;
    const part = [first];
    taken.add(first);
    for (const node of part)
      for (const { from, to } of touching(node))
        for (const next of [from, to])
          if (hidden(next) && !taken.has(next)) {
            taken.add(next);
            part.push(next);
          }
    parts.push(part);
  }
  return parts;
}

/** Numbers say only where a part is met first: by the places of the visible nodes around it. Parts with the same ones are alike to everybody. */
function numbered(
  parts: readonly WalkedNode[][],
  { start }: LineageWalk,
  { placed }: Reach,
): Map<number, number> {
  const places = new Map<number, number>(placed.map(({ key }, place) => [key, place + 1]));
  places.set(start.key, 0);
  const around = (part: readonly WalkedNode[]): number[] => {
    const met = new Set<number>();
    for (const node of part)
      for (const { from, to } of touching(node)) {
        const place = places.get(from.key);
        const beyond = places.get(to.key);
        if (place !== undefined) met.add(2 * place);
        if (beyond !== undefined) met.add(2 * beyond + 1);
      }
    return [...met].sort((one, other) => one - other);
  };
  const ordered = parts
    .map((part) => ({ part, around: around(part) }))
    .sort((one, other) => compare(one.around, other.around))
    .slice(0, LINEAGE_LIMITS.parts);
  return new Map(ordered.flatMap(({ part }, index) => part.map(({ key }) => [key, index + 1] as const)));
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (let at = 0; at < one.length && at < other.length; at++) {
    const difference = (one[at] as number) - (other[at] as number);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

/** Where the walk leads on to one of the targets, and the targets. */
export function onTheWayTo(walk: LineageWalk, { hops }: Reach, targets: Iterable<number>): Set<number> {
  const onTheWay = new Set<WalkedNode>();
  for (const key of targets) onTheWay.add(walk.nodes.get(key) as WalkedNode);
  for (const node of onTheWay)
    for (const edge of leadingTo(node))
      if (edge.from.hop <= hops && edge.from.hop < FAR && isFollowed(edge)) onTheWay.add(edge.from);
  return new Set([...onTheWay].map(({ key }) => key));
}
