import { HOPELESS_FAILURES, type AttemptReport, type ClaimedAttempt } from '@weft/contracts';
import { AppError, type ErrorCode } from '@weft/errors';
import { withCorrelation, type Logger, type SyncPoint } from '@weft/telemetry';
import type { LeaseKeeper, ReportBox, AttemptRun } from '@weft/worker';
import type { LogPost } from './log-post.js';
import { createLogShipper } from './log-shipper.js';
import type { PlatformClient } from './platform-client.js';
import { placeResult } from './result-store.js';
import type { RunEnvironments } from './run-environments.js';
import type { ItemRun, PreparedAttempt, Runner } from './runner.js';
import type { RunListener, RunOutcome, Usage } from './sandbox/run-spec.js';

type ItemReport = AttemptReport['items'][number];

export interface AttemptServices {
  readonly targetId: string;
  readonly client: PlatformClient;
  readonly runner: Runner;
  readonly leases: LeaseKeeper;
  readonly reports: ReportBox;
  readonly logs: LogPost;
  readonly environments: RunEnvironments;
  readonly syncPoint: SyncPoint;
  readonly logger: Logger;
}

export function startAttempt(services: AttemptServices, attempt: ClaimedAttempt): AttemptRun {
  const run = new RunningAttempt(services, attempt);
  return {
    finished: withCorrelation(attempt.correlationId, () => run.run()),
    giveBack: () => run.giveBack(),
  };
}

const MAX_MESSAGE = 4_000;

class RunningAttempt {
  readonly #stopped = new AbortController();
  readonly #startedAt = performance.now();
  #end: 'lost' | 'given-back' | undefined;
  /** Items that are not to run, or not to go on. */
  readonly #cancelled = new Set<number>();
  #current: { readonly index: number; readonly run: ItemRun } | undefined;
  #usage: Usage = { wallMs: 0, cpuMs: 0, peakMemoryBytes: 0 };
  #exitCode: number | null = null;
  /** Digest of what its items run in, once one of them does. */
  #environment: string | undefined;

  constructor(
    private readonly services: AttemptServices,
    private readonly attempt: ClaimedAttempt,
  ) {}

  giveBack(): void {
    this.#stop('given-back');
  }

