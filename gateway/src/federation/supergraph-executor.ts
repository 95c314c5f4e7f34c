import { executeQueryPlan, type GraphQLDataSource } from '@apollo/gateway';
import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import { getVariableValues, GraphQLError, type ExecutionResult } from 'graphql';
import type { PlannedOperation } from './operation-plans.js';
import { restoreNames, restorePath } from './private-names.js';
import type { RequestContext } from './request-context.js';
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

/**
 * The one seam to whatever executes query plans: today Apollo's `executeQueryPlan`. Nothing else in the gateway
 * knows it, so that a faster executor can take its place.
 */
export interface SupergraphExecutor {
  /** Runs a planned query or mutation. */
  execute(planned: PlannedOperation, variables: Variables, context: RequestContext): Promise<ExecutionResult>;
  /** Runs what is left of a subscription's plan once its subgraph has pushed a payload. */
  executeRest(
    planned: PlannedOperation,
    payload: PrimaryPayload,
    variables: Variables,
    context: RequestContext,
  ): Promise<ExecutionResult>;
  /** The errors of variables that do not fit their definitions. */
  checkVariables(planned: PlannedOperation, variables: Variables): readonly GraphQLError[];
}

type GatewayRequest = Parameters<typeof executeQueryPlan>[2];

export function createSupergraphExecutor(
  graph: FederatedGraph,
  sources: SubgraphSources,
): SupergraphExecutor {
  const serviceMap: Record<string, GraphQLDataSource> = Object.fromEntries(sources.byName);

  const run = async (
    planned: PlannedOperation,
    plan: QueryPlan,
    services: Record<string, GraphQLDataSource>,
    variables: Variables,
    context: RequestContext,
  ): Promise<ExecutionResult> => {
    // The executor reads nothing else of Apollo's request context.
    const request = { request: { variables }, context, metrics: {} } as unknown as GatewayRequest;
    const result = await executeQueryPlan(
      plan,
      services,
      request,
      planned.context,
      graph.supergraphSchema,
      graph.apiSchema,
    );
    return publicResult(result, planned.publicNames);
  };

  return {
    execute: (planned, variables, context) => run(planned, planned.plan, serviceMap, variables, context),

    executeRest(planned, payload, variables, context) {
      const subscription = planned.subscription;
      if (subscription === undefined) throw new Error('Only a subscription has a rest');
      const { primary, rest } = subscription;
      // The payload is handed in as if the primary fetch had just answered, so that renaming, error paths and
      // null propagation are those of any other fetch.
      const services: Record<string, GraphQLDataSource> = Object.create(serviceMap);
      services[primary.serviceName] = answerFirst(payload, serviceMap[primary.serviceName]);
      return run(planned, asQuery(primary, rest), services, variables, context);
    },

    checkVariables(planned, variables) {
      if (planned.variableDefinitions.length === 0) return [];
      return getVariableValues(graph.schema, planned.variableDefinitions, variables).errors ?? [];
    },
  };
}

const asQuery = (primary: FetchNode, rest: PlanNode | undefined): QueryPlan => ({
  kind: 'QueryPlan',
  node: rest === undefined ? primary : { kind: 'Sequence', nodes: [primary, rest] },
});

function answerFirst(payload: PrimaryPayload, source: GraphQLDataSource | undefined): GraphQLDataSource {
  let answered = false;
  return {
    process(options) {
      if (answered && source !== undefined) return source.process(options);
      answered = true;
      return Promise.resolve(payload as Awaited<ReturnType<GraphQLDataSource['process']>>);
    },
  };
}

function publicResult(result: ExecutionResult, names: ReadonlyMap<string, string>): ExecutionResult {
  if (names.size === 0) return result;
  return {
    ...result,
    ...(result.errors === undefined
      ? {}
      : { errors: result.errors.map((error) => publicError(error, names)) }),
    data: restoreNames(result.data, names) as ExecutionResult['data'],
  };
}

function publicError(error: GraphQLError, names: ReadonlyMap<string, string>): GraphQLError {
  if (!(error instanceof GraphQLError) || error.path === undefined) return error;
  const { message, nodes, source, positions, extensions, originalError } = error;
  return new GraphQLError(message, {
    nodes,
    source,
    positions,
    path: restorePath(error.path, names),
    originalError,
    extensions,
  });
}
