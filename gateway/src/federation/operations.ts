import { ApolloServer, type ApolloServerPlugin, type HTTPGraphQLResponse, HeaderMap } from '@apollo/server';
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
  type GraphQLFormattedError,
} from 'graphql';
import { createDirectOperations, type AnswerDirectly, type OperationRequest } from './direct-operations.js';
import type { Documents } from './documents.js';
import type { OperationPlans } from './operation-plans.js';
import { isUnexpected, presentGraphQLError } from './present-graphql-error.js';
import { Recent } from './recent.js';
import type { RequestContext } from './request-context.js';
import type { SupergraphExecutor, Variables } from './supergraph-executor.js';
import type { FederatedGraph } from './supergraph.js';

export interface OperationsOptions {
  readonly graph: FederatedGraph;
  readonly documents: Documents;
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

/**
 * Queries and mutations. What is in order is answered directly; Apollo Server's request pipeline, which costs more than
 * the execution, serves the rest: refusals, GET, persisted queries, unknown `Accept` headers.
 */
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
  const present = (error: unknown, formatted?: GraphQLFormattedError): GraphQLFormattedError => {
    const presented = presentGraphQLError(error, formatted);
    if (isUnexpected(presented)) logger.error({ err: error }, 'unexpected error in an operation');
    return presented;
  };
  const answerDirectly = createDirectOperations({ ...options, present: (error) => present(error) });
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
    formatError: (formatted, error) => present(error, formatted),
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

  // What Apollo Server has negotiated for an `Accept` header holds for the next request with the same one.
  const contentTypes = new Recent<string>(MAX_ACCEPT_HEADERS, MAX_ACCEPT_CHARACTERS);

  return {
    async serve(request, context) {
      const accept = request.headers.get('accept') ?? '';
      const contentType = contentTypes.get(accept);
      if (contentType !== undefined) {
        const direct = await serveDirectly(answerDirectly, request, context);
        if (direct !== undefined)
          return { ...direct, headers: new HeaderMap([['content-type', contentType]]) };
      }
      const answer = await server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: request,
        context: () => Promise.resolve(context),
      });
      const chosen = answer.headers.get('content-type');
      if (chosen !== undefined && (answer.status ?? 200) === 200)
        contentTypes.set(accept, chosen, accept.length);
      return answer;
    },
    async run(request, contextValue) {
      const direct = await answerDirectly(request, contextValue);
      if (direct !== undefined) return direct;
      const { source, operationName, variables } = request;
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

const MAX_ACCEPT_HEADERS = 100;
const MAX_ACCEPT_CHARACTERS = 20_000;

async function serveDirectly(
  answerDirectly: AnswerDirectly,
  { method, body }: HttpRequest,
  context: RequestContext,
): Promise<Pick<HTTPGraphQLResponse, 'status' | 'body'> | undefined> {
  const request = method === 'POST' ? plainRequest(body) : undefined;
  const result = request && (await answerDirectly(request, context));
  if (result === undefined) return undefined;
  const { errors, data, extensions } = result;
  context.outcome.refused = isRefused(errors);
  return {
    status: data === undefined ? 500 : 200,
    body: { kind: 'complete', string: `${JSON.stringify({ errors, data, extensions })}\n` },
  };
}

/** A body with a document and its variables, and nothing else to be looked at. */
function plainRequest(body: unknown): OperationRequest | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const { query, variables, operationName, extensions } = body as Readonly<Record<string, unknown>>;
  if (typeof query !== 'string' || (extensions !== undefined && extensions !== null)) return undefined;
  const named = operationName === undefined || operationName === null || typeof operationName === 'string';
  const given = variables ?? {};
  if (!named || typeof given !== 'object' || Array.isArray(given)) return undefined;
  return { source: query, operationName: operationName ?? undefined, variables: given as Variables };
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

const isRefused = (errors: readonly GraphQLFormattedError[] | undefined): boolean =>
  errors?.some((error) => REFUSED.has(String(error.extensions?.['code']))) ?? false;

const outcomePlugin: ApolloServerPlugin<RequestContext> = {
  requestDidStart: () =>
    Promise.resolve({
      willSendResponse({ contextValue, operation, response }) {
        const { outcome } = contextValue;
        if (operation !== undefined) outcome.operation = operation.operation;
        const errors = response.body.kind === 'single' ? response.body.singleResult.errors : undefined;
        outcome.refused = isRefused(errors);
        return Promise.resolve();
      },
    }),
};