  async run(): Promise<void> {
    const { services, attempt } = this;
    const { logger } = services;
    const lease = services.leases.hold(attempt, attempt.leaseMs, {
      lost: () => this.#stop('lost'),
      cancel: (items) => this.#cancel(items ?? attempt.items.map((item) => item.index)),
    });
    const log = createLogShipper(services.logs, attempt, logger);
    try {
      await services.syncPoint('after-claim');
      const told = await this.#runItems((fraction, message) => lease.progress(fraction, message), log);
      if (this.#end === 'given-back') await this.#post({ kind: 'RELEASED', items: [], usage: null });
      if (this.#end !== 'lost')
        logger.info({ jobId: attempt.jobId, attempt: attempt.attempt, items: told }, 'attempt finished');
    } catch (error) {
      logger.error(
        { err: error, jobId: attempt.jobId, attempt: attempt.attempt },
        'attempt broke off; its lease will run out',
      );
    } finally {
      lease.release();
      const usage = { ...this.#usage, exitCode: this.#exitCode };
      // The slot is free again: the log finds its way on its own.
      void log
        .end(this.#end === 'lost' ? null : usage)
        .catch((error: unknown) => logger.warn({ err: error }, 'log not delivered'));
    }
  }

  #stop(end: 'lost' | 'given-back'): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#stopped.abort();
    this.#current?.run.kill();
  }

  #cancel(items: readonly number[]): void {
    const current = this.#current;
    const reached = current !== undefined && !this.#cancelled.has(current.index);
    for (const index of items) this.#cancelled.add(index);
    if (reached && this.#cancelled.has(current.index)) current.run.cancel();
  }

  async #runItems(
    progress: (fraction: number, message: string | null) => void,
    log: ReturnType<typeof createLogShipper>,
  ): Promise<number> {
    const { services, attempt } = this;
    const { items } = attempt;
    let prepared: PreparedAttempt | undefined;
    try {
      prepared = await services.runner.prepare(attempt, this.#stopped.signal);
      for (const [index, item] of items.entries()) {
        const listener: RunListener = {
          log: (line) => log.add(line.stream === 'stdout' ? 'STDOUT' : 'STDERR', line.text, line.at),
          progress: (fraction, message) => progress((index + (fraction ?? 0)) / items.length, message),
        };
        const report = this.#cancelled.has(item.index)
          ? cancelledItem(item.index)
          : await this.#runItem(prepared, item, listener);
        if (this.#end !== undefined || report === undefined) return index;
        await this.#tell(report, index === items.length - 1, log);
      }
      return items.length;
    } catch (error) {
      // What all items have in common could not be had: they all end for that reason.
      if (this.#end !== undefined) return 0;
      const failure = failureOf(error);
      log.add('SYSTEM', `${failure.code}: ${failure.message}`);
      await this.#post({
        kind: 'FINISHED',
        items: items.map(({ index }) =>
          this.#cancelled.has(index) ? cancelledItem(index) : failedItem(index, failure),
        ),
        usage: this.#usageNow(),
      });
      return items.length;
    } finally {
      prepared?.dispose();
    }
  }

  async #runItem(
    prepared: PreparedAttempt,
    item: ClaimedAttempt['items'][number],
    listener: RunListener,
  ): Promise<ItemReport | undefined> {
    const { attempt, services } = this;
    const timeLeft = Math.max(1, Math.round(attempt.timeoutMs - (performance.now() - this.#startedAt)));
    const run = await prepared.start(item, timeLeft, listener, this.#stopped.signal);
    if (prepared.environment !== null)
      this.#environment ??= services.environments.digestOf(prepared.environment);
    this.#current = { index: item.index, run };
    // Stop or cancellation may have come while the run was being started.
    if (this.#end !== undefined) run.kill();
    else if (this.#cancelled.has(item.index)) run.cancel();
    await services.syncPoint('mid-run');
    const outcome = await run.outcome;
    this.#current = undefined;
    this.#count(outcome);
    if (this.#end !== undefined) return undefined;
    return this.#reportOf(item.index, outcome);
  }

  async #reportOf(index: number, { end }: RunOutcome): Promise<ItemReport | undefined> {
    if (!end.ok) {
      const { code, message } = end.failure;
      return code === 'CANCELLED' ? cancelledItem(index) : failedItem(index, { code, message });
    }
    const { client, targetId, logger } = this.services;
    try {
      const placed = await placeResult(
        client,
        targetId,
        this.attempt,
        index,
        end.resultJson,
        this.#stopped.signal,
        logger,
      );
      return { index, outcome: 'SUCCEEDED', ...placed, error: null };
    } catch (error) {
      if (error instanceof AppError && error.code === 'LEASE_LOST') this.#stop('lost');
      if (this.#end !== undefined) return undefined;
      return failedItem(index, failureOf(error));
    }
  }

  async #tell(report: ItemReport, last: boolean, log: ReturnType<typeof createLogShipper>): Promise<void> {
    if (report.error !== null) log.add('SYSTEM', `${report.error.code}: ${report.error.message}`);
    await this.services.syncPoint('before-report');
    await this.#post({ kind: 'FINISHED', items: [report], usage: last ? this.#usageNow() : null });
  }

  async #post(report: Pick<AttemptReport, 'kind' | 'items' | 'usage'>): Promise<void> {
    const { jobId, attempt, fence } = this.attempt;
    const environment = this.#environment;
    const accepted = await this.services.reports.post({
      ...{ jobId, attempt, fence, ...report },
      ...(environment === undefined ? {} : { environment }),
    });
    if (!accepted) this.#stop('lost');
  }

  #usageNow(): AttemptReport['usage'] {
    return {
      ...this.#usage,
      wallMs: Math.round(performance.now() - this.#startedAt),
      exitCode: this.#exitCode,
    };
  }

  #count({ usage, exitCode }: RunOutcome): void {
    this.#usage = {
      wallMs: this.#usage.wallMs + usage.wallMs,
      cpuMs: this.#usage.cpuMs + usage.cpuMs,
      peakMemoryBytes: Math.max(this.#usage.peakMemoryBytes, usage.peakMemoryBytes),
    };
    this.#exitCode = exitCode;
  }
}

interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}

const failureOf = (error: unknown): Failure =>
  error instanceof AppError
    ? { code: error.code, message: error.message }
    : { code: 'INPUT_UNAVAILABLE', message: 'The worker could not prepare the run.' };

const empty = { result: null, resultArtifactId: null, resultSha256: null };

const failedItem = (index: number, { code, message }: Failure): ItemReport => ({
  index,
  outcome: 'FAILED',
  ...empty,
  error: {
    code,
    message: message.toWellFormed().slice(0, MAX_MESSAGE),
    retryable: !HOPELESS_FAILURES.has(code),
  },
});

const cancelledItem = (index: number): ItemReport => ({ index, outcome: 'CANCELLED', ...empty, error: null });
