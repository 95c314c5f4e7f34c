import { randomFillSync } from 'node:crypto';

let lastMs = 0;
let count = 0;

/** A UUID version 7: ordered by time, and within one process strictly so, which keeps indexes compact and lists sorted. */
export function newId(): string {
  const bytes = randomFillSync(Buffer.alloc(16));
  const now = Date.now();
  count = now > lastMs ? bytes.readUInt16BE(6) & 0x07ff : count + 1;
  if (count > 0x0fff) {
    // More ids than the counter holds in one millisecond: borrow the next one.
    count = 0;
    lastMs++;
  }
  lastMs = Math.max(lastMs, now);
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | count, 6);
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
