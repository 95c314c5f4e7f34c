import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createQueueCap } from './queue-cap.js';

it('lets no more in at once than there is room for, with one count for all who ask', async () => {
  let counted = 0;
  const cap = createQueueCap({
    async waiting() {
      counted += 1;
      await sleep(2);
      return { waiting: 9, limit: 10 };
    },
  });
  const answers = await Promise.all(Array.from({ length: 50 }, () => cap.admit('o', 1)));
  expect(answers.filter((one) => one === undefined)).toHaveLength(1);
  expect(answers.find((one) => one !== undefined)?.code).toBe('QUEUE_FULL');
  expect(counted).toBe(1);
});

it('lets in as many of a batch as there is room for', async () => {
  const cap = createQueueCap({ waiting: () => Promise.resolve({ waiting: 4, limit: 10 }) });
  const [first, second] = await Promise.all([cap.admitSome('o', 4), cap.admitSome('o', 4)]);
  expect(first).toEqual({ admitted: 4, full: undefined });
  expect(second).toMatchObject({ admitted: 2, full: { code: 'QUEUE_FULL' } });
});

it('asks again after a count that failed', async () => {
  let failing = true;
  const cap = createQueueCap({
    waiting: () => (failing ? Promise.reject(new Error('away')) : Promise.resolve({ waiting: 0, limit: 1 })),
  });
  await expect(cap.admit('o', 1)).rejects.toThrow('away');
  failing = false;
  expect(await cap.admit('o', 1)).toBeUndefined();
});
