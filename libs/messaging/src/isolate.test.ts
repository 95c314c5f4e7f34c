import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isolateFailures } from './isolate.js';

describe('of a batch that fails', () => {
  it('exactly those are left over that are to blame, and the others are done in their order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 100 }), async (poisoned) => {
        const items = poisoned.map((bad, place) => ({ bad, place }));
        const done: number[] = [];
        const failures = await isolateFailures(items, (some) => {
          const bad = some.find((one) => one.bad);
          if (bad !== undefined) return Promise.reject(new Error(`item ${bad.place}`));
          done.push(...some.map((one) => one.place));
          return Promise.resolve();
        });
        expect(failures.map(({ item }) => item)).toEqual(items.filter((one) => one.bad));
        for (const { item, error } of failures) expect(error).toEqual(new Error(`item ${item.place}`));
        expect(done).toEqual(items.filter((one) => !one.bad).map((one) => one.place));
      }),
    );
  });

  it('one is found in few tries', async () => {
    let tries = 0;
    await isolateFailures(
      Array.from({ length: 100 }, (_, index) => index),
      (some) => {
        tries += 1;
        return some.includes(61) ? Promise.reject(new Error('poison')) : Promise.resolve();
      },
    );
    expect(tries).toBeLessThan(16);
  });

  it('nobody is looked for any more when time is up: all are left over', async () => {
    let tries = 0;
    const away = () => {
      tries += 1;
      return Promise.reject(new Error('the database is away'));
    };
    expect(await isolateFailures([1, 2, 3], away, performance.now() - 1)).toHaveLength(3);
    expect(tries).toBe(1);
  });
});
