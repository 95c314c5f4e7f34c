// A zip archive (PKWARE APPNOTE) as Office asks for it: few parts, deflated, names in ASCII. No time of making, so that the
// same parts are the same bytes.
import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';

const deflate = promisify<Buffer, Buffer>(deflateRaw);

const VERSION = 20;
const DEFLATED = 8;
/** 1980-01-01, the first day that the format knows. */
const NO_DATE = 0x21;

/** One archive of these parts, in this order. */
export async function zipped(parts: Readonly<Record<string, string>>): Promise<Buffer> {
  const written: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, source] of Object.entries(parts)) {
    const [name, content] = [Buffer.from(path, 'ascii'), Buffer.from(source, 'utf8')];
    const packed = await deflate(content);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(VERSION, 0);
    facts.writeUInt16LE(DEFLATED, 4);
    facts.writeUInt16LE(NO_DATE, 8);
    facts.writeUInt32LE(crc32(content), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(content.length, 18);
    facts.writeUInt16LE(name.length, 22);
    written.push(Buffer.from('PK\x03\x04', 'latin1'), facts, name, packed);

    const entry = Buffer.alloc(14);
    entry.writeUInt32LE(offset, 10);
    const madeBy = Buffer.from([VERSION, 0]);
    directory.push(Buffer.from('PK\x01\x02', 'latin1'), madeBy, facts, entry, name);
    offset += 4 + facts.length + name.length + packed.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  const count = Object.keys(parts).length;
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...written, listing, end]);
}
