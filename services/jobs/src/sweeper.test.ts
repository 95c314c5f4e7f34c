import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLogger } from '@weft/telemetry';
import { eventually } from '@weft/testkit';
import { startSweeper, type Sweeper } from './sweeper.js';

const LEASE_MS = 600;
/** Longer than the pause that is no deafness yet (10 + 600 / 4 ms). */
const DEAF_MS = 400;

let sweeper: Sweeper;
let expired: number;
/** How long the database takes for its next answer. */
let hangsMs: number;
let connected: boolean;
let resolve: () => Promise<void>;

const sweep = (claimRepeatedMs = 0): Sweeper =>
  startSweeper({
    everyMs: 10,
    leaseMs: LEASE_MS,
    claimRepeatedMs,
    async expireLeases(mayExpire) {
      const ms = hangsMs;
      await sleep(ms);
      hangsMs -= ms;
      if (mayExpire()) expired += 1;
    },
    keepDeadlines: () => Promise.resolve(),
    resolveReferences: () => resolve(),
    wakeWaitingWorkers: () => undefined,
    tidy: () => Promise.resolve(),
    connected: () => connected,
    logger: createLogger('test', 'silent'),
  });

beforeEach(() => {
  [expired, hangsMs, connected, resolve] = [0, 0, true, () => Promise.resolve()];
  sweeper = sweep();
});
afterEach(() => sweeper.stop());

const expires = (): Promise<unknown> => {
  expired = 0;
  return eventually('a lease to expire', () => expired > 0);
};
const expiresNothingForNearlyALease = async (): Promise<void> => {
  expired = 0;
  await sleep(LEASE_MS - 100);
  expect(expired).toBe(0);
};

it('expires nothing until a whole lease after the start has passed', async () => {
  await expiresNothingForNearlyALease();
  await expires();
});

it('expires nothing before lost claims were asked again, however short a lease is', async () => {
  await sweeper.stop();
  sweeper = sweep(2 * LEASE_MS);
  await sleep(LEASE_MS);
  await expiresNothingForNearlyALease();
  await expires();
});

const losses: [string, () => Promise<unknown>][] = [
  [
    'the broker is back',
    async () => {
      connected = false;
      await sleep(DEAF_MS);
      connected = true;
    },
  ],
  [
    'a database that hung answers again',
    async () => {
      hangsMs = DEAF_MS;
      await eventually('the database to hang', () => hangsMs === 0);
    },
  ],
  [
    'the process itself goes on after it was stopped',
    () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, DEAF_MS);
      return sleep(0);
    },
  ],
];

it.each(losses)('gives workers a whole lease when %s', async (_what, happens) => {
  await expires();
  await happens();
  await expiresNothingForNearlyALease();
  await expires();
});

it('expires leases also while references cannot be resolved, or take their time', async () => {
  resolve = () => Promise.reject(new Error('poison'));
  await expires();
  resolve = () => sleep(DEAF_MS);
  await expires();
});
