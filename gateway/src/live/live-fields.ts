import { AppError } from '@weft/errors';
import { OperationTypeNode, type GraphQLFormattedError } from 'graphql';
import type { Documents } from '../federation/documents.js';
import type { OperationPlans, PlannedOperation } from '../federation/operation-plans.js';
import { presentGraphQLError, withCode } from '../federation/present-graphql-error.js';
import { newOutcome } from '../federation/request-context.js';
import type { SupergraphExecutor, Variables } from '../federation/supergraph-executor.js';
import type { Admission, Gatekeeper } from '../identity/gatekeeper.js';
import { LiveFeed } from './live-feed.js';
import type { LiveMetrics } from './live-metrics.js';
import type { UpstreamSocket } from './upstream-socket.js';

export interface LiveFieldsOptions {
  readonly documents: Documents;
  readonly plans: OperationPlans;
  readonly executor: SupergraphExecutor;
  readonly upstreams: ReadonlyMap<string, UpstreamSocket>;
  readonly gatekeeper: Gatekeeper;
  readonly metrics: LiveMetrics;
  readonly resumeTimeoutMs: number;
}

export interface LiveRequest {
  readonly source: string;
  readonly operationName: string | undefined;
  readonly variables: Variables;
  readonly admission: Admission;
  readonly correlationId: string;
}

export type Opened =
  | { readonly feed: LiveFeed; readonly errors?: undefined }
  | { readonly feed?: undefined; readonly errors: readonly GraphQLFormattedError[] };

export interface LiveFields {
  /** Opens a subscription, or says what is wrong with it. */
  open(request: LiveRequest): Opened;
  readonly size: number;
}

const COALESCED = { entries: 1_024, bytes: 256 * 1024 } as const;
const QUEUED = { entries: 1_024, bytes: 1024 * 1024 } as const;
const OPEN_TIMEOUT_MS = 15_000;

/** Serves subscriptions, whatever the transport: validates, plans, opens the feed and watches its credential. */
export function createLiveFields(options: LiveFieldsOptions): LiveFields {
  const { documents, plans, executor, upstreams, gatekeeper, metrics } = options;
  const feeds = new Set<LiveFeed>();

  const openFeed = (
    planned: PlannedOperation,
    { variables, admission, correlationId }: LiveRequest,
  ): LiveFeed => {
    const service = planned.subscription?.primary.serviceName ?? '';
    const upstream = upstreams.get(service);
    if (upstream === undefined) throw new Error(`No subgraph is called "${service}"`);
    const feed: LiveFeed = new LiveFeed({
      planned,
      variables,
      context: () => ({ caller: admission.caller, correlationId, outcome: newOutcome() }),
      executor,
      upstream,
      limits: planned.resumption === undefined ? QUEUED : COALESCED,
      openTimeoutMs: OPEN_TIMEOUT_MS,
      resumeTimeoutMs: options.resumeTimeoutMs,
      metrics,
      onClosed: () => {
        unwatch();
        if (feeds.delete(feed)) metrics.open.dec();
      },
    });
    feeds.add(feed);
    metrics.open.inc();
    const unwatch = gatekeeper.watch(admission, {
      ended: (error) => feed.fail(error),
      narrowed: () => feed.reauthorize(),
    });
    return feed;
  };

  return {
    open(request) {
      const refuse = (errors: readonly unknown[], code: string): Opened => ({
        errors: errors.map((error) =>
          presentGraphQLError(withCode(error, code), undefined, request.correlationId),
        ),
      });
      const { document, error, validate } = documents.examine(request.source);
      if (document === undefined) return refuse([error], 'GRAPHQL_PARSE_FAILED');
      const invalid = validate();
      if (invalid.length > 0) return refuse(invalid, 'GRAPHQL_VALIDATION_FAILED');
      try {
        const planned = plans.plan(request.source, document, request.operationName);
        if (planned.type !== OperationTypeNode.SUBSCRIPTION)
          throw new AppError('BAD_USER_INPUT', 'The operation is no subscription.');
        const misfits = executor.checkVariables(planned, request.variables);
        if (misfits.length > 0) return refuse(misfits, 'BAD_USER_INPUT');
        return { feed: openFeed(planned, request) };
      } catch (failure) {
        return refuse([failure], 'GRAPHQL_VALIDATION_FAILED');
      }
    },
    get size() {
      return feeds.size;
    },
  };
}
