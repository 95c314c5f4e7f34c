import { expect, it } from 'vitest';
import { checkPatch } from './job-record.js';

it.each([
  ['too long', 'x'.repeat(2049)],
  ['with NUL', 'a\u0000b'],
  ['with half a surrogate pair', 'a\ud800b'],
])('a description %s is refused by a sentence that says why', (_what, description) => {
  expect(checkPatch({ description })).toEqual([
    expect.objectContaining({
      path: ['input', 'description'],
      message:
        'description is well-formed text of at most 2048 characters; of control characters only line breaks and tabs.',
    }),
  ]);
});
