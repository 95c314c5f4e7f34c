import { newId } from '@weft/database';
import { expect, it } from 'vitest';
import { awaitYoung } from './await-young.js';

it('waits for what was named just now, and not for what is old or has no time', async () => {
  let looks = 0;
  expect(await awaitYoung(newId(), () => Promise.resolve(++looks > 3 ? 'there' : undefined))).toBe('there');
  expect(looks).toBe(4);
  for (const id of ['01900000-0000-7000-8000-000000000000', '5f0c8f3e-0000-4000-8000-000000000000', 'none']) {
    looks = 0;
    expect(await awaitYoung(id, () => Promise.resolve(void ++looks))).toBeUndefined();
    expect(looks).toBe(1);
  }
});
