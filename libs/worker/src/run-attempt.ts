// A claimed slice that runs in this very process, from claim to answered report.
import { createHash } from 'node:crypto';
import {
  HOPELESS_FAILURES,
  MAX_INLINE_RESULT_BYTES,
  type AttemptReport,
  type ClaimedAttempt,
  type ItemReport,
} from '@weft/contracts';
import { AppError, ERROR_CODES, type ErrorCode } from '@weft/errors';
import { withCorrelation, type Logger, type SyncPoint } from '@weft/telemetry';
import { fetchValue } from './input-value.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { readOthers, type OtherReader } from './read-others.js';
import type { ReportBox } from './report-box.js';
import { storeArtifact, type MadeFile } from './store-artifact.js';
import type { AttemptRun } from './target-loop.js';
import type { WorkClient } from './work-client.js';

/** What a run may ask for. */
export interface RunContext {
  /** Aborted when nobody waits for the end any more: cancelled, lease lost, out of time, or the worker stops. */
  readonly signal: AbortSignal;
  /** @param fraction from 0 to 1. */
  progress(fraction: number, message?: string): void;
  /** The job's data or params, or the own params of an item; null where there are none. */
  input(which: 'data' | 'params', item?: number): Promise<unknown>;
  /** The same as the JSON text that it was given as, to the byte. */
  inputText(which: 'data' | 'params', item?: number): Promise<string | null>;
  /** Stores a file as an artifact of the job and gives its id; keeps trying as long as the run may. */
  store(file: MadeFile): Promise<string>;
  /** Files, values and logs of other jobs of the organization; only on the target of the registry. */
  readonly others: OtherReader;
}

/**
 * Runs the items of an attempt and tells the end of each. What it throws ends all of them: an AppError with its code, and
 * is tried again unless its code says that this is of no use; anything else as INTERNAL, and is tried again. It may run
 * again although it has ended, and beside itself, when its word of that was lost: what it does must be the same by job and
 * item, however often.
 */
export type RunInProcess = (attempt: ClaimedAttempt, context: RunContext) => Promise<readonly ItemReport[]>;

export type ReportAccepted = (attempt: ClaimedAttempt, items: readonly ItemReport[]) => Promise<void>;

export interface RunServices {
  readonly targetId: string;
  readonly client: WorkClient;
  readonly leases: LeaseKeeper;
  readonly reports: ReportBox;
  readonly run: RunInProcess;
  readonly accepted?: ReportAccepted | undefined;
  readonly syncPoint: SyncPoint;
  readonly logger: Logger;
}

type End = 'cancelled' | 'timed out' | 'given back' | 'lost';

export function runAttempt(services: RunServices, attempt: ClaimedAttempt): AttemptRun {
  const running = begin(services, attempt);
  return {
    finished: withCorrelation(attempt.correlationId, () => running.toEnd()),
    giveBack: () => running.stop('given back'),
  };
}

