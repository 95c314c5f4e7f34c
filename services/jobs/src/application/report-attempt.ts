import {
  MAX_INLINE_RESULT_BYTES,
  type AttemptOutcome,
  type AttemptReport,
  type ItemReport,
} from '@weft/contracts';
import { assertNever, ERROR_CODES, type ErrorCode } from '@weft/errors';
import { backoffMs, carriable, triesAgain } from '../domain/attempt-rules.js';
import { JobChange } from '../domain/job-change.js';
import { toBeDoneBy, type Attempt, type JobError, type TransitionActor } from '../domain/job.js';
import type { Claimant } from './claim-work.js';
import { commitChange, commitGuarded } from './commit-change.js';
import type { KnownJob, Ports } from './ports.js';

export type Standing =
  { readonly standing: 'accepted' } | { readonly standing: 'refused'; readonly code: ErrorCode };

/** Takes what a worker says of its attempt. Only the holder of the fence is heard; repeating a report changes nothing. */
export async function reportAttempt(
  ports: Ports,
  claimant: Claimant,
  report: AttemptReport,
): Promise<Standing> {
  // Nearly always the job is as this replica saw it last, or as it is read here: one guarded statement writes the change.
  const known = ports.recent.get(report.jobId) ?? (await ports.hot.load([report.jobId]))[0];
  const attempt = known?.attempts.find((one) => one.number === report.attempt);
  if (known !== undefined && attempt?.outcome === 'RUNNING' && isHeldBy(attempt, claimant, report)) {
    const change = changeOf(ports, known, ports.now(), attempt, claimant, report);
    if (change.changed && (await commitGuarded(ports, known, change))) return { standing: 'accepted' };
  }
  return reportUnderLock(ports, claimant, report);
}

const isHeldBy = (attempt: Attempt, { workerId, targetId }: Claimant, report: AttemptReport): boolean =>
  attempt.fence === report.fence && attempt.workerId === workerId && attempt.targetId === targetId;

/** Whatever is out of the ordinary is judged by the job as it is, with nobody else at it. */
function reportUnderLock(ports: Ports, claimant: Claimant, report: AttemptReport): Promise<Standing> {
  return ports.transact(async (tx): Promise<Standing> => {
    const locked = await tx.jobs.lock(report.jobId);
    const attempt = locked === undefined ? undefined : await tx.jobs.attempt(report.jobId, report.attempt);
    if (locked === undefined || attempt === undefined || !isHeldBy(attempt, claimant, report))
      return { standing: 'refused', code: 'LEASE_LOST' };
    if (attempt.outcome === 'LOST' || (attempt.outcome === 'RELEASED' && report.kind !== 'RELEASED')) {
      await tx.jobs.recordRefusal(claimant.workerId, report, 'LEASE_LOST');
      return { standing: 'refused', code: 'LEASE_LOST' };
    }
    if (attempt.outcome !== 'RUNNING') return { standing: 'accepted' };
    await commitChange(
      ports,
      tx,
      locked,
      changeOf(ports, { ...locked, at: locked.now }, locked.now, attempt, claimant, report),
    );
    return { standing: 'accepted' };
  });
}

function changeOf(
  ports: Ports,
  { job, items, at }: Pick<KnownJob, 'job' | 'items' | 'at'>,
  now: Date,
  attempt: Attempt,
  { workerId }: Claimant,
  report: AttemptReport,
): JobChange {
  const change = new JobChange(job, items, now, at);
  const by: TransitionActor = { kind: 'worker', id: workerId };
  switch (report.kind) {
    case 'STARTED':
      start(change, attempt, by);
      break;
    case 'FINISHED':
      finish(ports, change, attempt, report, by);
      break;
    case 'RELEASED':
      finish(ports, change, attempt, report, by);
      release(change, attempt, by);
      break;
    default:
      assertNever(report.kind, 'report');
  }
  return change;
}

