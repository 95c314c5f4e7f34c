import { randomBytes } from 'node:crypto';
import type { MintPid } from './application/item-ports.js';
import { newArk, TEST_NAAN } from './domain/pid.js';

/** Names of our own, made without asking anybody. */
export const localArk: MintPid = () => newArk(TEST_NAAN, 'w1', (count) => randomBytes(count));
