import { describe, expect, it, test } from 'vitest';
import { isKept, lostNumber } from './json-numbers.js';

describe('a number', () => {
  test.each([
    '0',
    '-0',
    '0.0e5',
    '1',
    '-1.5',
    '0.1',
    '1e23',
    '9007199254740991',
    '9007199254740992',
    '100000000000000000000',
  ])('%s is kept', (written) => expect(isKept(written)).toBe(true));
  test.each(['1e400', '-1e400', '9007199254740993', '-9007199254740993', '1e-400', `1${'0'.repeat(400)}`])(
    '%s is not',
    (written) => expect(isKept(written)).toBe(false),
  );
});

it('is found where it stands', () => {
  const found = (json: string) => {
    JSON.parse(json);
    return lostNumber(json);
  };
  expect(found('{"a":[1,{"b \\" :": 2 , "c":[[],"x",9007199254740993]}]}')).toEqual({
    written: '9007199254740993',
    path: ['a', 1, 'c', 2],
  });
  expect(found('{"a":{"b":[1,2]},"k" : 1e400}')).toEqual({ written: '1e400', path: ['k'] });
  expect(found('1e400')).toEqual({ written: '1e400', path: [] });
  expect(found('[{"a":{}},-1e999]')).toEqual({ written: '-1e999', path: [1] });
});

it('is no number within a string or a key', () => {
  expect(lostNumber('{"9007199254740993":"1e400","x":["\\"9007199254740993",1e3]}')).toBeUndefined();
});
