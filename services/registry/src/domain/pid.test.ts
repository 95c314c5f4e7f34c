import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ARK_ALPHABET,
  checkArk,
  checkCharacter,
  newArk,
  newCheckedName,
  normalizeArk,
  normalizePid,
} from './pid.js';

const problem = (text: string): string => {
  const check = checkArk(text);
  return check.valid ? 'valid' : check.problem;
};

const anArk = fc
  .tuple(fc.stringMatching(/^[0-9]{5}$/), fc.constantFrom('w1', 'fk4', 'bz9'))
  .map(([naan, shoulder]) => newArk(naan, shoulder, randomBytes));

describe('the check character', () => {
  it('is that of the algorithm as it was published', () => {
    expect(checkCharacter('13030/xf93gt2')).toBe('q');
    expect(checkArk('ark:13030/xf93gt2q')).toEqual({ valid: true, ark: 'ark:13030/xf93gt2q', qualifier: '' });
  });

  it('finds every wrong character', () => {
    fc.assert(
      fc.property(anArk, (ark) => {
        expect(problem(ark)).toBe('valid');
        for (let n = 'ark:'.length; n < ark.length; n++) {
          if (ark[n] === '/') continue;
          for (const other of ARK_ALPHABET)
            if (other !== ark[n])
              expect(problem(`${ark.slice(0, n)}${other}${ark.slice(n + 1)}`)).toMatch(/check character/);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('finds every two characters that were swapped', () => {
    fc.assert(
      fc.property(anArk, (ark) => {
        const name = ark.slice('ark:'.length);
        for (let a = 0; a < name.length; a++)
          for (let b = a + 1; b < name.length; b++) {
            if (name[a] === name[b] || name[a] === '/' || name[b] === '/') continue;
            const swapped = [...name];
            [swapped[a], swapped[b]] = [swapped[b] as string, swapped[a] as string];
            expect(problem(`ark:${swapped.join('')}`)).not.toBe('valid');
          }
      }),
      { numRuns: 100 },
    );
  });
});

describe('a new ARK', () => {
  it('has its parts, and passes', () => {
    const ark = newArk('99999', 'w1', randomBytes);
    expect(ark).toMatch(/^ark:99999\/w1[0-9b-z]{15}$/);
    expect(problem(ark)).toBe('valid');
  });

  it('takes every character as often as any other', () => {
    // All bytes, in their order: those that would favour some characters are left out.
    let next = 0;
    const all = (count: number) => Uint8Array.from({ length: count }, () => next++ % 256);
    const names = Array.from({ length: 232 }, () => newArk('99999', 'w1', all).slice(-15, -1)).join('');
    const counts = [...ARK_ALPHABET].map((one) => names.split(one).length - 1);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(names.length / 29 / 20);
  });

  it('is refused under a NAAN or shoulder that cannot be read back', () => {
    expect(() => newArk('999', 'w1', randomBytes)).toThrow(/5 to 9 characters/);
    expect(() => newArk('9999a', 'w1', randomBytes)).toThrow(/5 to 9 characters/);
    for (const shoulder of ['', '1', 'w', 'w11', 'a1', 'W1', 'wxyz1'])
      expect(() => newArk('99999', shoulder, randomBytes), shoulder).toThrow(/consonants/);
  });

  it('lends its name to other schemes', () => {
    const name = newCheckedName('10.5072', 'w1', randomBytes);
    expect(name).toMatch(/^10\.5072\/w1[0-9b-z]{15}$/);
    const [, suffix = ''] = name.split('/');
    expect(checkCharacter(suffix.slice(0, -1))).toBe(suffix.at(-1));
  });
});

describe('what people type', () => {
  const written = [
    'ark:13030/xf93gt2q',
    'ark:/13030/xf93gt2q',
    'ARK:/13030/xf93gt2q',
    ' ark:13030/xf-93-gt2-q\n',
    'ark:13030/xf93\u2010gt2q',
    'https://n2t.net/ark:/13030/xf93gt2q',
    'http://example.org/items/ark:13030/xf93gt2q?info',
    'https://example.org/ark:13030/xf93gt2q#top',
    'ark:13030/xf93gt2q/',
  ];
  it.each(written)('%j is the same', (text) => {
    expect(normalizeArk(text)).toBe('ark:13030/xf93gt2q');
    expect(checkArk(text)).toEqual({ valid: true, ark: 'ark:13030/xf93gt2q', qualifier: '' });
  });

  it('folds the case of the NAAN alone', () => {
    expect(normalizeArk('ark:/B5488/XF9')).toBe('ark:b5488/XF9');
  });

  it('keeps the qualifier apart', () => {
    const check = checkArk('ark:13030/xf93gt2q/data.v2/file.csv');
    expect(check).toEqual({ valid: true, ark: 'ark:13030/xf93gt2q', qualifier: '/data.v2/file.csv' });
  });

  it.each([
    ['', /An ARK is ark:/],
    ['doi:10.5072/x', /An ARK is ark:/],
    ['ark:13030', /An ARK is ark:/],
    ['ark:abc/xf93gt2q', /The NAAN/],
    ['ark:13030/', /An ARK is ark:|too short/],
    ['ark:13030/q', /too short/],
    ['ark:13030/xf93ot2q', /holds "o"/],
    ['ark:13030/XF93gt2q', /holds "X"/],
    ['ark:13030/xf93g2tq', /swapped/],
    ['ark:13030/xf93gt2', /check character/],
    [`ark:13030/${'b'.repeat(40)}`, /longer than its check/],
  ])('%j: %s', (text, expected) => {
    expect(problem(text)).toMatch(expected);
  });

  it('looks at no more than an ARK can be', () => {
    expect(problem(`ark:${'1'.repeat(3_000)}`)).toMatch(/at most 2048/);
    const long = `http://a/${'ark:1/'.repeat(50_000)} `;
    expect(normalizeArk(long)).toBe(long.trim());
  });

  it('answers whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc
            .string({
              unit: fc.constantFrom(
                ...'ark:/-.?# 0bA\u2010\ud800\u0130\n',
                'doi:10.5072/',
                'https://',
                'hdl:',
              ),
            })
            .map((tail) => `ark:${tail}`),
        ),
        (text) => {
          const check = checkArk(text);
          if (check.valid) expect(checkArk(check.ark)).toEqual({ ...check, qualifier: '' });
          expect(normalizeArk(normalizeArk(text))).toBe(normalizeArk(text));
          expect(normalizePid(normalizePid(text))).toBe(normalizePid(text));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('an identifier of any scheme has one way to be written', () => {
  it.each([
    ['doi:10.5072/w1abc', 'doi:10.5072/w1abc'],
    ['DOI: 10.5072/W1ABC', 'doi:10.5072/w1abc'],
    ['10.5072/W1abc', 'doi:10.5072/w1abc'],
    ['https://doi.org/10.5072/w1abc', 'doi:10.5072/w1abc'],
    ['http://dx.doi.org/10.5072/W1ABC#top', 'doi:10.5072/w1abc'],
    ['https://weft.example.org/pid/doi:10.5072/w1abc?x', 'doi:10.5072/w1abc'],
    ['hdl:20.500.12345/w1abc', 'hdl:20.500.12345/w1abc'],
    ['https://hdl.handle.net/20.500.12345/w1abc?noredirect', 'hdl:20.500.12345/w1abc'],
    ['http://127.0.0.1:4000/pid/hdl:20.500.12345/w1abc', 'hdl:20.500.12345/w1abc'],
    ['https://weft.example.org/pid/ark:13030/xf93gt2q', 'ark:13030/xf93gt2q'],
    ['https://weft.example.org/ark:/13030/xf93-gt2q', 'ark:13030/xf93gt2q'],
    [' something else ', 'something else'],
  ])('%j is %j', (text, pid) => {
    expect(normalizePid(text)).toBe(pid);
  });
});