function begin({ reports, leases, syncPoint, logger, ...services }: RunServices, attempt: ClaimedAttempt) {
  const { jobId, attempt: number, fence, items } = attempt;
  const stopping = new AbortController();
  const abandoned = Promise.withResolvers<undefined>();
  /** Items that nobody has cancelled. */
  const wanted = new Set(items.map((item) => item.index));
  let end: End | undefined;

  const stop = (why: End): void => {
    if (end !== undefined && end !== 'cancelled') return;
    end = why;
    stopping.abort();
    // What was cancelled may still tell how it ended; for all else nobody waits, lest a run that hangs keeps the place.
    if (why !== 'cancelled') abandoned.resolve(undefined);
  };
  const cancel = (some: readonly number[] = [...wanted]): void => {
    for (const index of some) wanted.delete(index);
    if (wanted.size === 0) stop('cancelled');
  };
  const post = (report: Pick<AttemptReport, 'kind' | 'items'>): Promise<boolean> =>
    reports.post({ jobId, attempt: number, fence, ...report, usage: null });
  const allAs = (report: (index: number) => ItemReport): ItemReport[] =>
    items.map((item) => report(item.index));

  const outcomes = async (context: RunContext): Promise<readonly ItemReport[]> => {
    try {
      return await services.run(attempt, context);
    } catch (error) {
      if (wanted.size === 0) return allAs(cancelledItem);
      if (!(error instanceof AppError) && end === undefined)
        logger.error({ err: error, jobId, attempt: number }, 'a run ended unexpectedly');
      return allAs((index) => failedItem(index, failureOf(error)));
    }
  };

  const toEnd = async (): Promise<void> => {
    const lease = leases.hold(attempt, attempt.leaseMs, { lost: () => stop('lost'), cancel });
    const timer = setTimeout(() => stop('timed out'), attempt.timeoutMs);
    try {
      await syncPoint('after-claim');
      const context = contextOf({ ...services, logger }, attempt, stopping.signal, (fraction, message) =>
        lease.progress(fraction, message ?? null),
      );
      const told = await Promise.race([outcomes(context), abandoned.promise]);
      await syncPoint('before-report');
      if (end === 'lost') return;
      if (end === 'given back') await post({ kind: 'RELEASED', items: [] });
      else {
        const ended = [...(told ?? allAs(wanted.size === 0 ? cancelledItem : timedOutItem))];
        if (await post({ kind: 'FINISHED', items: ended })) await services.accepted?.(attempt, ended);
      }
    } catch (error) {
      logger.error({ err: error, jobId, attempt: number }, 'attempt broke off; its lease will run out');
    } finally {
      clearTimeout(timer);
      lease.release();
    }
  };
  return { stop, toEnd };
}

function contextOf(
  { client, targetId, logger }: Pick<RunServices, 'client' | 'targetId' | 'logger'>,
  attempt: ClaimedAttempt,
  signal: AbortSignal,
  progress: RunContext['progress'],
): RunContext {
  const inputText: RunContext['inputText'] = async (which, item) => {
    const ofItem = attempt.items.find(({ index }) => index === item)?.params;
    const value = item === undefined ? attempt[which] : (ofItem ?? { by: 'none' });
    switch (value.by) {
      case 'none':
        return null;
      case 'value':
        return value.json;
      case 'fetch':
        return fetchValue(client, targetId, attempt, which, item ?? null, signal);
      case 'artifact':
        throw new AppError('INPUT_UNAVAILABLE', 'This worker reads values, and no files.');
    }
  };
  return {
    signal,
    progress,
    store: (file) => storeArtifact(client, targetId, attempt, file, signal, logger),
    others: readOthers(client, targetId, attempt, signal),
    inputText,
    async input(which, item) {
      const json = await inputText(which, item);
      return json === null ? null : (JSON.parse(json) as unknown);
    },
  };
}

const MAX_MESSAGE = 4_000;
const empty = { result: null, resultArtifactId: null, resultSha256: null };

/** The item succeeded with this value; it failed where that is none that can be told. */
export function succeededItem(index: number, value: unknown): ItemReport {
  const result = JSON.stringify(value ?? null);
  if (Buffer.byteLength(result) > MAX_INLINE_RESULT_BYTES) {
    const message = `The result has more than ${MAX_INLINE_RESULT_BYTES} bytes of JSON.`;
    return failedItem(index, { code: 'RESULT_TOO_LARGE', message });
  }
  const resultSha256 = createHash('sha256').update(result).digest('hex');
  return { index, outcome: 'SUCCEEDED', result, resultArtifactId: null, resultSha256, error: null };
}

interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable?: boolean;
}

export const failedItem = (
  index: number,
  { code, message, retryable = !HOPELESS_FAILURES.has(code) }: Failure,
): ItemReport => ({
  index,
  outcome: 'FAILED',
  ...empty,
  error: { code, message: message.toWellFormed().slice(0, MAX_MESSAGE), retryable },
});

const cancelledItem = (index: number): ItemReport => ({ index, outcome: 'CANCELLED', ...empty, error: null });

const timedOutItem = (index: number): ItemReport =>
  failedItem(index, { code: 'TIMEOUT', message: ERROR_CODES.TIMEOUT.meaning });

/** Here the code of the platform itself runs: what it refuses it refuses again, unless the code says otherwise. */
const failureOf = (error: unknown): Failure =>
  error instanceof AppError
    ? { code: error.code, message: error.message, retryable: ERROR_CODES[error.code].retryable }
    : { code: 'INTERNAL', message: 'The run ended unexpectedly; it is in the log of the worker.' };
