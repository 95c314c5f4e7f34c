import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ClaimHolds } from './claim-holds.js';

it('a claim that is just being served when its time is over still gets what it was given', async () => {
  const holds = new ClaimHolds((error) => expect.unreachable(String(error)));
  expect(await holds.hold({ targetId: 't', attempt: () => sleep(60, true) }, 20)).toBe(true);
  expect(holds.targets()).toEqual([]);
});

it('a claim that was answered while others were served is not served any more', async () => {
  const holds = new ClaimHolds((error) => expect.unreachable(String(error)));
  const slow = holds.hold({ targetId: 't', attempt: () => sleep(60, true) }, 1_000);
  let asked = 0;
  const late = holds.hold({ targetId: 't', attempt: () => Promise.resolve(++asked > 0) }, 20);
  expect(await late).toBe(false);
  expect(await slow).toBe(true);
  await sleep(20);
  expect(asked).toBe(0);
});

it('a claim that failed when its time is over is answered empty', async () => {
  const errors: unknown[] = [];
  const holds = new ClaimHolds((error) => errors.push(error));
  const attempt = async (): Promise<boolean> => {
    await sleep(60);
    throw new Error('no database');
  };
  expect(await holds.hold({ targetId: 't', attempt }, 20)).toBe(false);
  expect(errors).toHaveLength(1);
});

it('a service that stops answers what it holds', async () => {
  const holds = new ClaimHolds((error) => expect.unreachable(String(error)));
  const held = holds.hold({ targetId: 't', attempt: () => Promise.resolve(false) }, 5_000);
  await sleep(5);
  const before = performance.now();
  holds.stop();
  expect(await held).toBe(false);
  expect(performance.now() - before).toBeLessThan(500);
});
