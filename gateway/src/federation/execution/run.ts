import type { RequestContext } from '../request-context.js';
import type { SubgraphSource } from '../subgraph-source.js';
import type { DataObject } from './merge.js';

export type Variables = Readonly<Record<string, unknown>>;

/** One execution of a compiled plan. */
export interface Run {
  readonly variables: Variables;
  readonly context: RequestContext;
  readonly sources: ReadonlyMap<string, SubgraphSource>;
  /** What the subgraphs have told so far, under the planner's names. */
  readonly data: DataObject;
  readonly errors: unknown[];
}

/** A node of a plan, compiled. Never rejects for what a subgraph does: that ends in `errors`. */
export type Step = (run: Run) => Promise<void>;
