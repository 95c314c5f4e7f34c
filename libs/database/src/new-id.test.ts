import { describe, expect, it } from 'vitest';
import { newId } from './new-id.js';

describe('new ids', () => {
  it('are version 7, distinct and ascending, also many in one millisecond', () => {
    const ids = Array.from({ length: 20_000 }, newId);
    expect(
      ids.every((id) => /^[0-9a-f-]{36}$/.test(id) && id[14] === '7' && '89ab'.includes(id[19] as string)),
    ).toBe(true);
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
    expect(
      Math.abs(Number.parseInt((ids[0] as string).replace('-', '').slice(0, 12), 16) - Date.now()),
    ).toBeLessThan(60_000);
  });
});
