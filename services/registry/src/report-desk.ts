// Where reports are written down: in a thread, since a large one takes most of a second.
import { AppError } from '@weft/errors';
import { createWorkerPool } from '@weft/process';
import type { WriteReport } from './application/report-ports.js';
import type { ReportQuestion } from './report-worker.js';

const LIMIT_MS = 30_000;
/** A report waits for others of its job's length. */
const WAIT_MS = 60_000;
const MEMORY_MB = 512;

export function createReportDesk(): { readonly write: WriteReport; close(): Promise<void> } {
  // A thread loads what is built, also for tests that run the sources.
  const script = new URL('../dist/report-worker.js', import.meta.url);
  const pool = createWorkerPool({
    script,
    threads: 1,
    limitMs: LIMIT_MS,
    waitMs: WAIT_MS,
    memoryMb: MEMORY_MB,
  });
  return {
    async write(report, format, lane) {
      const question: ReportQuestion = { report, format };
      const answer = await pool.ask<Uint8Array<ArrayBuffer>>(lane, question);
      if (answer.ok) return answer.value;
      if (answer.reason === 'BUSY')
        throw new AppError(
          'RATE_LIMITED',
          'Too many reports are written at the moment; this one is tried again.',
        );
      throw new AppError('RESULT_TOO_LARGE', 'The report takes more time or memory to write than it may.');
    },
    close: pool.close,
  };
}
