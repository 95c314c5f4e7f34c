// What a worker of the platform's own may read of other jobs, for the organization of its job (ADR 0037).
import type { AttemptRef } from '@weft/contracts';
import { AppError } from '@weft/errors';
import { fetchValue, persist } from './input-value.js';
import type { WorkClient } from './work-client.js';

/** A file that was opened. */
export interface OpenedFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** A value of another job: what it was given, or what its item of this index made. */
export interface OtherValue {
  readonly jobId: string;
  readonly which: 'data' | 'params' | 'result';
  readonly item?: number;
}

/** Each answers `undefined` for what the organization does not have, or not any more. */
export interface OtherReader {
  file(artifactId: string): Promise<OpenedFile | undefined>;
  /** Its JSON text. */
  value(of: OtherValue): Promise<string | undefined>;
  /** In order, a page at a time; nothing where there is none. */
  log(jobId: string): AsyncIterable<string>;
}

const MEDIA_TYPE = 'application/octet-stream';

export function readOthers(
  client: Pick<WorkClient, 'artifact' | 'input' | 'logPage'>,
  targetId: string,
  { jobId, attempt, fence }: AttemptRef,
  signal: AbortSignal,
): OtherReader {
  const asking = { jobId, attempt, fence };
  return {
    file: (artifactId) =>
      persist(async () => {
        const place = await client.artifact(targetId, { ...asking, intent: 'read', artifactId });
        if (place.code === 'NOT_FOUND') return undefined;
        const { url, file } = granted(place);
        const response = await fetch(url, { signal });
        // Its bytes went between the two questions.
        if (response.status === 404) return undefined;
        if (!response.ok || response.body === null)
          throw new Error(`the artifact store answered ${response.status}`);
        return {
          name: file?.name ?? artifactId,
          mediaType: file?.mediaType ?? response.headers.get('content-type') ?? MEDIA_TYPE,
          bytes: response.body,
        };
      }, signal),
    async value({ jobId: of, which, item }) {
      try {
        return await fetchValue(client, targetId, asking, which, item ?? null, signal, of);
      } catch (error) {
        if (error instanceof AppError && error.code === 'NOT_FOUND') return undefined;
        throw error;
      }
    },
    async *log(of) {
      for (let after: number | null = 0; after !== null;) {
        const from: number = after;
        const page = await persist(
          async () => granted(await client.logPage(targetId, { ...asking, intent: 'log', of, after: from })),
          signal,
        );
        if (page.text !== '') yield page.text;
        after = page.next;
      }
    },
  };
}

/** @throws AppError LEASE_LOST; what may be answered otherwise later is an error to try again. */
function granted<T extends { readonly code: string }>(answer: T): Extract<T, { readonly code: 'OK' }> {
  if (answer.code === 'OK') return answer as Extract<T, { readonly code: 'OK' }>;
  const message = 'message' in answer ? String(answer.message) : 'The request was refused.';
  throw answer.code === 'ATTEMPT_UNKNOWN' ? new Error(message) : new AppError('LEASE_LOST', message);
}
