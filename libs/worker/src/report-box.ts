import { randomUUID } from 'node:crypto';
import type { AttemptReport, ReportReply } from '@weft/contracts';
import type { Logger, SyncPoint } from '@weft/telemetry';
import { createBackoff } from './backoff.js';
import { mayAskAgain, type WorkClient } from './work-client.js';
import { keptNowhere, openReportJournal, type JournalEntry } from './report-journal.js';

/** Finished reports of one target: kept, on disk where there is a folder, until jobs has answered, whatever happens to broker or jobs. */
export interface ReportBox {
  /** Resolves with the answer: whether it was accepted. */
  post(report: AttemptReport): Promise<boolean>;
  /** What an earlier run of this worker left. */
  readonly leftovers: readonly AttemptReport[];
  /** Waits this long for the last answers. */
  close(graceMs: number): Promise<void>;
}

interface Letter extends JournalEntry {
  readonly entry: JournalEntry;
  readonly answered: (accepted: boolean) => void;
}

const MAX_BATCH = 64;
/** A report does not wait for the answer to the one before: what belongs together in order is posted in order. */
const MAX_REQUESTS = 4;
const MAX_BATCH_BYTES = 400 * 1_024;

export function createReportBox(
  folder: string | undefined,
  client: WorkClient,
  targetId: string,
  syncPoint: SyncPoint,
  logger: Logger,
): ReportBox {
  const journal = folder === undefined ? keptNowhere : openReportJournal(folder);
  const waiting: Letter[] = [];
  const closing = new AbortController();
  const senders = new Set<Promise<void>>();
  let open = 0;

  const takeBatch = (most: number): Letter[] => {
    let bytes = 0;
    let size = 0;
    for (const letter of waiting) {
      bytes += letter.bytes;
      if (size >= most || (size > 0 && bytes > MAX_BATCH_BYTES)) break;
      size += 1;
    }
    return waiting.splice(0, size);
  };

  const settle = (letter: Letter, accepted: boolean): void => {
    journal.forget(letter.entry);
    letter.answered(accepted);
  };

  /** Whether every letter of the batch was answered for good; the others wait behind those that came meanwhile. */
  const settleBatch = (batch: readonly Letter[], reply: ReportReply): boolean => {
    let complete = true;
    for (const [index, letter] of batch.entries()) {
      const { report } = letter;
      const answer = reply.reports[index];
      const fits = answer?.jobId === report.jobId && answer.attempt === report.attempt;
      if (!fits || answer.standing === 'again') {
        waiting.push(letter);
        complete = false;
        continue;
      }
      if (answer.standing === 'refused')
        logger.warn({ jobId: report.jobId, attempt: report.attempt, code: answer.code }, 'report refused');
      settle(letter, answer.standing === 'accepted');
    }
    return complete;
  };

  const send = async (): Promise<void> => {
    const backoff = createBackoff();
    let alone = 0;
    open += 1;
    while (waiting.length > 0 && !closing.signal.aborted) {
      const batch = takeBatch(alone > 0 ? 1 : MAX_BATCH);
      alone = Math.max(0, alone - 1);
      const requestId = randomUUID();
      try {
        const reports = batch.map((letter) => letter.report);
        if (settleBatch(batch, await client.report(targetId, { requestId, reports }))) backoff.reset();
        else await backoff.wait(closing.signal);
        await syncPoint('after-report');
      } catch (error) {
        logger.warn(
          { err: error, reports: batch.length },
          'reports not answered; they stay on disk and are sent again',
        );
        // A refusal that no repetition changes would hold up all others; alone, it shows whose it is.
        const [only] = batch;
        if (!mayAskAgain(error) && only !== undefined && batch.length === 1) settle(only, false);
        else {
          waiting.unshift(...batch);
          if (mayAskAgain(error)) await backoff.wait(closing.signal);
          else alone = batch.length;
        }
      }
    }
    // In the same breath as the last look: nothing may be posted in between and be left lying.
    open -= 1;
  };

  const enqueue = (entry: JournalEntry): Promise<boolean> =>
    new Promise((answered) => {
      waiting.push({ ...entry, entry, answered });
      if (open >= MAX_REQUESTS) return;
      const sender: Promise<void> = send().finally(() => senders.delete(sender));
      senders.add(sender);
    });

  for (const entry of journal.leftovers) void enqueue(entry);

  return {
    leftovers: journal.leftovers.map((one) => one.report),
    async post(report) {
      const entry = journal.keep(report);
      await syncPoint('after-journal');
      return enqueue(entry);
    },
    async close(graceMs) {
      const patience = setTimeout(() => closing.abort(), graceMs);
      await Promise.all(senders);
      clearTimeout(patience);
      closing.abort();
      journal.close();
    },
  };
}
