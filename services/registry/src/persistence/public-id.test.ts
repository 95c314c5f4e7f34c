import { expect, test } from 'vitest';
import { isUuid, publicId } from './public-id.js';

test('an identity has always the same public id: a version 8 UUID', () => {
  // Stored ids depend on it: this value must never change.
  expect(publicId('job/1')).toBe('cf3e4537-2e2d-8dbe-830a-260190eb5afe');
  expect(publicId('job/1')).not.toBe(publicId('job/2'));
  expect(publicId('job/1')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test.each(['', 'job/1', 'd9b2d63d-a233-4123-847a-7a6f0a9c0d1', "';--", 7, null])('%s is no uuid', (value) => {
  expect(isUuid(value)).toBe(false);
});
