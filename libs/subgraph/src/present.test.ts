import { AppError } from '@weft/errors';
import { createLogger } from '@weft/telemetry';
import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { presentGraphQLError } from './present.js';

const logger = createLogger('test', 'silent');
const present = (cause: Error) => {
  const error = new GraphQLError(cause.message, { path: ['target'], originalError: cause });
  return presentGraphQLError(error.toJSON(), error, logger);
};

describe('an error of the database', () => {
  it.each([
    ['of a query', Object.assign(new Error('invalid byte sequence'), { code: '22021' })],
    ['of TypeORM', Object.assign(new Error('unsupported Unicode'), { driverError: { code: '22P05' } })],
  ])('%s about U+0000 is told to the client', (_, cause) => {
    const presented = present(cause);
    expect(presented.extensions?.['code']).toBe('BAD_USER_INPUT');
    expect(presented.message).toContain('U+0000');
  });

  it('of any other kind is not', () => {
    const presented = present(Object.assign(new Error('secret table'), { code: '42P01' }));
    expect(presented.extensions?.['code']).toBe('INTERNAL');
    expect(presented.message).not.toContain('secret');
  });
});

it('a request that is refused before it has fields is told why', () => {
  const cause = new AppError('UNAUTHENTICATED', 'A signed actor is required.');
  const error = new GraphQLError(cause.message, { originalError: cause });
  const presented = presentGraphQLError(error.toJSON(), error, logger);
  expect(presented).toMatchObject({ message: cause.message, extensions: { code: 'UNAUTHENTICATED' } });
});
