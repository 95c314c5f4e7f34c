/**
 * A walk through provenance as somebody sees it who may not read all of it: it goes through hidden nodes, and a stretch of them
 * counts as one hop, however long it is. So a hop tells nothing of what is inside of a hidden part.
 *
 * The walk says which nodes it wants to know more of, and is told (`next`, `learn`); where from, it does not know. What it learns
 * comes in any order: hops only ever become smaller, and those below the nearest open node are final.
 */
import { byPlace, FAR, LINEAGE_LIMITS, type Placed } from './lineage.js';

export interface WalkedNode {
  readonly key: number;
  /** Steps from the start by the shortest way known; FAR: it was looked at, and not come to. */
  hop: number;
  /** Undefined until its rights are known. */
  visible: boolean | undefined;
  /** Whether its edges are known. */
  expanded: boolean;
  /** The last known edge that leads on from it; `WalkedEdge.onFrom` is the one before. Chains, because thousands of short arrays cost more than the walk. */
  on: WalkedEdge | undefined;
  /** The last known edge that leads to it; `WalkedEdge.backFrom` is the one before. */
  back: WalkedEdge | undefined;
}

/** In the direction of the walk. */
export interface WalkedEdge {
  readonly from: WalkedNode;
  readonly to: WalkedNode;
  /** Its relation is one of those asked for. What touches a hidden node is followed by any: which it is would tell what that is. */
  readonly asked: boolean;
  readonly onFrom: WalkedEdge | undefined;
  readonly backFrom: WalkedEdge | undefined;
}

/** What a walk asks for: the edges of some nodes and the rights of some. */
export interface Wanted {
  readonly expand: readonly number[];
  readonly judge: readonly number[];
}

/** What it is told. */
export interface Learned {
  /** Those that may not be read, of what was to be judged. */
  readonly hidden: ReadonlySet<number>;
  readonly edges: FlatEdges;
}

/** Of what was to be expanded, in the direction of the walk: from, to, from, to … A negative `to` is of another relation than those asked for. */
export type FlatEdges = readonly number[];

/** What a walk came to. */
export interface Reach {
  /** The visible nodes without the start, in their order, no more than there may be. */
  readonly placed: readonly Placed[];
  /** Up to this hop everything is known; FAR: that is all there is. */
  readonly hops: number;
}

export interface WalkBounds {
  readonly depth: number;
  /** The walk ends with more visible nodes than this. */
  readonly nodes?: number;
  /** The walk ends when this one is reached by the shortest way. */
  readonly until?: number | undefined;
}

export class LineageWalk {
  readonly nodes = new Map<number, WalkedNode>();
  readonly start: WalkedNode;
  readonly #depth: number;
  readonly #limit: number;
  readonly #until: number | undefined;
  /** Nodes of which something has still to be known. */
  readonly #open = new Set<WalkedNode>();
  /** How many visible nodes there are on each hop. */
  readonly #seen: number[] = [];
  readonly #nearer: WalkedNode[] = [];
  #final = 0;
  #ended = false;

  constructor(start: number, { depth, nodes = LINEAGE_LIMITS.nodes, until }: WalkBounds) {
    this.#depth = depth;
    this.#limit = nodes;
    this.#until = until;
    this.start = this.#node(start);
    this.start.visible = true;
    this.start.hop = 0;
    this.#open.add(this.start);
  }

