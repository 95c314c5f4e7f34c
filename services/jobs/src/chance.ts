// Ids, digests and chance as they are outside of tests.
import { createHash, randomUUID } from 'node:crypto';
import type { Chance } from './application/ports.js';

export const chance: Chance = {
  random: () => Math.random(),
  newId: uuidV7,
  sha256: (text) => createHash('sha256').update(text).digest('hex'),
};

/** RFC 9562, version 7: sorts by time, so that indexes grow at one end. */
function uuidV7(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  // Node keeps random bytes in store for these; asking for 16 at a time costs ten times as much.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
