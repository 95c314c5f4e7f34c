import { Secret } from '@weft/config';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecretBox } from './secret-box.js';
import { newSecretsKey, readSecretsKeys, secretsKeySetting } from './secrets-keys.js';

const boxOf = (...keys: string[]) => createSecretBox(new Secret(keys.join(',')));
const first = newSecretsKey('1');
const second = newSecretsKey('2');

describe('a secret box', () => {
  it('opens what it sealed, whatever the text, and never shows it', () => {
    const box = boxOf(first);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, place) => {
        fc.pre(text.isWellFormed() && place.isWellFormed());
        expect(box.open(box.seal(text, place), place)).toBe(text);
      }),
    );
    const sealed = box.seal('hunter2-hunter2', 'here');
    expect(sealed).not.toContain('hunter2');
    expect(Buffer.from(sealed.split('.')[2] ?? '', 'base64url').toString('latin1')).not.toContain('hunter2');
  });

  it('seals the same text differently each time', () => {
    const box = boxOf(first);
    expect(box.seal('same', 'here')).not.toBe(box.seal('same', 'here'));
  });

  it('opens nothing that was moved to another place or changed in any byte', () => {
    const box = boxOf(first);
    const sealed = box.seal('secret', 'job 1');
    expect(() => box.open(sealed, 'job 2')).toThrow(/another place/);
    const [format, id, body = ''] = sealed.split('.');
    const bytes = Buffer.from(body, 'base64url');
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] as number) ^ 1;
      expect(() => box.open(`${format}.${id}.${changed.toString('base64url')}`, 'job 1')).toThrow();
    }
    expect(() => box.open(`${format}.${id}.`, 'job 1')).toThrow();
  });

  it('is turned to a new key while the old secrets live, and not without the old key', () => {
    const sealed = boxOf(first).seal('secret', 'here');
    const both = boxOf(second, first);
    expect(both.open(sealed, 'here')).toBe('secret');
    expect(both.seal('secret', 'here')).toMatch(/^v1\.2\./);
    expect(() => boxOf(second).open(sealed, 'here')).toThrow(/not given any more/);
    expect(both.fingerprint('a')).toBe(boxOf(first).fingerprint('a'));
    expect(both.fingerprint('a')).not.toBe(both.fingerprint('b'));
  });
});

describe('the setting', () => {
  it.each(['', 'x', '1:short', `${first},`, `${first},${first}`, `a b:${first.slice(2)}`, `${first}:x`])(
    'refuses %j',
    (text) => {
      expect(readSecretsKeys(text)).toBeUndefined();
      const parsed = secretsKeySetting().safeParse(text);
      expect(parsed.success).toBe(false);
      if (text !== '') expect(JSON.stringify(parsed.error)).not.toContain(first.slice(2));
    },
  );

  it('prints nothing', () => {
    expect(`${secretsKeySetting().parse(first)}`).toBe('[secret]');
  });
});
