import { crc32, inflateRawSync } from 'node:zlib';

/** The parts of an archive, read from its directory; throws where directory, entries and content disagree. */
export function unzip(archive: Buffer): ReadonlyMap<string, string> {
  const end = archive.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const parts = new Map<string, string>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (archive.toString('latin1', at, at + 4) !== 'PK\x01\x02') throw new Error('No entry of the directory');
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const local = archive.readUInt32LE(at + 42);
    if (archive.toString('latin1', local, local + 4) !== 'PK\x03\x04')
      throw new Error(`${name} is elsewhere`);
    if (archive.compare(archive, at + 6, at + 32, local + 4, local + 30) !== 0)
      throw new Error(`${name} differs`);
    const from = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const content = inflateRawSync(archive.subarray(from, from + archive.readUInt32LE(local + 18)));
    const isWhole = crc32(content) === archive.readUInt32LE(local + 14);
    if (!isWhole || content.length !== archive.readUInt32LE(local + 22))
      throw new Error(`${name} is damaged`);
    parts.set(name, content.toString('utf8'));
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  if (at !== end) throw new Error('The directory ends elsewhere');
  return parts;
}
