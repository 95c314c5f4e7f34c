import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ClaimHolds } from './claim-holds.js';

const TICKS = 30;

it('hears a wake at every moment of a look', async () => {
  for (let tick = 0; tick < TICKS; tick++) {
    const holds = new ClaimHolds(() => undefined);
    let work = false;
    const held = holds.hold({ targetId: 't', attempt: () => Promise.resolve(work) }, 5_000);
    for (let passed = 0; passed < tick; passed++) await Promise.resolve();
    work = true;
    holds.wake('t');
    expect(await Promise.race([held, sleep(1_000, 'nobody looked')]), `after ${tick} turns`).toBe(true);
  }
});
