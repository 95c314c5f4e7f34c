import type { LogReply, LogRequest } from '@weft/contracts';
import { standingOf, type WorkerIdentity } from '../domain/attempt.js';
import type { LogBell, Transact } from './ports.js';

/** Stores a batch of an attempt's log; only for the worker that holds (or held) the attempt. Repeating it changes nothing. */
export function appendLog(
  { transact, bell }: { transact: Transact; bell: LogBell },
  worker: WorkerIdentity,
  batch: LogRequest,
): Promise<LogReply> {
  return transact(async (tx) => {
    const attempt = await tx.jobs.attempt(batch.jobId, batch.attempt);
    const standing = standingOf(attempt, worker, batch, 'log');
    if (standing !== 'OK') return { code: standing, stored: 0 };
    const lines = batch.lines.map((line) => ({
      number: line.number,
      stream: line.stream,
      text: line.text,
      at: new Date(line.at),
    }));
    const stored = await tx.logs.append(batch.jobId, batch.attempt, lines);
    if (batch.complete) await tx.logs.complete(batch.jobId, batch.attempt, batch.usage);
    tx.afterCommit(() => bell.ring(batch.jobId));
    return { code: 'OK', stored };
  });
}
