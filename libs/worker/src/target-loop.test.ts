import { setTimeout as sleep } from 'node:timers/promises';
import type { ClaimedAttempt, ClaimRequest } from '@weft/contracts';
import { createLogger } from '@weft/telemetry';
import { eventually } from '@weft/testkit';
import { expect, it, vi } from 'vitest';
import type { WorkClient } from './work-client.js';
import { startTargetLoop } from './target-loop.js';

it('a worker that is always full keeps nothing of the times that it waited for room', async () => {
  const listened = vi.spyOn(EventTarget.prototype, 'addEventListener');
  let started = 0;
  const loop = startTargetLoop({
    targetId: 't',
    capacity: 1,
    client: {
      claim: () => Promise.resolve({ attempts: [{} as ClaimedAttempt] }),
    } as unknown as WorkClient,
    usable: () => true,
    start: () => {
      started += 1;
      return { finished: sleep(1), giveBack: () => undefined };
    },
    logger: createLogger('test', 'silent'),
  });
  await eventually('a few attempts', () => started > 20);
  await loop.drain(1_000);
  expect(listened.mock.calls.length).toBeLessThan(5);
  listened.mockRestore();
  expect(loop.running()).toBe(0);
});

it('keeps several claims open, and asks for no more than it has room for', async () => {
  const CAPACITY = 8;
  const open = new Map<string, { asked: number; answer: (attempts: ClaimedAttempt[]) => void }>();
  const ends: (() => void)[] = [];
  const loop = startTargetLoop({
    targetId: 't',
    capacity: CAPACITY,
    client: {
      claim: (_: string, { requestId, capacity }: ClaimRequest) =>
        new Promise((resolve) => {
          const answer = (attempts: ClaimedAttempt[]): void => {
            open.delete(requestId);
            resolve({ attempts });
          };
          open.set(requestId, { asked: capacity, answer });
        }),
    } as unknown as WorkClient,
    usable: () => true,
    start: () => ({ finished: new Promise((end) => ends.push(end)), giveBack: () => undefined }),
    logger: createLogger('test', 'silent'),
  });
  const asked = (): number[] => [...open.values()].map((one) => one.asked).sort();
  await eventually('two claims wait', () => asked().join() === '4,4');
  open
    .values()
    .next()
    .value?.answer([{}, {}, {}, {}] as ClaimedAttempt[]);
  await sleep(5);
  expect(asked(), 'the rest of the room is asked for already').toEqual([4]);
  expect(loop.running()).toBe(4);
  for (const end of ends.splice(0, 2)) end();
  await eventually('what became free is asked for beside it', () => asked().join() === '2,4');
  for (const { answer } of [...open.values()]) answer([]);
  await eventually(
    'all that is free is asked for again',
    () => asked().reduce((sum, one) => sum + one, 0) === 6,
  );
  for (const end of ends.splice(0)) end();
  const drained = loop.drain(1_000);
  for (let round = 0; round < 5; round++) {
    for (const { answer } of [...open.values()]) answer([]);
    await sleep(1);
  }
  await drained;
  expect(open.size).toBe(0);
});