  /** What to look up next; undefined when the walk has ended. Looks one hop ahead, so that a hidden node costs no round of its own. */
  next(): Wanted | undefined {
    this.#final = FAR;
    const asking: { node: WalkedNode; near: number; edges: boolean }[] = [];
    for (const node of this.#open) {
      const near = nearest(node);
      const edges = this.#wantsEdges(node);
      if (node.expanded || near > this.#depth || (node.visible !== undefined && !edges)) {
        this.#open.delete(node);
        continue;
      }
      asking.push({ node, near, edges });
      this.#final = Math.min(this.#final, near);
    }
    const target = this.#until === undefined ? undefined : this.nodes.get(this.#until);
    if (asking.length === 0 || (target !== undefined && target.hop <= this.#final)) return undefined;
    if (this.#count(this.#final - 1) > this.#limit) {
      this.#ended = true;
      return undefined;
    }
    const expand: number[] = [];
    const judge: number[] = [];
    for (const { node, near, edges } of asking) {
      if (near > this.#final + 1) continue;
      if (edges) expand.push(node.key);
      if (node.visible === undefined) judge.push(node.key);
    }
    return { expand, judge };
  }

  learn({ expand, judge }: Wanted, { hidden, edges }: Learned): void {
    this.#connect(edges, (key) => this.#node(key));
    for (const key of judge) this.#judge(this.#node(key), !hidden.has(key));
    for (const key of expand) {
      const node = this.#node(key);
      node.expanded = true;
      this.#nearer.push(node);
    }
    for (let node = this.#nearer.pop(); node !== undefined; node = this.#nearer.pop())
      for (let edge = node.on; edge !== undefined; edge = edge.onFrom) this.#relax(edge);
  }

  /** Adds the edges of nodes on the last hop that lead to what was walked; nothing is reached by them. */
  complete(keys: readonly number[], edges: FlatEdges): void {
    for (const key of keys) this.#node(key).expanded = true;
    this.#connect(edges, (key) => this.nodes.get(key));
  }

  /** Ends the walk before it has come to its end. */
  end(): void {
    this.#ended = true;
  }

  /** Hops up to this one will not become smaller any more. */
  get final(): number {
    return this.#final;
  }

  /** What it came to. */
  reach(): Reach {
    const certain = this.#ended ? Math.max(0, this.#final - 1) : FAR - 1;
    const all: WalkedNode[] = [];
    for (const node of this.nodes.values())
      if (node.visible === true && node.hop <= certain && node !== this.start) all.push(node);
    all.sort(byPlace);
    const beyond = all[this.#limit];
    if (beyond === undefined) return { placed: all, hops: this.#ended ? certain : FAR };
    return { placed: all.slice(0, this.#limit), hops: beyond.hop - 1 };
  }

  #node(key: number): WalkedNode {
    const known = this.nodes.get(key);
    if (known !== undefined) return known;
    const node = { key, hop: FAR, visible: undefined, expanded: false, on: undefined, back: undefined };
    this.nodes.set(key, node);
    return node;
  }

  #connect(edges: FlatEdges, nodeOf: (key: number) => WalkedNode | undefined): void {
    let from: WalkedNode | undefined;
    for (let at = 0; at < edges.length; at += 2) {
      const key = edges[at] as number;
      if (from?.key !== key) from = this.#node(key);
      const signed = edges[at + 1] as number;
      const to = nodeOf(Math.abs(signed));
      if (to === undefined) continue;
      const edge: WalkedEdge = { from, to, asked: signed > 0, onFrom: from.on, backFrom: to.back };
      from.on = edge;
      to.back = edge;
    }
  }

  /** Hidden nodes are gone through to their end on the hop on which they are; visible ones on the last hop are not gone on from. */
  #wantsEdges(node: WalkedNode): boolean {
    if (node.visible === undefined) return farthest(node) < this.#depth;
    return node.hop < this.#depth || (!node.visible && node.hop === this.#depth);
  }

  #judge(node: WalkedNode, visible: boolean): void {
    node.visible = visible;
    this.#tally(node, 1);
    for (let edge = node.back; edge !== undefined; edge = edge.backFrom) this.#relax(edge);
  }

  #relax({ from, to, asked }: WalkedEdge): void {
    if (from.visible === undefined || from.hop === FAR) return;
    if (to.visible === undefined && !(from.visible && asked)) {
      this.#open.add(to);
      return;
    }
    if (from.visible && to.visible === true && !asked) return;
    const hop = from.visible || to.visible === true ? from.hop + 1 : from.hop;
    if (hop >= to.hop || hop > this.#depth) return;
    this.#tally(to, -1);
    to.hop = hop;
    this.#tally(to, 1);
    if (to.expanded) this.#nearer.push(to);
    else this.#open.add(to);
  }

  #tally(node: WalkedNode, by: 1 | -1): void {
    if (node.visible === true && node.hop < FAR) this.#seen[node.hop] = (this.#seen[node.hop] ?? 0) + by;
  }

  #count(upTo: number): number {
    let count = 0;
    for (let hop = 1; hop <= upTo && hop < this.#seen.length; hop++) count += this.#seen[hop] ?? 0;
    return count;
  }
}

/** All known edges of a node, either way. */
export function* touching(node: WalkedNode): Generator<WalkedEdge> {
  for (let edge = node.on; edge !== undefined; edge = edge.onFrom) yield edge;
  for (let edge = node.back; edge !== undefined; edge = edge.backFrom) yield edge;
}

/** The known edges that lead to a node. */
export function* leadingTo(node: WalkedNode): Generator<WalkedEdge> {
  for (let edge = node.back; edge !== undefined; edge = edge.backFrom) yield edge;
}

/** Whether an edge is gone along. */
export const isFollowed = ({ from, to, asked }: WalkedEdge): boolean =>
  asked || from.visible === false || to.visible === false;

/** The nearest that a node may turn out to be when its rights are known. */
function nearest(node: WalkedNode): number {
  let near = node.hop;
  if (node.visible !== undefined) return near;
  for (let edge = node.back; edge !== undefined; edge = edge.backFrom)
    if (edge.from.visible !== undefined && edge.from.hop < FAR)
      near = Math.min(near, edge.from.visible ? edge.from.hop + 1 : edge.from.hop);
  return near;
}

/** The farthest that a node may turn out to be. */
function farthest(node: WalkedNode): number {
  let far = node.hop;
  for (let edge = node.back; edge !== undefined; edge = edge.backFrom)
    if (edge.from.visible === false && edge.from.hop < FAR) far = Math.min(far, edge.from.hop + 1);
  return far;
}
