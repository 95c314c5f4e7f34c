import type { LogReply, LogRequest } from '@weft/contracts';
import { standingOf, type Standing, type WorkerIdentity } from '../domain/attempt.js';
import type { Courier, LogBell, LoggedAttempt, LogStore } from './ports.js';

export interface AppendLogs {
  readonly logs: LogStore;
  readonly bell: LogBell;
  readonly courier: Courier;
}

/**
 * Stores what attempts of one worker tell of their logs; only for the worker that holds (or held) them. Repeating it changes
 * nothing: so there is no transaction around the lines and the end, which comes last.
 */
export async function appendLogs(
  { logs, bell, courier }: AppendLogs,
  worker: WorkerIdentity,
  batches: readonly LogRequest[],
): Promise<LogReply[]> {
  let judged = await judge(logs, worker, batches);
  if (judged.some(({ standing }) => standing === 'ATTEMPT_UNKNOWN')) {
    await courier.hurry();
    judged = await judge(logs, worker, batches);
  }
  const accepted = judged.filter(({ standing }) => standing === 'OK').map(({ batch }) => batch);
  const withLines = accepted.filter(({ lines }) => lines.length > 0);
  if (withLines.length > 0)
    await logs.append(withLines.map((one) => ({ ...keyOf(one), lines: linesOf(one) })));
  const ended = accepted.filter(({ complete }) => complete);
  if (ended.length > 0) await logs.complete(ended.map((one) => ({ ...keyOf(one), usage: one.usage })));
  for (const { jobId } of accepted) bell.ring(jobId);
  return judged.map(({ batch, standing, stored }) =>
    standing === 'OK'
      ? { code: standing, stored: Math.max(stored, ...batch.lines.map((line) => line.number)) }
      : { code: standing, stored: 0 },
  );
}

interface Judged {
  readonly batch: LogRequest;
  readonly standing: Standing;
  readonly stored: number;
}

async function judge(
  logs: LogStore,
  worker: WorkerIdentity,
  batches: readonly LogRequest[],
): Promise<Judged[]> {
  const known = new Map<string, LoggedAttempt>();
  for (const one of await logs.attempts(batches.map(keyOf))) known.set(`${one.jobId}:${one.number}`, one);
  return batches.map((batch) => {
    const attempt = known.get(`${batch.jobId}:${batch.attempt}`);
    return { batch, standing: standingOf(attempt, worker, batch, 'log'), stored: attempt?.stored ?? 0 };
  });
}

const keyOf = ({ jobId, attempt }: LogRequest) => ({ jobId, number: attempt });

const linesOf = ({ lines }: LogRequest) =>
  lines.map(({ number, stream, text, at }) => ({ number, stream, text, at: new Date(at) }));
