import { describe, expect, it } from 'vitest';
import { descriptionProblems, displayNameProblems, isStorable } from './text-rules.js';

describe('a name for people', () => {
  it.each(['Ada', 'Ünï Cödé 研究所', 'x'.repeat(80)])('can be %j', (name) => {
    expect(displayNameProblems(name)).toEqual([]);
  });

  it.each(['', ' ', ' a', 'a\n', 'a\u0000b', 'x'.repeat(81), '\ud800'])('cannot be %j', (name) => {
    expect(displayNameProblems(name, 'input', 'name')).toMatchObject([
      { code: 'BAD_USER_INPUT', path: ['input', 'name'] },
    ]);
  });
});

describe('a description', () => {
  it('may have lines and tabs but no other control characters, and is bounded', () => {
    expect(descriptionProblems('one\n\ttwo\r\n')).toEqual([]);
    expect(descriptionProblems('bell \u0007')).toHaveLength(1);
    expect(descriptionProblems('x'.repeat(4_001))).toHaveLength(1);
  });
});

describe('a text that is looked for', () => {
  it('is storable unless PostgreSQL would refuse it', () => {
    expect([isStorable('a'), isStorable('a\u0000'), isStorable('\udc00')]).toEqual([true, false, false]);
  });
});
