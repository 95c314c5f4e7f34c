// A zip archive, written while its files are read: nothing of it is held but a few chunks and its directory. zip64 where one
// grows that large. No time of making, so that the same files are the same bytes (of one version of zlib).
import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';

/** Bytes at hand, or bytes that come. */
export type ZipContent = Uint8Array | AsyncIterable<Uint8Array>;

export interface ZipEntry {
  /** Relative, with `/`. */
  readonly path: string;
  readonly content: ZipContent;
}

/** The first day that the format knows, in the words of the library, which writes the day that the clock on the wall shows. */
const NO_DATE = new Date(1980, 0, 1);
const OPTIONS = { mtime: NO_DATE, forceDosTimestamp: true };

/**
 * The archive of these entries, in their order. Each entry is asked for when the one before it is written, so who gives
 * them may say in the last one what became of the others. What goes wrong with an entry ends the archive with that error.
 */
export async function* zipOf(
  entries: Iterable<ZipEntry> | AsyncIterable<ZipEntry>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  zip.on('error', (error: Error) => output.destroy(error));
  // Fails by destroying the output, which tells whoever reads it.
  const writing = write(zip, output, entries);
  try {
    for await (const chunk of output) yield chunk as Uint8Array;
  } finally {
    output.destroy();
    await writing;
  }
}

async function write(
  zip: ZipFile,
  output: Readable,
  entries: Iterable<ZipEntry> | AsyncIterable<ZipEntry>,
): Promise<void> {
  try {
    for await (const { path, content } of entries) {
      if (output.destroyed) return;
      if (content instanceof Uint8Array) zip.addBuffer(asBuffer(content), path, OPTIONS);
      else await stream(zip, output, path, content);
    }
    if (!output.destroyed) zip.end();
  } catch (error) {
    output.destroy(error as Error);
  }
}

/** Resolves when the content is read to its end, or nobody reads the archive any more. */
async function stream(
  zip: ZipFile,
  output: Readable,
  path: string,
  content: AsyncIterable<Uint8Array>,
): Promise<void> {
  const source = Readable.from(content, { objectMode: false });
  const ended = Promise.withResolvers<undefined>();
  const stop = (): void => void source.destroy();
  source.once('error', ended.reject);
  source.once('close', () => ended.resolve(undefined));
  output.once('close', stop);
  zip.addReadStream(source, path, OPTIONS);
  try {
    await ended.promise;
  } finally {
    output.removeListener('close', stop);
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
