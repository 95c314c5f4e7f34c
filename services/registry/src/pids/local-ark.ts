import { randomBytes } from 'node:crypto';
import type { PidProvider } from '../application/pid-ports.js';
import { newArk } from '../domain/pid.js';

/** ARKs of our own: whoever has the NAAN resolves them to this registry, so nobody need be told of a single one. */
export const localArk = (naan: string, shoulder: string): PidProvider => ({
  kind: 'local-ark',
  owns: (pid) => pid.startsWith(`ark:${naan}/`),
  mint: () => newArk(naan, shoulder, randomBytes),
  publish: () => Promise.resolve(),
  updateTarget: () => Promise.resolve(),
  retire: () => Promise.resolve(),
});
