/**
 * A walk through provenance as somebody sees it who may not read all of it: it goes through hidden nodes, and a stretch of them
 * counts as one hop, however long it is. So a hop tells nothing of what is inside of a hidden part.
 *
 * The walk says which nodes it wants to know more of, and is told (`next`, `learn`); where from, it does not know. What it reads
 * of a node comes in any order: hops only ever become smaller, and those below the lowest open one are final.
 */
import { byPlace, LINEAGE_LIMITS, type Placed } from './lineage.js';

export interface WalkedNode {
  readonly key: number;
  /** Steps from the start by the shortest way known; Infinity: it was looked at, and not come to. */
  hop: number;
  /** Undefined until its rights were looked at. */
  visible: boolean | undefined;
  /** Edges that lead on in the direction of the walk; undefined until they are read. */
  edges: WalkedEdge[] | undefined;
  /** Edges by which it was found. */
  readonly found: WalkedEdge[];
  /** No hop of it is below this, as far as is known before its rights are. */
  floor: number;
  /** It lies no farther than this if it turns out to be visible. */
  ceiling: number;
}

/** In the direction of the walk. */
export interface WalkedEdge {
  readonly from: WalkedNode;
  readonly to: WalkedNode;
  /** Its relation is one of those asked for. What touches a hidden node is followed by any: which it is would tell what that is. */
  readonly followed: boolean;
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
  /** Of what was to be expanded, in the direction of the walk. */
  readonly edges: readonly LearnedEdge[];
}

export interface LearnedEdge {
  readonly from: number;
  readonly to: number;
  readonly followed: boolean;
}

/** What a walk came to. */
export interface Reach {
  /** The visible nodes without the start, in their order, no more than there may be. */
  readonly placed: readonly Placed[];
  /** Up to this hop everything is known; Infinity: that is all there is. */
  readonly hops: number;
}

export interface WalkBounds {
  readonly depth: number;
  /** The walk ends with more visible nodes than this. */
  readonly nodes?: number;
  /** The walk ends when this one is reached by the shortest way. */
  readonly until?: number;
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
  readonly #changed: WalkedNode[] = [];
  /** The nearest that something open may turn out to be. */
  #low = 0;
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

  /** What to look up next; undefined when the walk has ended. Looks one hop ahead, so that a hidden stretch costs no round of its own. */
  next(): Wanted | undefined {
    this.#low = Infinity;
    for (const node of this.#open) {
      if (this.#asks(node) === undefined) this.#open.delete(node);
      else this.#low = Math.min(this.#low, nearest(node));
    }
    const target = this.#until === undefined ? undefined : this.nodes.get(this.#until);
    if (this.#open.size === 0 || (target !== undefined && target.hop <= this.#low)) return undefined;
    if (this.#count(this.#low - 1) > this.#limit) {
      this.#ended = true;
      return undefined;
    }
    const expand: number[] = [];
    const judge: number[] = [];
    for (const node of this.#open) {
      if (nearest(node) > this.#low + 1) continue;
      if (this.#asks(node) === 'EDGES') expand.push(node.key);
      if (node.visible === undefined) judge.push(node.key);
    }
    return { expand, judge };
  }

  learn({ expand, judge }: Wanted, { hidden, edges }: Learned): void {
    const expanded = expand.map((key) => this.#node(key));
    for (const node of expanded) node.edges = [];
    for (const { from, to, followed } of edges) this.#connect(this.#node(from), this.#node(to), followed);
    for (const key of judge) this.#judge(this.#node(key), !hidden.has(key));
    this.#changed.push(...expanded);
    for (let node = this.#changed.pop(); node !== undefined; node = this.#changed.pop())
      for (const edge of node.edges ?? []) this.#relax(edge);
  }

  /** Adds the edges of nodes on the last hop that lead to what was walked; nothing is reached by them. */
  complete(keys: readonly number[], edges: Learned['edges']): void {
    for (const key of keys) this.#node(key).edges = [];
    for (const { from, to, followed } of edges)
      if (this.nodes.has(to)) this.#connect(this.#node(from), this.#node(to), followed);
  }

  /** Ends the walk before it has come to its end. */
  end(): void {
    this.#ended = true;
  }

  /** Hops up to this one will not become smaller any more. */
  get final(): number {
    return this.#low;
  }

  /** What it came to. */
  reach(): Reach {
    const certain = this.#ended ? Math.max(0, this.#low - 1) : Infinity;
    const all = [...this.nodes.values()].filter(
      (node) => node.visible === true && node !== this.start && node.hop <= certain && node.hop < Infinity,
    );
    all.sort(byPlace);
    const beyond = all[this.#limit];
    return {
      placed: beyond === undefined ? all : all.slice(0, this.#limit),
      hops: beyond === undefined ? certain : beyond.hop - 1,
    };
  }

  #node(key: number): WalkedNode {
    const known = this.nodes.get(key);
    if (known !== undefined) return known;
    const node: WalkedNode = {
      key,
      hop: Infinity,
      visible: undefined,
      edges: undefined,
      found: [],
      floor: Infinity,
      ceiling: Infinity,
    };
    this.nodes.set(key, node);
    return node;
  }

  #connect(from: WalkedNode, to: WalkedNode, followed: boolean): void {
    const edge = { from, to, followed };
    from.edges?.push(edge);
    to.found.push(edge);
  }

  /** What has still to be known of a node; undefined: nothing. */
  #asks(node: WalkedNode): 'EDGES' | 'RIGHTS' | undefined {
    if (node.edges !== undefined || nearest(node) > this.#depth) return undefined;
    if (node.visible === undefined)
      return Math.min(node.hop, node.ceiling) < this.#depth ? 'EDGES' : 'RIGHTS';
    return node.hop < this.#depth || (!node.visible && node.hop < Infinity) ? 'EDGES' : undefined;
  }

  #judge(node: WalkedNode, visible: boolean): void {
    node.visible = visible;
    this.#tally(node, 1);
    this.#open.add(node);
    for (const edge of node.found) this.#relax(edge);
  }

  #relax({ from, to, followed }: WalkedEdge): void {
    if (from.visible === undefined || from.hop === Infinity) return;
    if (to.visible === undefined && !(from.visible && followed)) {
      to.floor = Math.min(to.floor, from.visible ? from.hop + 1 : from.hop);
      if (!from.visible) to.ceiling = Math.min(to.ceiling, from.hop + 1);
      this.#open.add(to);
      return;
    }
    if (from.visible && to.visible === true && !followed) return;
    const hop = from.visible || to.visible === true ? from.hop + 1 : from.hop;
    if (hop >= to.hop || hop > this.#depth) return;
    this.#tally(to, -1);
    to.hop = hop;
    this.#tally(to, 1);
    if (to.edges === undefined) this.#open.add(to);
    else this.#changed.push(to);
  }

  #tally(node: WalkedNode, by: 1 | -1): void {
    if (node.visible === true && node.hop < Infinity) this.#seen[node.hop] = (this.#seen[node.hop] ?? 0) + by;
  }

  #count(upTo: number): number {
    let count = 0;
    for (let hop = 1; hop <= upTo && hop < this.#seen.length; hop++) count += this.#seen[hop] ?? 0;
    return count;
  }
}

/** Before its rights are known, a node may turn out to be nearer than it is known to be. */
const nearest = (node: WalkedNode): number =>
  node.visible === undefined ? Math.min(node.hop, node.floor) : node.hop;
