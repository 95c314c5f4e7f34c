import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AttemptRef, ClaimedAttempt, InputValue } from '@weft/contracts';
import { AppError } from '@weft/errors';
import { fetchValue, persist } from '@weft/worker';
import type { PlatformClient } from './platform-client.js';
import type { RunInput } from './sandbox/run-spec.js';

/** Fetches what an attempt needs: values by message, files by signed URL. Keeps trying for a while, then INPUT_UNAVAILABLE. */
export interface InputSource {
  value(
    attempt: ClaimedAttempt,
    which: 'data' | 'params' | 'command',
    item: number | null,
    value: InputValue,
    signal: AbortSignal,
  ): Promise<RunInput>;
  code(attempt: ClaimedAttempt, artifactId: string, signal: AbortSignal): Promise<Buffer>;
  release(input: RunInput): void;
}

const MAX_CODE_BYTES = 16 * 1024 * 1024;
const REMEMBERED_CODE_BYTES = 64 * 1024 * 1024;
const NOTHING: RunInput = { form: 'json', content: 'null' };

const refOf = ({ jobId, attempt, fence }: AttemptRef): AttemptRef => ({ jobId, attempt, fence });

export function createInputSource(client: PlatformClient, targetId: string, folder: string): InputSource {
  const codes = new Map<string, Buffer>();
  let files = 0;

  const open = (attempt: ClaimedAttempt, artifactId: string, signal: AbortSignal): Promise<Response> =>
    persist(async () => {
      const place = await client.artifact(targetId, { ...refOf(attempt), intent: 'read', artifactId });
      if (place.code === 'ATTEMPT_UNKNOWN') throw new Error(place.message);
      if (place.code !== 'OK')
        throw new AppError(place.code === 'LEASE_LOST' ? 'LEASE_LOST' : 'INPUT_UNAVAILABLE', place.message);
      const response = await fetch(place.url, { signal });
      if (!response.ok || response.body === null)
        throw new Error(`the artifact store answered ${response.status}`);
      return response;
    }, signal);

  return {
    async value(attempt, which, item, value, signal) {
      switch (value.by) {
        case 'none':
          return NOTHING;
        case 'value':
          return { form: 'json', content: value.json };
        case 'fetch':
          return { form: 'json', content: await fetchValue(client, targetId, attempt, which, item, signal) };
        case 'artifact': {
          const file = `${folder}/in-${process.pid}-${(files += 1)}`;
          // A download that breaks off begins again from its start.
          const type = await persist(async () => {
            const response = await open(attempt, value.artifactId, signal);
            await pipeline(
              Readable.fromWeb(response.body as never),
              createWriteStream(file, { mode: 0o600 }),
            );
            return response.headers.get('content-type') ?? '';
          }, signal);
          return { form: /[/+]json\b/.test(type) ? 'json' : 'text', file };
        }
      }
    },
    async code(attempt, artifactId, signal) {
      const known = codes.get(artifactId);
      if (known !== undefined) return known;
      const code = await persist(async () => {
        const response = await open(attempt, artifactId, signal);
        if (Number(response.headers.get('content-length') ?? 0) > MAX_CODE_BYTES) {
          throw new AppError('SERVICE_INVALID', `Code has at most ${MAX_CODE_BYTES} bytes.`);
        }
        return Buffer.from(await response.arrayBuffer());
      }, signal);
      codes.set(artifactId, code);
      // An artifact never changes, so what is remembered stays true; the oldest goes first.
      for (let bytes = sizeOf(codes); bytes > REMEMBERED_CODE_BYTES; bytes = sizeOf(codes))
        codes.delete(codes.keys().next().value as string);
      return code;
    },
    release(input) {
      if ('file' in input) void rm(input.file, { force: true });
    },
  };
}

const sizeOf = (codes: ReadonlyMap<string, Buffer>): number =>
  [...codes.values()].reduce((sum, code) => sum + code.length, 0);
