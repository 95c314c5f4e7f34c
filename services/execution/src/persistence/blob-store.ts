import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync } from 'node:fs';
import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@weft/errors';
import type { BlobStore } from '../application/ports.js';

/** From the bytes on disk to the row that refers to them it takes a moment. */
const FRESH_MS = 60_000;
const SHA256 = /^[0-9a-f]{64}$/;
const ORGANIZATION = /^[\w-]+$/;

/**
 * Files by content: `<folder>/<organization>/<first two>/<sha256>`. The same content of two organizations lies twice,
 * so that nobody can find out by an upload what another one has.
 */
export function createBlobStore(folder: string): BlobStore {
  const incoming = join(folder, 'incoming');
  mkdirSync(incoming, { recursive: true, mode: 0o700 });

  const placeOf = (organizationId: string, sha256: string): { folder: string; path: string } => {
    if (!ORGANIZATION.test(organizationId) || !SHA256.test(sha256))
      throw new Error('not the address of a blob');
    const home = join(folder, organizationId, sha256.slice(0, 2));
    return { folder: home, path: join(home, sha256) };
  };

  return {
    async put(organizationId, source, maxBytes) {
      const draft = join(incoming, randomUUID());
      try {
        const written = await writeDraft(draft, source, maxBytes);
        const place = placeOf(organizationId, written.sha256);
        await mkdir(place.folder, { recursive: true, mode: 0o700 });
        await rename(draft, place.path);
        await syncFolder(place.folder);
        return written;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
          throw new AppError(
            'SERVICE_UNAVAILABLE',
            'The disk of the artifact store is full; nothing was stored.',
            {},
            { cause: error },
          );
        }
        throw error;
      } finally {
        await rm(draft, { force: true });
      }
    },
    async open(organizationId, sha256) {
      const { path } = placeOf(organizationId, sha256);
      await stat(path);
      return createReadStream(path);
    },
    async share(from, to, sha256) {
      const place = placeOf(to, sha256);
      await mkdir(place.folder, { recursive: true, mode: 0o700 });
      await link(placeOf(from, sha256).path, place.path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') return unlessLinked(error, place.path);
        return undefined;
      });
      await syncFolder(place.folder);
    },
    async forget(organizationId, sha256) {
      const { path } = placeOf(organizationId, sha256);
      const aside = join(incoming, randomUUID());
      // Out of the way first: what an upload brings meanwhile is not removed unseen.
      const found = await rename(path, aside).then(
        () => stat(aside),
        () => undefined,
      );
      if (found === undefined) return;
      if (Date.now() - found.mtimeMs < FRESH_MS) await rename(aside, path);
      else await rm(aside, { force: true });
    },
  };
}

/** Repeated after the content has moved on: then it is there already. */
async function unlessLinked(error: NodeJS.ErrnoException, path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (error.code !== 'ENOENT' || there === undefined) throw error;
}

async function writeDraft(
  path: string,
  source: AsyncIterable<Buffer>,
  maxBytes: number,
): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > maxBytes)
        throw new AppError('PAYLOAD_TOO_LARGE', `An artifact has at most ${maxBytes} bytes.`, {
          limit: maxBytes,
        });
      hash.update(chunk);
      for (let written = 0; written < chunk.length;) {
        written += (await file.write(chunk, written)).bytesWritten;
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), size };
}

/** A rename is durable only once its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