const current = (change: JobChange, number: number): Attempt | undefined =>
  change.attempts.find((one) => one.number === number);

/** The attempt's items that are still in one of these states. */
const held = (
  change: JobChange,
  attempt: Attempt,
  ...states: ('DEQUEUED' | 'IN_PROGRESS' | 'CANCELLING')[]
): number[] =>
  attempt.items.filter((index) => {
    const item = change.item(index);
    return item.attempt === attempt.number && (states as string[]).includes(item.state);
  });

function start(change: JobChange, attempt: Attempt, actor: TransitionActor): void {
  const waiting = held(change, attempt, 'DEQUEUED');
  change.move(waiting, { to: 'IN_PROGRESS', cause: 'STARTED', actor, attempt: attempt.number });
  if (attempt.startedAt === null) change.putAttempt({ ...attempt, startedAt: change.now });
}

function finish(
  ports: Ports,
  change: JobChange,
  attempt: Attempt,
  report: AttemptReport,
  actor: TransitionActor,
): void {
  const open = new Set(held(change, attempt, 'DEQUEUED', 'IN_PROGRESS', 'CANCELLING'));
  // What is told twice counts once, as it was told first.
  const told = report.items.filter((item) => open.delete(item.index)).map(believable);
  // A worker that finished has started, whether or not its word of that arrived.
  if (told.length > 0) start(change, current(change, attempt.number) ?? attempt, actor);
  const details = new Map(told.map((item) => [item.index, item]));
  const of = (wanted: (item: ItemReport) => boolean): number[] =>
    told.filter(wanted).map((item) => item.index);
  const detail = (index: number): ItemReport => details.get(index) as ItemReport;

  change.move(
    of((item) => item.outcome === 'SUCCEEDED'),
    {
      to: 'SUCCEEDED',
      cause: 'SUCCEEDED',
      actor,
      attempt: attempt.number,
      patch: ({ index }) => ({
        result: detail(index).result,
        resultArtifactId: detail(index).resultArtifactId,
        resultSha256: detail(index).resultSha256 ?? shaOf(ports, detail(index).result),
      }),
    },
  );
  const cancelling = (item: ItemReport): boolean => change.item(item.index).state === 'CANCELLING';
  change.move(
    of((item) => item.outcome === 'CANCELLED' && cancelling(item)),
    { to: 'CANCELLED', cause: 'CANCELLED', actor, attempt: attempt.number },
  );
  const failed = told.filter(
    (item) =>
      item.outcome === 'FAILED' ||
      (item.outcome === 'CANCELLED' && change.item(item.index).state === 'IN_PROGRESS'),
  );
  for (const item of failed) failItem(ports, change, attempt, item, actor);
  closeIfDone(change, current(change, attempt.number) ?? attempt, told, report.environment);
}

