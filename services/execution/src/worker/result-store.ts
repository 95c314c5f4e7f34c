import { createHash } from 'node:crypto';
import { MAX_INLINE_RESULT_BYTES, type AttemptRef, type ClaimedAttempt } from '@weft/contracts';
import type { Logger } from '@weft/telemetry';
import { storeArtifact } from '@weft/worker';
import type { PlatformClient } from './platform-client.js';

/** Where a result goes: with the report, or as an artifact when it is too large for a message; as both where files are wanted. */
export interface PlacedResult {
  readonly result: string | null;
  readonly resultArtifactId: string | null;
  readonly resultSha256: string;
}

/** Keeps trying until it is stored or the attempt is lost (LEASE_LOST) or `signal` ends it. */
export async function placeResult(
  client: PlatformClient,
  targetId: string,
  attempt: AttemptRef & Pick<ClaimedAttempt, 'storeResults'>,
  item: number,
  json: string,
  signal: AbortSignal,
  logger: Logger,
): Promise<PlacedResult> {
  const bytes = Buffer.from(json);
  const resultSha256 = createHash('sha256').update(bytes).digest('hex');
  const result = bytes.length <= MAX_INLINE_RESULT_BYTES ? json : null;
  if (result !== null && attempt.storeResults !== true)
    return { result, resultArtifactId: null, resultSha256 };
  const file = { name: `result-${item}.json`, mediaType: 'application/json', kind: 'RESULT', bytes } as const;
  const resultArtifactId = await storeArtifact(client, targetId, attempt, file, signal, logger);
  return { result, resultArtifactId, resultSha256 };
}
