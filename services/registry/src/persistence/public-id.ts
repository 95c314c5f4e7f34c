import { createHash } from 'node:crypto';

/**
 * The public id of a node: a UUID (version 8, RFC 9562) made of the SHA-256 of its identity. So a statement finds its nodes
 * without looking them up, and a registry rebuilt from the events has the same ids.
 */
export function publicId(identity: string): string {
  const bytes = createHash('sha256').update(identity).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Anything else is the id of nothing, and PostgreSQL would refuse to compare it. */
export const isUuid = (text: unknown): text is string =>
  typeof text === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
