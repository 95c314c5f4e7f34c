import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { EVERYONE } from '@weft/contracts';
import { AppError } from '@weft/errors';
import { createActorIssuer, type ActorIssuer, type JSONWebKeySet, type JWK } from '@weft/identity';
import { createLogger, createMetrics, type Logger } from '@weft/telemetry';
import type { GatewayConfig } from './config.js';
import { createDocuments } from './federation/documents.js';
import { createOperationPlans } from './federation/operation-plans.js';
import { createOperations } from './federation/operations.js';
import { newOutcome } from './federation/request-context.js';
import { createSubgraphSources, type SubgraphSources } from './federation/subgraph-source.js';
import { createSupergraphExecutor } from './federation/supergraph-executor.js';
import { readSupergraph, type FederatedGraph } from './federation/supergraph.js';
import { createArtifactProxy } from './http/artifacts.js';
import { createCors } from './http/cors.js';
import { listen } from './http/http-server.js';
import { createJobsApi } from './http/jobs-api.js';
import { createPidResolver } from './http/pid-resolver.js';
import { createReadiness } from './http/readiness.js';
import { createRouter } from './http/router.js';
import { nobody, signingCaller, type Caller } from './identity/caller.js';
import { createGatekeeper, openDoor, RECHECK_MS, type Gatekeeper } from './identity/gatekeeper.js';
import {
  createTokenDirectory,
  readTokenActors,
  TOKEN_ACTORS_QUERY,
  type AskTokens,
} from './identity/token-directory.js';
import { createLiveFields } from './live/live-fields.js';
import { createLiveMetrics } from './live/live-metrics.js';
import { UpstreamSocket } from './live/upstream-socket.js';
import { createWsServer } from './live/ws-server.js';

/** What a test may put in place of the real thing. */
export interface GatewayOverrides {
  readonly logger?: Logger;
  readonly supergraphSdl?: string;
  /** How often the tokens behind open subscriptions are asked again. */
  readonly recheckMs?: number;
}

export interface Gateway extends AsyncDisposable {
  /** The base URL, without a path. */
  readonly url: string;
  /** What is open now: for tests and for the log line at the end. */
  readonly open: { readonly liveFields: number; readonly sockets: number; readonly upstream: number };
}

const COMMITTED_SUPERGRAPH = fileURLToPath(new URL('../supergraph.graphql', import.meta.url));

/** Builds the gateway from top to bottom and starts it. */
export async function createGateway(
  config: GatewayConfig,
  overrides: GatewayOverrides = {},
): Promise<Gateway> {
  const secured = config.GATEWAY_AUTH === 'on';
  const logger = overrides.logger ?? createLogger('gateway', config.LOG_LEVEL);
  const metrics = createMetrics('gateway');
  const sdl =
    overrides.supergraphSdl ?? (await readSupergraphFile(config.SUPERGRAPH_FILE ?? COMMITTED_SUPERGRAPH));
  const graph = readSupergraph(sdl, config.SUBGRAPH_URLS);

  const { issuer, jwks } = secured ? await readSigningKey(config) : { issuer: undefined, jwks: { keys: [] } };
  const self = issuer === undefined ? nobody : signingCaller(GATEWAY_ACTOR, issuer);
  const everyone = issuer === undefined ? nobody : signingCaller(ANYONE, issuer);
  const sources = createSubgraphSources(graph.subgraphs, config.SUBGRAPH_TIMEOUT);
  const gatekeeper =
    issuer === undefined ? openDoor : keepGate(graph, sources, issuer, self, logger, overrides.recheckMs);

  const introspection = config.INTROSPECTION !== 'off';
  const documents = createDocuments(graph.schema, limitsOf(config), config.QUERY_MAX_TOKENS, introspection);
  const plans = createOperationPlans(graph, (message) => logger.warn(message));
  const executor = createSupergraphExecutor(graph, sources);
  const operations = await createOperations({
    graph,
    documents,
    plans,
    executor,
    introspection,
    maxTokens: config.QUERY_MAX_TOKENS,
    logger,
  });

  const upstreams = new Map(
    graph.subgraphs.map(({ name, url }) => [name, openUpstream(name, url, self, logger)]),
  );
  const liveFields = createLiveFields({
    documents,
    plans,
    executor,
    upstreams,
    gatekeeper,
    metrics: createLiveMetrics(metrics, logger),
    resumeTimeoutMs: config.LIVE_RESUME_TIMEOUT,
  });
  const ws = createWsServer({
    schema: graph.schema,
    documents,
    operations,
    liveFields,
    gatekeeper,
    logger,
    maxMessageBytes: config.MAX_BODY_BYTES,
    maxOperations: config.LIVE_MAX_PER_CONNECTION,
    initTimeoutMs: config.LIVE_INIT_TIMEOUT,
    clientTimeoutMs: config.LIVE_CLIENT_TIMEOUT,
  });

  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const execution = graph.subgraphs.find((one) => one.name === 'execution');
  const artifacts = execution && createArtifactProxy(execution.url.origin, config.MAX_ARTIFACT_BYTES);
  const cors = createCors(config.CORS_ORIGINS);
  const requests = metrics.histogram(
    'weft_gateway_request_seconds',
    'Duration of GraphQL requests over HTTP',
    BUCKETS,
    ['operation', 'ok'],
  );
  const observe = (operation: string, ok: boolean, seconds: number): void => {
    requests.observe({ operation, ok: String(ok) }, seconds);
    // Reads are many and change nothing; what changes something can be followed by its correlation id.
    logger[operation === 'query' ? 'debug' : 'info'](
      { operation, ok, ms: Math.round(seconds * 1_000) },
      'request',
    );
  };
  const maxBodyBytes = config.MAX_BODY_BYTES;
  const router = createRouter({
    cors,
    gatekeeper,
    documents,
    operations,
    liveFields,
    readiness: createReadiness(graph.subgraphs, secured),
    metrics,
    artifacts,
    jobsApi: createJobsApi({ schema: graph.schema, operations, gatekeeper, maxBodyBytes, observe }),
    pidResolver: createPidResolver({ schema: graph.schema, operations, gatekeeper, everyone, observe }),
    jwks,
    logger,
    maxBodyBytes,
    anonymousIntrospection: secured && config.INTROSPECTION === 'on',
    observe,
    closing: closing.signal,
  });
  const host = config.HOST ?? (secured ? undefined : '127.0.0.1');
  const server = await listen({ host, port: config.PORT, router, ws, cors });
  logger.info(
    { url: server.url, subgraphs: graph.subgraphs.map((one) => one.name), auth: config.GATEWAY_AUTH },
    'gateway is up',
  );

  return {
    url: server.url,
    get open() {
      const upstream = [...upstreams.values()].reduce((sum, one) => sum + one.size, 0);
      return { liveFields: liveFields.size, sockets: ws.size, upstream };
    },
    async [Symbol.asyncDispose]() {
      if (closing.signal.aborted) return;
      logger.info('gateway is stopping');
      // Streams are cut off rather than completed: clients then subscribe again, at the next gateway.
      closing.abort();
      ws.close();
      await server.close(config.SHUTDOWN_TIMEOUT);
      gatekeeper.close();
      for (const upstream of upstreams.values()) upstream.close();
      await operations.close();
      await Promise.all([sources.close(), artifacts?.close()]);
      metrics.registry.clear();
      logger.info('gateway has stopped');
    },
  };
}

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