/** A result comes from the side of user code: what cannot be read or kept is a failure of its item, not of the report. */
function believable(item: ItemReport): ItemReport {
  if (item.outcome !== 'SUCCEEDED' || item.result === null) return item;
  const refuse = (code: ErrorCode): ItemReport => ({
    ...item,
    outcome: 'FAILED',
    result: null,
    error: { code, message: ERROR_CODES[code].meaning, retryable: false },
  });
  if (Buffer.byteLength(item.result) > MAX_INLINE_RESULT_BYTES) return refuse('RESULT_TOO_LARGE');
  return item.result.isWellFormed() && isJson(item.result) ? item : refuse('RESULT_INVALID');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const shaOf = ({ chance }: Ports, result: string | null): string | null =>
  result === null ? null : chance.sha256(result);

function failItem(
  ports: Ports,
  change: JobChange,
  attempt: Attempt,
  report: ItemReport,
  actor: TransitionActor,
): void {
  const item = change.item(report.index);
  const error = toldError(change, report);
  const { retryable = true } = report.error ?? {};
  const wait = backoffMs(ports.timing.backoff, item.failures + 1, ports.chance.random());
  const inTime = error.code !== 'DEADLINE_EXCEEDED' && !isLate(change, wait);
  if (
    item.state !== 'CANCELLING' &&
    inTime &&
    triesAgain(change.job, item, { code: error.code, retryable })
  ) {
    change.move([item.index], {
      to: 'PENDING',
      cause: 'RETRYING',
      actor,
      attempt: attempt.number,
      message: carriable(`${error.code}: ${error.message}`, 500),
      patch: () => ({
        failures: item.failures + 1,
        runAt: new Date(change.now.getTime() + wait),
        startedAt: null,
      }),
    });
    return;
  }
  change.move([item.index], {
    to: 'FAILED',
    cause: error.code === 'TIMEOUT' || error.code === 'DEADLINE_EXCEEDED' ? 'TIMED_OUT' : 'FAILED',
    actor,
    attempt: attempt.number,
    message: carriable(`${error.code}: ${error.message}`, 500),
    patch: () => ({ failures: item.failures + 1, error }),
  });
}

const isLate = ({ job: { deadline }, now }: JobChange, inMs: number): boolean =>
  deadline !== null && now.getTime() + inMs >= deadline.getTime();

/** A time limit that was cut to the deadline is told as what it is; the worker's clock may differ by a little. */
function toldError(change: JobChange, { error }: ItemReport): JobError {
  const code = error?.code ?? 'PROCESS_CRASHED';
  const message = carriable(error?.message ?? 'The run ended without saying why.');
  return code === 'TIMEOUT' && isLate(change, CLOCKS_DIFFER_MS)
    ? { code: 'DEADLINE_EXCEEDED', message: `${toBeDoneBy(change.job)} The run was stopped then.` }
    : { code, message };
}

/** Gives back what was not finished: no fault of the job, so no limit counts it and nothing waits. */
function release(change: JobChange, attempt: Attempt, actor: TransitionActor): void {
  const back = held(change, attempt, 'DEQUEUED', 'IN_PROGRESS');
  const cancelled = held(change, attempt, 'CANCELLING');
  change.move(back, {
    to: 'PENDING',
    cause: 'RELEASED',
    actor,
    attempt: attempt.number,
    patch: () => ({ runAt: change.now, startedAt: null }),
  });
  change.move(cancelled, { to: 'CANCELLED', cause: 'RELEASED', actor, attempt: attempt.number });
  const last = current(change, attempt.number) ?? attempt;
  if (last.outcome === 'RUNNING') change.putAttempt({ ...last, outcome: 'RELEASED', endedAt: change.now });
}

function closeIfDone(
  change: JobChange,
  attempt: Attempt,
  told: readonly ItemReport[],
  environment: string | null = null,
): void {
  if (held(change, attempt, 'DEQUEUED', 'IN_PROGRESS', 'CANCELLING').length > 0) return;
  const outcome = outcomeOf(change, attempt, told);
  change.putAttempt({ ...attempt, outcome, endedAt: change.now, environment });
}

const CLOCKS_DIFFER_MS = 1_000;

const isTimeout = (code: string | undefined): boolean => code === 'TIMEOUT' || code === 'DEADLINE_EXCEEDED';

/** Of all its items: those that were told last, and those that earlier reports told. */
function outcomeOf(change: JobChange, attempt: Attempt, told: readonly ItemReport[]): AttemptOutcome {
  const items = attempt.items.map((index) => change.item(index));
  // Only a failure lets an item go on without the attempt: to wait for its next try, or into it already.
  const failed = items.filter(
    (item) => item.attempt !== attempt.number || item.state === 'PENDING' || item.state === 'FAILED',
  );
  const codes = failed.map((item) => item.error?.code);
  if ([...codes, ...told.map((item) => item.error?.code)].some(isTimeout)) return 'TIMED_OUT';
  if (failed.length > 0) return 'FAILED';
  return items.some((item) => item.state === 'CANCELLED') ? 'CANCELLED' : 'SUCCEEDED';
}
