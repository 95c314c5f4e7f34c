import { expect, it } from 'vitest';
import { createSeal } from './seal.js';

it('opens what it sealed, and nothing that was changed, moved or sealed with another key', () => {
  const seal = createSeal('key');
  const sealed = seal.seal('whsec_grüße', 'here');
  expect(seal.open(sealed, 'here')).toBe('whsec_grüße');
  expect(seal.seal('whsec_grüße', 'here')).not.toBe(sealed);
  expect(() => seal.open(sealed, 'there')).toThrow();
  expect(() => createSeal('other').open(sealed, 'here')).toThrow();
  const bytes = Buffer.from(sealed.slice(3), 'base64url');
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] as number) ^ 1;
    expect(() => seal.open(`v0.${changed.toString('base64url')}`, 'here'), String(at)).toThrow();
  }
  for (const text of ['', 'v0.', 'v2.abc', sealed.slice(0, 20)])
    expect(() => seal.open(text, 'here')).toThrow();
});
