import { expect, it } from 'vitest';
import { createSeal } from './seal.js';

it('opens what it closed, and nothing that was changed, closed with another key or for another purpose', () => {
  const seal = createSeal('key', 'a');
  const sealed = seal.close('whsec_grüße');
  expect(seal.open(sealed)).toBe('whsec_grüße');
  expect(seal.close('whsec_grüße')).not.toBe(sealed);
  for (const other of [createSeal('key', 'b'), createSeal('other', 'a')])
    expect(() => other.open(sealed)).toThrow();
  const bytes = Buffer.from(sealed.slice(3), 'base64url');
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] as number) ^ 1;
    expect(() => seal.open(`v1.${changed.toString('base64url')}`), String(at)).toThrow();
  }
  for (const text of ['', 'v1.', 'v2.abc', sealed.slice(0, 20)]) expect(() => seal.open(text)).toThrow();
});
