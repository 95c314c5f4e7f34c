import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMask } from './mask.js';

const cut = (text: string, cuts: readonly number[]): string[] => {
  const places = [...new Set(cuts.map((one) => one % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => text.slice(from, places[index] ?? text.length));
};

describe('the mask', () => {
  test.each([
    ['the whole', ['hunter2'], 'hunter2', '***'],
    ['in the middle', ['hunter2'], 'a hunter2 b', 'a *** b'],
    ['twice', ['hunter2'], 'hunter2hunter2', '******'],
    ['one inside another', ['hunt', 'hunter2'], 'hunter2 hunt', '*** ***'],
    ['overlapping ones as one', ['foobar', 'barbaz'], 'xfoobarbazx', 'x***x'],
    ['one that repeats itself', ['abab'], 'xabababx', 'x***x'],
    ['a beginning that leads nowhere', ['abcd'], 'abc abce abcd', 'abc abce ***'],
    ['several lines', ['line-1\nline-2'], '> line-1\n> line-2', '> ***\n> ***'],
    ['nothing of three characters', ['abc'], 'abc', 'abc'],
  ])('hides %s', (_what, secrets, text, expected) => {
    expect(createMask(secrets).text(text)).toBe(expected);
  });

  test('hides however the text is cut, whatever the secrets', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 4, maxLength: 7 });
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(letters, { minLength: 1, maxLength: 4 }),
        texts,
        fc.array(fc.nat()),
        (secrets, text, cuts) => {
          const mask = createMask(secrets);
          const stream = mask.stream();
          const told = cut(text, cuts)
            .map((piece) => stream.push(piece))
            .join('');
          const rest = stream.end();
          const whole = createMask(secrets).stream();
          const uncut = whole.push(text) + whole.end();
          expect(told + rest).toBe(uncut);
          expect(mask.text(text).startsWith(told)).toBe(true);
          for (const secret of secrets) expect(told + rest).not.toContain(secret);
        },
      ),
    );
  });

  test('the end of a broken-off text is hidden where it may be most of a secret, and only there', () => {
    const end = (text: string): string => {
      const stream = createMask(['hunter2-hunter2']).stream();
      return stream.push(text) + stream.end();
    };
    expect([end('a hunter'), end('a hun'), end('a hunter\n')]).toEqual(['a ***', 'a hun', 'a hunter\n']);
    expect(createMask(['hunter2-hunter2']).text('a hunter')).toBe('a hunter');
  });

  test('what holds no secret is told at once', () => {
    const stream = createMask(['hunter2']).stream();
    expect(stream.push('a line\n')).toBe('a line\n');
    expect(stream.push('password: hun')).toBe('password: ');
    expect(stream.push('ting\n')).toBe('hunting\n');
  });

  test('hides in JSON, through escapes, in keys and numbers, and leaves the rest as it was written', () => {
    const mask = createMask(['a"b\nc', '12345', 'klüngel']);
    const shown = mask.json(
      '{ "x": "1 a\\"b\\nc 2", "kl\\u00fcngel": [12345, 1.0, 123456789012345678901], "y": {"12345": null} }',
    );
    expect(shown).toBe('{ "x": "1 *** 2", "***": ["***", 1.0, "***"], "y": {"***": null} }');
    expect(mask.json('[1.0,  9007199254740993]')).toBe('[1.0,  9007199254740993]');
  });

  test('gives JSON again, without the secret anywhere in its value', () => {
    fc.assert(
      fc.property(fc.json(), fc.string({ minLength: 4, maxLength: 6 }), (json, secret) => {
        const shown: unknown = JSON.parse(createMask([secret]).json(json));
        const texts: string[] = [];
        JSON.stringify(shown, (key, value: unknown) => {
          texts.push(key, typeof value === 'string' ? value : '');
          return value;
        });
        if (!secret.includes('*')) for (const text of texts) expect(text).not.toContain(secret);
      }),
    );
  });
});
