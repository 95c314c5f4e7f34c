import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer, HeaderMap, type HTTPGraphQLRequest } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import type { ActorVerifier } from '@weft/identity';
import {
  acceptCorrelation,
  CORRELATION_HEADER,
  withCorrelation,
  type Logger,
  type Metrics,
} from '@weft/telemetry';
import type { GraphQLSchema } from 'graphql';
import { readBody, sendError, sendJson } from './http.js';
import { DocumentCache, prepareOperation, readOperationRequest } from './operation.js';
import { presentGraphQLError } from './present.js';
import type { RequestContext } from './request-context.js';
import { serveSse } from './sse.js';
import { serveWebSocket } from './ws.js';

export interface SubgraphOptions<C extends RequestContext> {
  readonly name: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly schema: GraphQLSchema;
  readonly verifier: ActorVerifier;
  /** Adds the service's loaders and use cases to what the request brings. */
  readonly context: (base: RequestContext) => C;
  /** What is missing to serve fully: part → problem. Empty: ready. */
  readonly problems: () => Promise<Readonly<Record<string, string>>>;
  /** Further routes of the service; true when it answered. */
  readonly route?: (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface Subgraph {
  /** The GraphQL endpoint. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Serves a subgraph over HTTP, SSE and WebSocket. Nothing but the two health answers is given without a signed actor. */
export async function serveSubgraph<C extends RequestContext>(
  options: SubgraphOptions<C>,
): Promise<Subgraph> {
  const { schema, verifier, logger } = options;
  const documents = new DocumentCache(schema);
  const apollo = new ApolloServer<C>({
    schema,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: false,
    formatError: (formatted, error) => presentGraphQLError(formatted, error, logger),
    stopOnTerminationSignals: false,
    // The other two would have a hand in every field that is resolved.
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
    ],
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: (text) => logger.warn(text),
      error: (text) => logger.error(text),
    },
  });
  await apollo.start();
  const seconds = options.metrics.histogram(
    'weft_http_seconds',
    'Duration of GraphQL requests',
    [0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 1, 3],
  );

  const serveGraphQL = async (
    request: IncomingMessage,
    response: ServerResponse,
    correlationId: string,
  ): Promise<void> => {
    const actor = await verifier.verify(request.headers.authorization);
    const context = options.context({ actor, correlationId });
    const body = request.method === 'POST' ? await readBody(request) : '';
    if (request.method === 'POST' && request.headers.accept?.includes('text/event-stream')) {
      await serveSse(
        request,
        response,
        prepareOperation(schema, documents, readOperationRequest(body, logger), context),
        logger,
      );
      return;
    }
    const headers = new HeaderMap();
    for (const [name, value] of Object.entries(request.headers)) {
      if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
    }
    const httpRequest: HTTPGraphQLRequest = {
      method: request.method ?? 'GET',
      headers,
      search: new URL(request.url ?? '/', 'http://subgraph').search,
      body: body === '' ? {} : parseJson(body),
    };
    const answer = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: httpRequest,
      context: () => Promise.resolve(context),
    });
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    response.statusCode = answer.status ?? 200;
    if (answer.body.kind === 'complete') {
      response.end(answer.body.string);
      return;
    }
    for await (const chunk of answer.body.asyncIterator) response.write(chunk);
    response.end();
  };

  const handle = async (
    request: IncomingMessage,
    response: ServerResponse,
    correlationId: string,
  ): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://subgraph');
    if (url.pathname === '/graphql') {
      const stop = seconds.startTimer();
      await serveGraphQL(request, response, correlationId);
      stop();
    } else if (url.pathname === '/healthz') {
      sendJson(response, 200, { status: 'ok' });
    } else if (url.pathname === '/readyz') {
      const problems = await options.problems();
      const ready = Object.keys(problems).length === 0;
      sendJson(response, ready ? 200 : 503, {
        status: ready ? 'ready' : 'not ready',
        missing: Object.keys(problems),
      });
    } else if (url.pathname === '/metrics') {
      await verifier.verify(request.headers.authorization);
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(await options.metrics.render());
    } else if (!(await options.route?.(request, response, url))) {
      await verifier.verify(request.headers.authorization);
      sendJson(response, 404, {
        errors: [{ message: 'Nothing is here.', extensions: { code: 'NOT_FOUND' } }],
      });
    }
  };

  const server = createServer((request, response) => {
    const given = request.headers[CORRELATION_HEADER];
    const correlationId = acceptCorrelation(Array.isArray(given) ? given[0] : given);
    response.setHeader(CORRELATION_HEADER, correlationId);
    void withCorrelation(correlationId, () =>
      handle(request, response, correlationId).catch((error: unknown) => {
        sendError(response, error);
      }),
    );
  });
  server.keepAliveTimeout = 65_000;
  const sockets = serveWebSocket({
    server,
    path: '/graphql',
    schema,
    documents,
    verifier,
    context: options.context,
    logger,
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}/graphql`,
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await sockets.close();
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), 3_000);
      await closed;
      clearTimeout(cut);
      await apollo.stop();
    },
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Apollo Server answers a body that is not an object with its own 400.
    return undefined;
  }
}
