import { createHash } from 'node:crypto';
import { MAX_INLINE_RESULT_BYTES, type AttemptRef } from '@weft/contracts';
import { AppError } from '@weft/errors';
import type { Logger } from '@weft/telemetry';
import { createBackoff, mayAskAgain } from '@weft/worker';
import type { PlatformClient } from './platform-client.js';

/** Where a result goes: with the report, or as an artifact when it is too large for a message. */
export interface PlacedResult {
  readonly result: string | null;
  readonly resultArtifactId: string | null;
  readonly resultSha256: string;
}

/** Keeps trying until it is stored or the attempt is lost (LEASE_LOST) or `signal` ends it. */
export async function placeResult(
  client: PlatformClient,
  targetId: string,
  attempt: AttemptRef,
  item: number,
  json: string,
  signal: AbortSignal,
  logger: Logger,
): Promise<PlacedResult> {
  const bytes = Buffer.from(json);
  const resultSha256 = createHash('sha256').update(bytes).digest('hex');
  if (bytes.length <= MAX_INLINE_RESULT_BYTES) return { result: json, resultArtifactId: null, resultSha256 };
  const { jobId, attempt: number, fence } = attempt;
  const backoff = createBackoff();
  for (;;) {
    try {
      const place = await client.artifact(targetId, {
        jobId,
        attempt: number,
        fence,
        intent: 'write',
        name: `result-${item}.json`,
        mediaType: 'application/json',
        kind: 'RESULT',
      });
      if (place.code === 'LEASE_LOST' || place.code === 'NOT_FOUND')
        throw new AppError('LEASE_LOST', place.message);
      if (place.code !== 'OK') throw new Error(place.message);
      const response = await fetch(place.url, {
        method: 'PUT',
        body: bytes,
        headers: { 'content-type': 'application/json' },
        signal,
      });
      if (!response.ok) throw new Error(`the artifact store answered ${response.status}`);
      return { result: null, resultArtifactId: place.artifactId, resultSha256 };
    } catch (error) {
      if (signal.aborted || !mayAskAgain(error)) throw error;
      logger.warn({ err: error, jobId }, 'result not stored; it will be tried again');
      await backoff.wait(signal);
    }
  }
}
