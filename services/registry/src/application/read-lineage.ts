import { AppError } from '@weft/errors';
import {
  byPlace,
  DATASET_SUBTYPES,
  FAR,
  LINEAGE_LIMITS,
  type Direction,
  type LineageFilter,
  type Placed,
} from '../domain/lineage.js';
import { onTheWayTo, type SideEdge } from '../domain/lineage-shown.js';
import type { ProvenanceNode, Relation } from '../domain/node.js';
import { lineageAnswer, type LineageAnswer } from './lineage-answer.js';
import type { LineageStore } from './lineage-ports.js';
import { lineagePath, type LineagePath } from './lineage-path.js';
import type { Position, Viewer } from './ports.js';
import { LineageBudget, walkLineage, type Walked } from './walk-lineage.js';

export interface LineagePage {
  readonly first: number;
  readonly after: Position | undefined;
}

export interface LineageQuestion extends LineagePage {
  readonly direction: Direction;
  /** Null: no bound. */
  readonly depth: number | null;
  readonly relations: readonly Relation[] | null;
  readonly filter: LineageFilter;
}

/** A question whose answer are some nodes up or down the lineage; and, if wanted, the nodes on the ways to them. */
export interface TargetQuestion extends LineagePage {
  readonly depth: number | null;
  readonly withPaths: boolean;
}

export interface PathQuestion {
  readonly from: string;
  readonly to: string;
  readonly direction: Direction;
  readonly maxDepth: number | null;
}

/** Lineage as one viewer may know it, for one request: its walks share what they may read, and one walk serves all who ask for it. */
export interface LineageReader {
  /** Null: there is no such node for the viewer. */
  start(id: string): Promise<ProvenanceNode | null>;
  lineage(start: ProvenanceNode, question: LineageQuestion): Promise<LineageAnswer>;
  /** Datasets up- or downstream. */
  datasets(start: ProvenanceNode, direction: Direction, question: TargetQuestion): Promise<LineageAnswer>;
  /** Upstream: the agents there. Downstream: those there, and those that anything there names. */
  agents(start: ProvenanceNode, direction: Direction, question: TargetQuestion): Promise<LineageAnswer>;
  path(question: PathQuestion): Promise<LineagePath | null>;
}

const DATASETS: LineageFilter = { kinds: ['ENTITY'], subtypes: DATASET_SUBTYPES };
const AGENTS: LineageFilter = { kinds: ['AGENT'], subtypes: null };

export function readLineage(viewer: () => Viewer, store: LineageStore): LineageReader {
  const budgets = { all: new LineageBudget(), own: new LineageBudget() };
  const walks = new Map<string, Promise<Walked>>();
  let last: Promise<unknown> = Promise.resolve();

  /** One walk after the other: a request takes two connections at most, and what its walks share is spent in the order of asking. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };

  const walked = (
    start: number,
    direction: Direction,
    depth: number | null,
    relations: readonly Relation[] | null = null,
  ): Promise<Walked> => {
    const name = JSON.stringify([start, direction, depth, relations]);
    const known = walks.get(name);
    if (known !== undefined) return known;
    const trail = { direction, relations, ownOnly: false };
    const walk = inTurn(() => walkLineage(store, viewer(), start, trail, { depth: depthOf(depth) }, budgets));
    walks.set(name, walk);
    return walk;
  };

  const answer = async (
    start: ProvenanceNode,
    page: LineagePage,
    found: Walked,
    listed: readonly Placed[],
    targets: ReadonlySet<number> | null,
    beside: readonly SideEdge[] = [],
  ): Promise<LineageAnswer> =>
    lineageAnswer({ store, viewer: viewer(), inTurn, budget: budgets.all }, start, found, {
      listed,
      targets,
      beside,
      first: page.first,
      from: await placeAfter(listed, page.after),
    });

  const placeAfter = async (listed: readonly Placed[], after: Position | undefined): Promise<number> => {
    if (after === undefined) return 0;
    const [hop, id] = after as readonly [number, string];
    const key = (await store.find(viewer(), [id])).get(id)?.key;
    if (key === undefined)
      throw new AppError('BAD_USER_INPUT', 'The cursor is not one that this list gave.', {
        argument: 'after',
      });
    const place = listed.findIndex((one) => byPlace(one, { hop, key }) > 0);
    return place === -1 ? listed.length : place;
  };

  const filtered = async (placed: readonly Placed[], filter: LineageFilter): Promise<Placed[]> => {
    if (filter.kinds === null && filter.subtypes === null) return [...placed];
    const keys = await store.matching(
      placed.map(({ key }) => key),
      filter,
    );
    return placed.filter(({ key }) => keys.has(key));
  };

  const targeted = async (
    start: ProvenanceNode,
    found: Walked,
    question: TargetQuestion,
    targets: readonly Placed[],
    ways: readonly number[] = [],
    beside: readonly SideEdge[] = [],
  ): Promise<LineageAnswer> => {
    const keys = new Set(targets.map(({ key }) => key));
    if (!question.withPaths) return answer(start, question, found, targets, keys, beside);
    const walkedTargets = [...keys].filter((key) => found.walk.nodes.has(key));
    const leading = onTheWayTo(found.walk, found.reach, [...walkedTargets, ...ways]);
    const between = found.reach.placed.filter(({ key }) => leading.has(key) && !keys.has(key));
    const listed = [...targets, ...between].sort(byPlace).slice(0, LINEAGE_LIMITS.nodes);
    return answer(start, question, found, listed, keys, beside);
  };

  return {
    start: async (id) => (await store.find(viewer(), [id])).get(id) ?? null,

    async lineage(start, question) {
      const found = await walked(start.key, question.direction, question.depth, question.relations);
      return answer(start, question, found, await filtered(found.reach.placed, question.filter), null);
    },

    async datasets(start, direction, question) {
      const found = await walked(start.key, direction, question.depth);
      return targeted(start, found, question, await filtered(found.reach.placed, DATASETS));
    },

    async agents(start, direction, question) {
      const found = await walked(start.key, direction, question.depth);
      const there = await filtered(found.reach.placed, AGENTS);
      if (direction === 'UPSTREAM') return targeted(start, found, question, there);
      const { hops: certain } = found.reach;
      const hops = new Map<number, number>();
      for (const { key, hop } of found.walk.nodes.values())
        if (hop < FAR && hop <= certain) hops.set(key, hop);
      // That something names the start says nothing of anybody else.
      const named = (await store.agentsOf(viewer(), [...hops.keys()])).filter(({ to }) => to !== start.key);
      const nearest = new Map(there.map(({ key, hop }) => [key, hop]));
      for (const { from, to } of named)
        nearest.set(to, Math.min(nearest.get(to) ?? FAR, (hops.get(from) ?? 0) + 1));
      const targets = [...nearest].map(([key, hop]) => ({ key, hop })).sort(byPlace);
      return targeted(
        start,
        found,
        question,
        targets.slice(0, LINEAGE_LIMITS.nodes),
        named.map(({ from }) => from),
        // As the walk would have it, which goes against the edges.
        named.map(({ from, to }) => ({ from: to, to: from })),
      );
    },

    path: ({ from, to, direction, maxDepth }) =>
      inTurn(() =>
        lineagePath(store, viewer(), budgets, { from, to, direction, maxDepth: depthOf(maxDepth) }),
      ),
  };
}

const depthOf = (depth: number | null): number => depth ?? FAR;
