import { describe, expect, it } from 'vitest';
import type { KnownJob } from './ports.js';
import { createRecentJobs } from './recent-jobs.js';

const job = (id: string, items: number, bytes = 0): KnownJob =>
  ({
    job: { id },
    items: Array.from({ length: items }, () => ({})),
    attempts: [],
    input: { dataBytes: bytes, paramsBytes: 0 },
    values: bytes === 0 ? null : {},
  }) as unknown as KnownJob;

describe('recent jobs', () => {
  it('are as many as their items and values leave room for; the longest unused goes first', () => {
    const recent = createRecentJobs(10);
    for (const id of ['a', 'b', 'c']) recent.remember(job(id, 3));
    recent.remember(job('a', 3));
    recent.remember(job('d', 1, 2_048));
    expect(['a', 'b', 'c', 'd'].map((id) => recent.get(id) !== undefined)).toEqual([true, false, true, true]);
    recent.remember(job('e', 1, 9 * 1_024));
    expect(['a', 'c', 'd', 'e'].map((id) => recent.get(id) !== undefined)).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it('weigh nothing once they are forgotten', () => {
    const recent = createRecentJobs(4);
    for (let n = 0; n < 100; n++) {
      recent.remember(job(`j${n}`, 1, 1_024));
      recent.forget(`j${n}`);
    }
    recent.remember(job('a', 2));
    recent.remember(job('b', 2));
    expect([recent.get('a'), recent.get('b')]).not.toContain(undefined);
  });
});