const GATEWAY_ACTOR = {
  kind: 'gateway',
  id: 'gateway',
  organizations: [],
  teams: [],
  personalOrganizationId: undefined,
  scopes: [],
  roles: [],
  tokenId: undefined,
} as const;

/** A caller without a token, where none is needed: a member of nothing, who has what is granted to everyone. */
const ANYONE = { ...GATEWAY_ACTOR, kind: 'user', id: EVERYONE, scopes: ['read'] } as const;

const limitsOf = (config: GatewayConfig) => ({
  depth: config.QUERY_MAX_DEPTH,
  aliases: config.QUERY_MAX_ALIASES,
  rootFields: config.QUERY_MAX_ROOT_FIELDS,
  fields: config.QUERY_MAX_FIELDS,
});

function keepGate(
  graph: FederatedGraph,
  sources: SubgraphSources,
  issuer: ActorIssuer,
  self: Caller,
  logger: Logger,
  recheckMs: number | undefined,
): Gatekeeper {
  const marketplace = sources.byName.get('marketplace');
  if (marketplace === undefined) {
    const names = graph.subgraphs.map((one) => one.name).join(', ');
    throw new AppError(
      'CONFIG_INVALID',
      `GATEWAY_AUTH=on needs a subgraph "marketplace" that knows the tokens; SUPERGRAPH_FILE has ${names}.`,
    );
  }
  const ask: AskTokens = async (hashes) => {
    const context = { caller: self, correlationId: randomUUID(), outcome: newOutcome() };
    const request = { query: TOKEN_ACTORS_QUERY, variables: { hashes: [...hashes] } };
    return readTokenActors(await within(ASK_TIMEOUT_MS, marketplace.fetch(request, context)));
  };
  return createGatekeeper(createTokenDirectory(ask), issuer, logger, recheckMs ?? RECHECK_MS);
}

const ASK_TIMEOUT_MS = 3_000;

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new AppError('SERVICE_UNAVAILABLE', 'Tokens cannot be checked at the moment.')),
      timeoutMs,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

const openUpstream = (name: string, url: URL, self: Caller, logger: Logger): UpstreamSocket =>
  new UpstreamSocket({
    url,
    authorization: () => self.authorization(),
    onOpened: () => logger.debug({ subgraph: name }, 'live connection is open'),
    onClosed: (reason) => logger.debug({ subgraph: name, reason }, 'live connection is closed'),
  });

async function readSigningKey(config: GatewayConfig): Promise<{ issuer: ActorIssuer; jwks: JSONWebKeySet }> {
  if (config.ACTOR_SIGNING_KEY === undefined) {
    throw new AppError(
      'CONFIG_INVALID',
      'ACTOR_SIGNING_KEY is required when GATEWAY_AUTH=on: a private JWK (Ed25519).',
    );
  }
  try {
    const privateJwk = JSON.parse(config.ACTOR_SIGNING_KEY.reveal()) as JWK;
    const { d: _secret, ...publicJwk } = privateJwk;
    return { issuer: await createActorIssuer(privateJwk), jwks: { keys: [publicJwk] } };
  } catch {
    throw new AppError('CONFIG_INVALID', 'ACTOR_SIGNING_KEY is not a private JWK (Ed25519).');
  }
}

async function readSupergraphFile(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AppError('CONFIG_INVALID', `SUPERGRAPH_FILE cannot be read: ${file}`, { file }, { cause });
  });
}
