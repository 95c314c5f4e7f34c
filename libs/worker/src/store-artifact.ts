import { Readable } from 'node:stream';
import type { ArtifactRequest, AttemptRef } from '@weft/contracts';
import { AppError } from '@weft/errors';
import type { Logger } from '@weft/telemetry';
import { createBackoff } from './backoff.js';
import { mayAskAgain, type WorkClient } from './work-client.js';

/** A file that an attempt made. It belongs to the organization of the job. */
export interface MadeFile {
  readonly name: string;
  readonly mediaType: string;
  readonly kind: Extract<ArtifactRequest, { intent: 'write' }>['kind'];
  /** At hand, or as they come: then they are asked for anew for each try. */
  readonly bytes: Uint8Array<ArrayBuffer> | (() => AsyncIterable<Uint8Array>);
}

/**
 * Stores a file of an attempt and gives its artifact's id. Keeps trying until it is stored, the attempt is lost (LEASE_LOST)
 * or `signal` ends it. Stored twice it is two artifacts: who tries again names the one that counts.
 */
export async function storeArtifact(
  client: Pick<WorkClient, 'artifact'>,
  targetId: string,
  { jobId, attempt, fence }: AttemptRef,
  { bytes, ...file }: MadeFile,
  signal: AbortSignal,
  logger: Logger,
): Promise<string> {
  const backoff = createBackoff();
  for (;;) {
    try {
      const place = await client.artifact(targetId, { jobId, attempt, fence, intent: 'write', ...file });
      if (place.code === 'LEASE_LOST' || place.code === 'NOT_FOUND')
        throw new AppError('LEASE_LOST', place.message);
      if (place.code !== 'OK') throw new Error(place.message);
      await put(place.url, file.mediaType, bytes, signal);
      return place.artifactId;
    } catch (error) {
      if (signal.aborted || !mayAskAgain(error)) throw error;
      logger.warn({ err: error, jobId, file: file.name }, 'a file was not stored; it will be tried again');
      await backoff.wait(signal);
    }
  }
}

async function put(
  url: string,
  mediaType: string,
  bytes: MadeFile['bytes'],
  signal: AbortSignal,
): Promise<void> {
  const request = { method: 'PUT', headers: { 'content-type': mediaType }, signal };
  // A request says of a body that breaks off only that it failed; what the maker of the bytes refused is kept here.
  let refusal: AppError | undefined;
  const coming = async function* (make: () => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* make();
    } catch (error) {
      if (error instanceof AppError) refusal = error;
      throw error;
    }
  };
  try {
    const response =
      typeof bytes === 'function'
        ? await fetch(url, {
            ...request,
            body: Readable.toWeb(Readable.from(coming(bytes))) as ReadableStream,
            duplex: 'half',
          })
        : await fetch(url, { ...request, body: bytes });
    if (!response.ok) throw new Error(`the artifact store answered ${response.status}`);
  } catch (error) {
    throw refusal ?? error;
  }
}
