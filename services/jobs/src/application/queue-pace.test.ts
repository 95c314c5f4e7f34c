import { describe, expect, it } from 'vitest';
import { createQueuePace } from './queue-pace.js';

describe('the pace of a target', () => {
  it('is measured while work is left, and not across the quiet between', () => {
    const pace = createQueuePace();
    let now = 0;
    const work = (): void => {
      pace.note(4, true, now);
      for (let second = 1; second <= 30; second++) pace.note(2, second < 30, (now += 1_000));
    };
    work();
    expect(pace.startsPerSecond()).toBeCloseTo(2, 5);
    now += 3_600_000;
    work();
    expect(pace.startsPerSecond()).toBeCloseTo(2, 5);
  });

  it('follows what changes within some minutes', () => {
    const pace = createQueuePace();
    let now = 0;
    for (let n = 0; n < 300; n++) pace.note(10, true, (now += 1_000));
    for (let n = 0; n < 300; n++) pace.note(1, true, (now += 1_000));
    expect(pace.startsPerSecond()).toBeLessThan(1.2);
  });

  it('is not guessed from next to nothing', () => {
    const pace = createQueuePace();
    pace.note(5, true, 0);
    pace.note(5, false, 10);
    pace.note(5, false, 90_000);
    expect(pace.startsPerSecond()).toBeUndefined();
  });
});
