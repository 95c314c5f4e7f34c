import { AppError } from '@weft/errors';
import { withCorrelation } from '@weft/telemetry';
import { valueFromAST, type FormattedExecutionResult } from 'graphql';
import { AFTER_VARIABLE } from '../federation/live-plan.js';
import type { PlannedOperation } from '../federation/operation-plans.js';
import { isUnexpected, presentGraphQLError } from '../federation/present-graphql-error.js';
import type { RequestContext } from '../federation/request-context.js';
import type {
  PrimaryPayload,
  SubgraphError,
  SupergraphExecutor,
  Variables,
} from '../federation/supergraph-executor.js';
import type { LiveMetrics } from './live-metrics.js';
import { isOldNews, PendingPayloads, positionOf, type PendingLimits } from './pending-payloads.js';
import type { SubscribePayload, UpstreamSink, UpstreamSocket } from './upstream-socket.js';

export interface LiveFeedOptions {
  readonly planned: PlannedOperation;
  readonly variables: Variables;
  /** Asked for each payload: the caller may change while the feed is open. */
  readonly context: () => RequestContext;
  readonly executor: SupergraphExecutor;
  readonly upstream: UpstreamSocket;
  readonly limits: PendingLimits;
  /** How long a first connection, and a lost one, may take. */
  readonly openTimeoutMs: number;
  readonly resumeTimeoutMs: number;
  readonly metrics: LiveMetrics;
  readonly onClosed: () => void;
}

/** Errors that end a feed and are sent to the client as they are. */
export class FeedEndedByErrors extends Error {
  constructor(readonly errors: readonly SubgraphError[]) {
    super('The subgraph ended the subscription with errors');
  }
}

type Result = IteratorResult<FormattedExecutionResult, undefined>;
const DONE: Result = { done: true, value: undefined };

/**
 * One client's live field. The client pulls: while it has not taken the last result, payloads wait (coalesced and
 * bounded), and when they become too many the upstream is let go until they are taken, and resumed from there.
 * An iterator written by hand, because a generator cannot be closed while it waits for its next event.
 */
