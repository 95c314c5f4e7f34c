import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@weft/errors';
import type { JSONWebKeySet } from '@weft/identity';
import {
  acceptCorrelation,
  CORRELATION_HEADER,
  withCorrelation,
  type Logger,
  type Metrics,
} from '@weft/telemetry';
import type { Gatekeeper } from '../identity/gatekeeper.js';
import { ARTIFACTS_PATH, type ArtifactProxy } from './artifacts.js';
import type { Cors } from './cors.js';
import { EXPLORER_PATH, handleExplorerAsset, handleExplorerPage, wantsPage } from './explorer.js';
import { handleGraphQL } from './graphql-http.js';
import { handleGraphQLSse, wantsEvents, type GraphQLSseOptions } from './graphql-sse.js';
import type { JobsApi } from './jobs-api.js';
import { pidIn, type PidResolver } from './pid-resolver.js';
import type { Readiness } from './readiness.js';
import { sendError, sendJson, sendText } from './reply.js';

export interface RouterOptions extends GraphQLSseOptions {
  readonly cors: Cors;
  readonly gatekeeper: Gatekeeper;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  /** Absent: this supergraph has no execution subgraph. */
  readonly artifacts: ArtifactProxy | undefined;
  /** Absent: this supergraph has no job definitions. */
  readonly jobsApi: JobsApi | undefined;
  /** Absent: this supergraph has no items. */
  readonly pidResolver: PidResolver | undefined;
  readonly jwks: JSONWebKeySet;
  readonly logger: Logger;
}

export type Router = (request: IncomingMessage, response: ServerResponse) => void;

/** Every path that the gateway serves over HTTP. */
export function createRouter(options: RouterOptions): Router {
  const { cors, logger } = options;

  return (request, response) => {
    const correlationId = acceptCorrelation(request.headers[CORRELATION_HEADER] as string | undefined);
    response.setHeader(CORRELATION_HEADER, correlationId);
    response.on('error', (error) => logger.debug({ error: error.message }, 'a response could not be sent'));
    if (options.closing.aborted) response.setHeader('connection', 'close');
    if (cors.apply(request, response)) return;
    withCorrelation(correlationId, () => {
      route(options, request, response).catch((error: unknown) => {
        if (!(error instanceof AppError))
          logger.error({ err: error, path: pathOf(request) }, 'unexpected error in a request');
        if (!response.headersSent) sendError(response, error);
      });
    });
  };
}

async function route(
  options: RouterOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = pathOf(request);
  if (path === '/graphql') {
    if (wantsEvents(request)) return handleGraphQLSse(request, response, options);
    if (wantsPage(request)) return handleExplorerPage(request, response);
    return handleGraphQL(request, response, options);
  }
  if (path.startsWith(ARTIFACTS_PATH) && options.artifacts !== undefined)
    return options.artifacts.handle(request, response);
  if (path.startsWith('/api/') && (await options.jobsApi?.handle(path, request, response)) === true) return;
  if (request.method !== 'GET' && request.method !== 'HEAD') throw notFound(path);
  const pid = pidIn(path);
  if (pid !== undefined && options.pidResolver !== undefined)
    return options.pidResolver.handle(pid, request, response);
  if (path.startsWith(EXPLORER_PATH)) return handleExplorerAsset(path, response);
  switch (path) {
    case '/':
      response.writeHead(302, { location: '/graphql' }).end();
      return;
    case '/healthz':
      return sendJson(response, 200, { status: 'ok' });
    case '/readyz':
      return sendReadiness(options, response);
    case '/metrics':
      await options.gatekeeper.admit(request.headers.authorization);
      return sendText(response, 200, await options.metrics.render(), options.metrics.registry.contentType);
    case '/.well-known/jwks.json':
      return sendJson(response, 200, options.jwks, 'application/jwk-set+json');
    default:
      throw notFound(path);
  }
}

async function sendReadiness({ readiness, closing }: RouterOptions, response: ServerResponse): Promise<void> {
  const missing = closing.aborted ? ['gateway (stopping)'] : await readiness.missing();
  if (missing.length === 0) sendJson(response, 200, { status: 'ready' });
  else sendJson(response, 503, { status: 'not ready', missing });
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?', 1)[0] ?? '';

const notFound = (path: string): AppError =>
  new AppError(
    'NOT_FOUND',
    `The gateway serves /graphql, /artifacts/, /api/jobs/{id}/start, /api/runs/{id}, /pid/{identifier}, /healthz, /readyz and /metrics, not ${path.slice(0, 100)}.`,
  );
