import type { AttemptRef, LogRequest } from '@weft/contracts';
import type { Logger } from '@weft/telemetry';
import { createBackoff, mayAskAgain } from '@weft/worker';
import type { LogPost } from './log-post.js';

type Line = LogRequest['lines'][number];

/** Sends the log of one attempt, in order and in batches, until execution has stored it. */
export interface LogShipper {
  add(stream: Line['stream'], text: string, at?: Date): void;
  /** No line follows. Resolves when all is stored, or when nobody wants it any more. */
  end(usage: LogRequest['usage']): Promise<void>;
}

const FLUSH_MS = 40;
const MAX_LINES = 1_000;
const MAX_BYTES = 200 * 1_024;
/** What cannot be delivered for this long after the end is given up: the result matters more than its log. */
const PATIENCE_MS = 10 * 60_000;

export function createLogShipper(post: LogPost, attempt: AttemptRef, logger: Logger): LogShipper {
  const { jobId, attempt: number, fence } = attempt;
  const waiting: Line[] = [];
  let count = 0;
  let ending: { readonly usage: LogRequest['usage']; readonly at: number } | undefined;
  let unwanted = false;
  let completed = false;
  let sending: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const takeBatch = (): Line[] => {
    let bytes = 0;
    let size = 0;
    while (size < Math.min(waiting.length, MAX_LINES)) {
      bytes += Buffer.byteLength((waiting[size] as Line).text) + 80;
      if (size > 0 && bytes > MAX_BYTES) break;
      size += 1;
    }
    return waiting.slice(0, size);
  };

  const send = async (): Promise<void> => {
    const backoff = createBackoff();
    while (!unwanted && !completed && (waiting.length > 0 || ending !== undefined)) {
      const lines = takeBatch();
      const last = ending !== undefined && lines.length === waiting.length;
      try {
        const batch: LogRequest = {
          jobId,
          attempt: number,
          fence,
          lines,
          complete: last,
          usage: last ? (ending?.usage ?? null) : null,
        };
        const { code } = await post.send(batch);
        if (code === 'OK') {
          waiting.splice(0, lines.length);
          completed = last;
          backoff.reset();
          continue;
        }
        if (code === 'LEASE_LOST') unwanted = true;
      } catch (error) {
        if (!mayAskAgain(error)) unwanted = true;
        logger.debug({ err: error, jobId }, 'log batch not delivered');
      }
      if (ending !== undefined && Date.now() - ending.at > PATIENCE_MS) unwanted = true;
      if (!unwanted) await backoff.wait();
    }
    if (unwanted) waiting.length = 0;
  };

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    sending ??= send().finally(() => {
      sending = undefined;
      if (waiting.length > 0 || (ending !== undefined && !completed && !unwanted)) flush();
    });
  };

  return {
    add(stream, text, at = new Date()) {
      if (unwanted) return;
      count += 1;
      waiting.push({ number: count, at: at.toISOString(), stream, text });
      if (waiting.length >= MAX_LINES) flush();
      else timer ??= setTimeout(flush, FLUSH_MS);
    },
    async end(usage) {
      ending ??= { usage, at: Date.now() };
      flush();
      while (!completed && !unwanted) await sending;
    },
  };
}
