import type { AttemptRef, InputRequest } from '@weft/contracts';
import { AppError } from '@weft/errors';
import { createBackoff } from './backoff.js';
import { mayAskAgain, type WorkClient } from './work-client.js';

const PATIENCE_MS = 60_000;

/** A value that was too large for the claim, piece by piece: its JSON text. @param of another job whose it is. */
export async function fetchValue(
  client: Pick<WorkClient, 'input'>,
  targetId: string,
  { jobId, attempt, fence }: AttemptRef,
  which: InputRequest['which'],
  item: number | null,
  signal: AbortSignal,
  of?: string,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (let total = Number.POSITIVE_INFINITY; offset < total;) {
    const requestId = `${jobId}:${which}:${offset}`;
    const question = { jobId, attempt, fence, requestId, which, item, offset, ...(of && { of }) };
    const answer = await persist(() => client.input(targetId, question), signal);
    total = answer.total;
    chunks.push(answer.bytes);
    offset += answer.bytes.length;
    if (answer.bytes.length === 0) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Keeps trying for a while. @throws AppError INPUT_UNAVAILABLE after that; at once what no repetition changes. */
export async function persist<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  const backoff = createBackoff();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !mayAskAgain(error)) throw error;
      if (Date.now() > deadline)
        throw new AppError(
          'INPUT_UNAVAILABLE',
          'The worker could not fetch the code or the input of the run.',
          {},
          { cause: error },
        );
      await backoff.wait(signal);
    }
  }
}
