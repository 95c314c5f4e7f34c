import { fromBufferPromise } from 'yauzl';

/** The files of a zip archive, by a reader that is not ours; throws where it is damaged. */
export async function unzipped(archive: Uint8Array): Promise<Map<string, Buffer>> {
  const zip = await fromBufferPromise(Buffer.from(archive));
  const files = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    if (files.has(entry.fileName)) throw new Error(`${entry.fileName} is in the archive twice`);
    files.set(entry.fileName, Buffer.concat(chunks));
  }
  return files;
}
