import DataLoader from 'dataloader';
import { expect, it } from 'vitest';
import type { AttemptView } from '../application/job-reader.js';
import { JobItemFieldResolver } from './job.resolver.js';
import type { JobsContext } from './jobs-context.js';
import type { JobItemType } from './job.type.js';

const attempt = (number: number): AttemptView =>
  ({ jobId: 'j', number, items: [0] }) as unknown as AttemptView;

it.each([
  [null, []],
  [1, [1]],
  [2, [2, 1]],
])('an item whose last attempt was %s tells of none that began after it was read', async (last, told) => {
  const attemptsOfItems = new DataLoader((ids: readonly string[]) =>
    Promise.resolve(ids.map(() => [attempt(2), attempt(1)])),
  );
  const item = { id: 'j:0', state: 'PENDING', attempt: last } as JobItemType;
  const shown = await new JobItemFieldResolver().attempts(item, {
    attemptsOfItems,
  } as unknown as JobsContext);
  expect(shown.map(({ number }) => number)).toEqual(told);
});
