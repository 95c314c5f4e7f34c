import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTurns } from './turns.js';

const lane = (organizationId: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({ jobId: `${organizationId}${n}`, organizationId }));

describe('turns', () => {
  it('interleave the lanes, each in its own order', () => {
    expect(createTurns().take([...lane('a', 4), ...lane('b', 2)], 6)).toEqual([
      'a0',
      'b0',
      'a1',
      'b1',
      'a2',
      'a3',
    ]);
  });

  it('a burst that came first does not keep a newcomer waiting, whose absence saved up nothing', () => {
    const turns = createTurns();
    const burst = lane('a', 1_000);
    turns.take(burst, 500);
    const next = turns.take([...burst.slice(500), ...lane('b', 10)], 10);
    expect(next.filter((id) => id.startsWith('b'))).toHaveLength(5);
  });

  it('whatever waits, no lane is more than one turn ahead of another that waits too', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 30 }), { minKeys: 1 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 40 }),
        (waiting, rounds) => {
          const turns = createTurns();
          const left = new Map(Object.entries(waiting).map(([id, count]) => [id, lane(id, count)]));
          const taken = new Map<string, number>();
          for (const most of rounds) {
            const heads = [...left.values()].flatMap((jobs) => jobs.slice(0, most));
            const chosen = turns.take(heads, most);
            expect(chosen).toHaveLength(Math.min(most, heads.length));
            for (const id of chosen) {
              const organization = id.slice(0, 1);
              expect(left.get(organization)?.shift()?.jobId).toBe(id);
              taken.set(organization, (taken.get(organization) ?? 0) + 1);
            }
            const counts = [...left].filter(([, jobs]) => jobs.length > 0).map(([id]) => taken.get(id) ?? 0);
            expect(Math.max(...counts, 0) - Math.min(...counts, Infinity)).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });
});