export class LiveFeed implements AsyncIterableIterator<FormattedExecutionResult, undefined> {
  readonly #options: LiveFeedOptions;
  readonly #pending: PendingPayloads;
  #unsubscribe: (() => void) | undefined;
  #wake: (() => void) | undefined;
  #closed = false;
  #completed = false;
  #failure: unknown;
  /** Position of the newest payload that is pending or delivered: where to go on from. */
  #received: unknown;
  /** True until the first payload after subscribing anew. */
  #resuming = false;
  #brokenSince: number | undefined;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
    this.#pending = new PendingPayloads(options.planned.resumption, options.limits);
    this.#brokenSince = performance.now();
    this.#subscribe();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Result> {
    for (;;) {
      if (this.#closed) return DONE;
      const next = this.#pending.take();
      if (next !== undefined) {
        if (next.merged > 1) this.#options.metrics.coalesced.inc(next.merged - 1);
        const result = await this.#complete(next.payload);
        // The client may have left, or been sent away, while the rest was fetched.
        return this.#closed ? this.#ended() : { done: false, value: result };
      }
      if (this.#failure !== undefined || this.#completed) {
        this.#close();
        return this.#ended();
      }
      if (this.#unsubscribe === undefined) this.#subscribe();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  return(): Promise<Result> {
    this.#close();
    return Promise.resolve(DONE);
  }

  throw(error: unknown): Promise<Result> {
    this.#close();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }

  /** Ends the feed with an error now, whatever is still pending. */
  fail(error: unknown): void {
    if (this.#closed) return;
    this.#pending.clear();
    this.#failure ??= error;
    this.#letGo();
    this.#wakeUp();
  }

  /** The caller's rights were cut: asks the subgraph anew, which then decides. */
  reauthorize(): void {
    if (this.#closed || this.#completed || this.#failure !== undefined || this.#unsubscribe === undefined)
      return;
    if (this.#options.planned.resumption === undefined) {
      this.fail(
        new AppError('SUBSCRIPTION_REVOKED', 'The rights of the token have changed; subscribe again.'),
      );
      return;
    }
    this.#letGo();
    this.#subscribe();
  }

  #ended(): Result {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    return DONE;
  }

  async #complete(payload: PrimaryPayload): Promise<FormattedExecutionResult> {
    const { executor, planned, variables, metrics } = this.#options;
    const context = this.#options.context();
    return withCorrelation(context.correlationId, async () => {
      try {
        const { data, errors, extensions } = await executor.executeRest(planned, payload, variables, context);
        metrics.delivered.inc();
        const presented = errors?.map((error) => this.#present(error));
        return {
          ...(presented === undefined ? {} : { errors: presented }),
          ...(data === undefined ? {} : { data }),
          ...(extensions === undefined ? {} : { extensions }),
        };
      } catch (error) {
        return { errors: [this.#present(error)], data: null };
      }
    });
  }

  #present(error: unknown) {
    const presented = presentGraphQLError(error);
    if (isUnexpected(presented)) this.#options.metrics.unexpected(error);
    return presented;
  }

  #subscribe(): void {
    const sink: UpstreamSink = {
      next: (payload, bytes) => this.#unsubscribe === unsubscribe && this.#receive(payload, bytes),
      error: (errors) => this.#unsubscribe === unsubscribe && this.#failLater(new FeedEndedByErrors(errors)),
      complete: () => this.#unsubscribe === unsubscribe && this.#completeLater(),
      lost: (reason, sent) => this.#unsubscribe === unsubscribe && this.#lose(reason, sent),
    };
    const unsubscribe = this.#options.upstream.subscribe(() => this.#payload(), sink);
    this.#unsubscribe = unsubscribe;
    this.#resuming = this.#received !== undefined;
  }

  async #payload(): Promise<SubscribePayload> {
    const { planned, variables } = this.#options;
    const context = this.#options.context();
    const primary = planned.subscription?.primary;
    if (primary === undefined) throw new Error('Only a subscription can be subscribed to');
    const wanted: Record<string, unknown> = {};
    for (const name of primary.variableUsages ?? [])
      if (variables[name] !== undefined) wanted[name] = variables[name];
    const after = this.#received ?? this.#clientPosition();
    if (planned.resumption !== undefined && after !== undefined) wanted[AFTER_VARIABLE] = after;
    const authorization = await context.caller.authorization();
    return {
      query: primary.operation,
      operationName: primary.operationName,
      variables: wanted,
      extensions: {
        ...(authorization === undefined ? {} : { authorization }),
        correlationId: context.correlationId,
      },
    };
  }

  #clientPosition(): unknown {
    const resumption = this.#options.planned.resumption;
    const given = resumption?.node.arguments?.find((one) => one.name.value === resumption.field.after.name);
    if (resumption === undefined || given === undefined) return undefined;
    const defaults: Record<string, unknown> = {};
    for (const { variable, defaultValue, type: _type } of this.#options.planned.variableDefinitions) {
      if (defaultValue !== undefined)
        defaults[variable.name.value] = valueFromAST(defaultValue, resumption.field.after.type);
    }
    return valueFromAST(given.value, resumption.field.after.type, {
      ...defaults,
      ...this.#options.variables,
    });
  }

  #receive(payload: PrimaryPayload, bytes: number): void {
    this.#brokenSince = undefined;
    const { resumption } = this.#options.planned;
    if (resumption !== undefined) {
      const resumed = this.#resuming;
      this.#resuming = false;
      if (resumed && isOldNews(payload, resumption, this.#received)) return;
    }
    if (!this.#pending.offer(payload, bytes)) {
      this.#overflow();
      return;
    }
    if (resumption !== undefined) this.#received = positionOf(payload, resumption) ?? this.#received;
    this.#wakeUp();
  }

  #overflow(): void {
    this.#options.metrics.overflowed.inc();
    if (this.#options.planned.resumption === undefined) {
      this.fail(
        new AppError(
          'RATE_LIMITED',
          'The client takes the payloads of this subscription too slowly; subscribe again.',
        ),
      );
      return;
    }
    this.#letGo();
  }

  #lose(reason: string, sent: boolean): void {
    const { planned, openTimeoutMs, resumeTimeoutMs, metrics } = this.#options;
    this.#unsubscribe = undefined;
    this.#brokenSince ??= performance.now();
    const patience = this.#received === undefined ? openTimeoutMs : resumeTimeoutMs;
    const broken = planned.resumption === undefined && sent;
    if (broken || performance.now() - this.#brokenSince > patience) {
      const subgraph = planned.subscription?.primary.serviceName;
      this.#failLater(
        new AppError(
          'SERVICE_UNAVAILABLE',
          `Subgraph "${subgraph}" was lost; subscribe again.`,
          { subgraph },
          { cause: reason },
        ),
      );
      return;
    }
    metrics.resumed.inc();
    this.#subscribe();
  }

  #failLater(error: unknown): void {
    this.#unsubscribe = undefined;
    this.#failure ??= error;
    this.#wakeUp();
  }

  #completeLater(): void {
    this.#unsubscribe = undefined;
    this.#completed = true;
    this.#wakeUp();
  }

  #letGo(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#letGo();
    this.#pending.clear();
    this.#options.onClosed();
    this.#wakeUp();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
