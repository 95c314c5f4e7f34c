import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareJson } from './compare-json.js';

describe('two JSON values', () => {
  it('differ by path', () => {
    expect(compareJson({ a: [1, { 'b c': 2 }], d: null }, { a: [1, { 'b c': 3 }, 4], e: false }, 10)).toEqual(
      [
        { path: '$.a[1]["b c"]', a: 2, b: 3 },
        { path: '$.a[2]', a: undefined, b: 4 },
        { path: '$.d', a: null, b: undefined },
        { path: '$.e', a: undefined, b: false },
      ],
    );
  });

  it('differ nowhere exactly if they are the same, and by no more than is asked for', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.integer({ min: 1, max: 5 }), (a, b, most) => {
        const [left, right] = [JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b))];
        const found = compareJson(left, right, most);
        expect(found.length).toBeLessThanOrEqual(most);
        expect(compareJson(left, JSON.parse(JSON.stringify(left)), most)).toEqual([]);
        let same = true;
        try {
          expect(left).toStrictEqual(right);
        } catch {
          same = false;
        }
        expect(found.length === 0).toBe(same);
      }),
    );
  });
});
