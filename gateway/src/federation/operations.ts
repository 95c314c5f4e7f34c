import {
  ApolloServer,
  type ApolloServerPlugin,
  type HTTPGraphQLResponse,
  type HeaderMap,
} from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { Logger } from '@weft/telemetry';
import {
  GraphQLError,
  OperationTypeNode,
  type ExecutionResult,
  type FormattedExecutionResult,
} from 'graphql';
import type { OperationPlans } from './operation-plans.js';
import { isUnexpected, presentGraphQLError } from './present-graphql-error.js';
import type { RequestContext } from './request-context.js';
import type { SupergraphExecutor, Variables } from './supergraph-executor.js';
import type { FederatedGraph } from './supergraph.js';

export interface OperationsOptions {
  readonly graph: FederatedGraph;
  readonly plans: OperationPlans;
  readonly executor: SupergraphExecutor;
  readonly introspection: boolean;
  readonly maxTokens: number;
  readonly logger: Logger;
}

export interface HttpRequest {
  readonly method: string;
  readonly headers: HeaderMap;
  readonly search: string;
  readonly body: unknown;
}

export interface OperationRequest {
  readonly source: string;
  readonly operationName: string | undefined;
  readonly variables: Variables;
}

/** Queries and mutations: Apollo Server's request pipeline in front of the supergraph's executor. */
export interface Operations {
  /** GraphQL over HTTP. */
  serve(request: HttpRequest, context: RequestContext): Promise<HTTPGraphQLResponse>;
  /** One operation that came over another transport. */
  run(request: OperationRequest, context: RequestContext): Promise<FormattedExecutionResult>;
  close(): Promise<void>;
}

type Gateway = NonNullable<ConstructorParameters<typeof ApolloServer<RequestContext>>[0]['gateway']>;

export async function createOperations(options: OperationsOptions): Promise<Operations> {
  const { graph, logger } = options;
  const gateway: Gateway = {
    onSchemaLoadOrUpdate(callback) {
      callback({ apiSchema: graph.schema, coreSupergraphSdl: graph.sdl });
      return () => undefined;
    },
    load: () => Promise.resolve({ executor: (request) => execute(options, request) }),
    stop: () => Promise.resolve(),
  };
  const server = new ApolloServer<RequestContext>({
    gateway,
    introspection: options.introspection,
    parseOptions: { maxTokens: options.maxTokens },
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
    logger,
    formatError(formatted, error) {
      const presented = presentGraphQLError(error, formatted);
      if (isUnexpected(presented)) logger.error({ err: error }, 'unexpected error in an operation');
      return presented;
    },
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      outcomePlugin,
    ],
  });
  await server.start();

  return {
    serve: (httpGraphQLRequest, context) =>
      server.executeHTTPGraphQLRequest({ httpGraphQLRequest, context: () => Promise.resolve(context) }),
    async run({ source, operationName, variables }, contextValue) {
      const { body } = await server.executeOperation(
        { query: source, operationName, variables: { ...variables } },
        { contextValue },
      );
      if (body.kind === 'single') return body.singleResult;
      throw new Error('Incremental delivery is not offered');
    },
    close: () => server.stop(),
  };
}

type GatewayRequest = Parameters<NonNullable<Awaited<ReturnType<Gateway['load']>>['executor']>>[0];

async function execute(
  { plans, executor }: OperationsOptions,
  request: GatewayRequest,
): Promise<ExecutionResult> {
  try {
    const planned = plans.plan(request.source, request.document, request.request.operationName ?? undefined);
    if (planned.type === OperationTypeNode.SUBSCRIPTION) throw overOtherTransport();
    const variables = request.request.variables ?? {};
    const misfits = executor.checkVariables(planned, variables);
    if (misfits.length > 0) return { errors: misfits };
    return await executor.execute(planned, variables, request.context as RequestContext);
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
  }
}

const overOtherTransport = (): GraphQLError =>
  new GraphQLError(
    'Subscriptions are served over WebSocket (graphql-transport-ws) and server-sent events (Accept: text/event-stream) on this path.',
    { extensions: { code: 'BAD_USER_INPUT' } },
  );

const REFUSED = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
  'QUERY_TOO_COMPLEX',
]);

const outcomePlugin: ApolloServerPlugin<RequestContext> = {
  requestDidStart: () =>
    Promise.resolve({
      willSendResponse({ contextValue, operation, response }) {
        const { outcome } = contextValue;
        if (operation !== undefined) outcome.operation = operation.operation;
        const errors = response.body.kind === 'single' ? response.body.singleResult.errors : undefined;
        outcome.refused = errors?.some((error) => REFUSED.has(String(error.extensions?.['code']))) ?? false;
        return Promise.resolve();
      },
    }),
};
