import { done, refused, userError } from '@weft/errors';
import { expect, test } from 'vitest';
import { ofArguments } from './mutation-payload.js';

test('a refusal of a field without an input says the place among its arguments', async () => {
  const errors = [
    userError('NOT_FOUND', 'No item.', 'input', 'id'),
    userError('FORBIDDEN', 'This needs another token.'),
    userError('BAD_USER_INPUT', 'Too deep.', 'depth'),
  ];
  const outcome = await ofArguments(Promise.resolve(refused(...errors)));
  expect(outcome.ok ? [] : outcome.errors.map(({ path }) => path)).toEqual([['id'], [], ['depth']]);
  expect(await ofArguments(Promise.resolve(done(7)))).toEqual(done(7));
});
