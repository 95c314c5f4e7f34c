import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '@weft/telemetry';
import type { Promoted } from './application/ports.js';
import { startPromoter, type Promoter } from './promoter.js';

const SWEEP_MS = 60_000;
const found = (...targetIds: string[]): Promoted => ({ targetIds, nextAt: null });

let promoter: Promoter;
let woken: string[];
let due: Promoted[];

beforeEach(() => {
  vi.useFakeTimers();
  woken = [];
  due = [];
  promoter = startPromoter({
    promote: async () => due.shift() ?? found(),
    wake: (targetId) => woken.push(targetId),
    now: () => new Date(),
    everyMs: SWEEP_MS,
    logger: createLogger('test', 'silent'),
  });
});
afterEach(async () => {
  await promoter.stop();
  vi.useRealTimers();
});

const inMs = (ms: number): Date => new Date(Date.now() + ms);

describe('the promoter', () => {
  it('looks when something is due, and wakes each target once', async () => {
    due = [found('fast', 'slow', 'fast')];
    promoter.expect(inMs(500));
    await vi.advanceTimersByTimeAsync(490);
    expect(woken).toEqual([]);
    await vi.advanceTimersByTimeAsync(20);
    expect(woken).toEqual(['fast', 'slow']);
  });

  it('goes by the earliest of what is expected', async () => {
    due = [found('fast')];
    promoter.expect(inMs(5_000));
    promoter.expect(inMs(100));
    promoter.expect(inMs(3_000));
    await vi.advanceTimersByTimeAsync(110);
    expect(woken).toEqual(['fast']);
  });

  it('goes on to what is due next', async () => {
    due = [{ targetIds: ['fast'], nextAt: inMs(160) }, found('slow')];
    promoter.expect(inMs(100));
    promoter.expect(inMs(160));
    await vi.advanceTimersByTimeAsync(110);
    expect(woken).toEqual(['fast']);
    await vi.advanceTimersByTimeAsync(60);
    expect(woken).toEqual(['fast', 'slow']);
  });

  it('finds what nobody announced at its next sweep', async () => {
    due = [found('slow')];
    await vi.advanceTimersByTimeAsync(SWEEP_MS + 1);
    expect(woken).toEqual(['slow']);
  });

  it('looks again for what became due during a look', async () => {
    let finish: (promoted: Promoted) => void = () => undefined;
    const looks: number[] = [];
    const slow = startPromoter({
      promote: () => {
        looks.push(Date.now());
        return looks.length === 1 ? new Promise((resolve) => (finish = resolve)) : Promise.resolve(found());
      },
      wake: () => undefined,
      now: () => new Date(),
      everyMs: SWEEP_MS,
      logger: createLogger('test', 'silent'),
    });
    slow.expect(inMs(10));
    await vi.advanceTimersByTimeAsync(20);
    slow.expect(inMs(10));
    await vi.advanceTimersByTimeAsync(20);
    expect(looks).toHaveLength(1);
    finish(found());
    await vi.advanceTimersByTimeAsync(1);
    expect(looks).toHaveLength(2);
    await slow.stop();
  });
});
