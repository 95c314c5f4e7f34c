import { getVariableValues, type ExecutionResult, type GraphQLError } from 'graphql';
import type { PlannedOperation } from './operation-plans.js';
import type { RequestContext } from './request-context.js';
import { createStockExecutor } from './stock-executor.js';
import type { SubgraphSources } from './subgraph-source.js';
import type { FederatedGraph } from './supergraph.js';

export type Variables = Readonly<Record<string, unknown>>;

/** A payload that a subgraph pushed for a subscription. */
export interface PrimaryPayload {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly SubgraphError[];
}

export interface SubgraphError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Record<string, unknown>;
}

/** The one seam to whatever executes query plans. */
export interface SupergraphExecutor {
  /** Runs a planned query or mutation. */
  execute(planned: PlannedOperation, variables: Variables, context: RequestContext): Promise<ExecutionResult>;
  /** Runs what is left of a subscription's plan once its subgraph has pushed a payload, which it takes over. */
  executeRest(
    planned: PlannedOperation,
    payload: PrimaryPayload,
    variables: Variables,
    context: RequestContext,
  ): Promise<ExecutionResult>;
  /** The errors of variables that do not fit their definitions. */
  checkVariables(planned: PlannedOperation, variables: Variables): readonly GraphQLError[];
}

/** Executes what was compiled with its plan, and leaves unusual plans to Apollo's executor. */
export function createSupergraphExecutor(
  graph: FederatedGraph,
  sources: SubgraphSources,
): SupergraphExecutor {
  const stock = createStockExecutor(graph, sources);
  const newRun = (variables: Variables, context: RequestContext) => ({
    variables,
    context,
    sources: sources.byName,
    data: {},
    errors: [],
  });

  return {
    execute: (planned, variables, context) =>
      planned.compiled === undefined
        ? stock.execute(planned, variables, context)
        : planned.compiled.execute(newRun(variables, context)),

    executeRest: (planned, payload, variables, context) =>
      planned.compiled === undefined
        ? stock.executeRest(planned, payload, variables, context)
        : planned.compiled.execute(newRun(variables, context), payload),

    checkVariables(planned, variables) {
      if (planned.variableDefinitions.length === 0) return [];
      return getVariableValues(graph.schema, planned.variableDefinitions, variables).errors ?? [];
    },
  };
}
