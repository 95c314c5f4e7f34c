import { executeQueryPlan, type GraphQLDataSource } from '@apollo/gateway';
import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { PlannedOperation } from './operation-plans.js';
import { atPublicPath, restoreNames } from './private-names.js';
import type { RequestContext } from './request-context.js';
import type { SubgraphSources } from './subgraph-source.js';
import type { PrimaryPayload, SupergraphExecutor, Variables } from './supergraph-executor.js';
import type { FederatedGraph } from './supergraph.js';

type GatewayRequest = Parameters<typeof executeQueryPlan>[2];

/** Apollo's own `executeQueryPlan`: takes what the compiled executor does not, and is what that one is tested against. */
export function createStockExecutor(
  graph: FederatedGraph,
  sources: SubgraphSources,
): Pick<SupergraphExecutor, 'execute' | 'executeRest'> {
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

// Errors of ours are no GraphQLErrors; they have no place, and their presenter wants them as they are.
const publicError = (error: GraphQLError, names: ReadonlyMap<string, string>): GraphQLError =>
  'path' in error ? atPublicPath(error, names) : error;
