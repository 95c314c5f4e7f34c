import { logReply, type LogReply, type LogRequest } from '@weft/contracts';
import { AppError } from '@weft/errors';
import type { PlatformClient } from './platform-client.js';

/** Carries the logs of all attempts of one target: what is told within a moment goes in one request. */
export interface LogPost {
  /** Asks once, as {@link PlatformClient.logs}; for each attempt one at a time. */
  send(batch: LogRequest): Promise<LogReply>;
}

/** The shortest time from one request to the next: what comes after a longer silence leaves at once. */
const PACE_MS = 50;
const TORRENT_BYTES = 64 * 1_024;
const MAX_BATCHES = 64;
const MAX_BYTES = 400 * 1_024;

interface Letter {
  readonly batch: LogRequest;
  readonly bytes: number;
  readonly answered: (reply: LogReply) => void;
  readonly failed: (error: unknown) => void;
}

export function createLogPost(client: PlatformClient, targetId: string): LogPost {
  const waiting: Letter[] = [];
  let timer: NodeJS.Timeout | undefined;
  let nextAt = 0;

  const take = (): Letter[] => {
    let bytes = 0;
    let size = 0;
    for (const letter of waiting) {
      bytes += letter.bytes;
      if (size >= MAX_BATCHES || (size > 0 && bytes > MAX_BYTES)) break;
      size += 1;
    }
    return waiting.splice(0, size);
  };

  const carry = async (letters: readonly Letter[]): Promise<void> => {
    try {
      const { replies } = await client.logs(targetId, { batches: letters.map(({ batch }) => batch) });
      for (const [index, letter] of letters.entries()) letter.answered(logReply.parse(replies[index]));
    } catch (error) {
      // A refusal of all for the sake of one: alone, each gets the answer that is its own.
      if (error instanceof AppError && letters.length > 1)
        await Promise.all(letters.map((one) => carry([one])));
      else for (const letter of letters) letter.failed(error);
    }
  };

  const leave = (): void => {
    timer = undefined;
    nextAt = performance.now() + PACE_MS;
    while (waiting.length > 0) void carry(take());
  };

  return {
    send(batch) {
      return new Promise((answered, failed) => {
        const bytes = batch.lines.reduce((sum, line) => sum + Buffer.byteLength(line.text) + 120, 400);
        waiting.push({ batch, bytes, answered, failed });
        // Also without a pace to keep: what is told in the same breath goes together. A torrent is not held up.
        const delay = bytes >= TORRENT_BYTES ? 0 : Math.max(0, nextAt - performance.now());
        if (delay === 0) clearTimeout(timer);
        timer = delay === 0 || timer === undefined ? setTimeout(leave, delay) : timer;
      });
    },
  };
}
