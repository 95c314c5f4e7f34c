import { setTimeout as sleep } from 'node:timers/promises';
import type { ClaimedAttempt } from '@weft/contracts';
import { createLogger } from '@weft/telemetry';
import { eventually } from '@weft/testkit';
import { expect, it, vi } from 'vitest';
import type { PlatformClient } from './platform-client.js';
import { startTargetLoop } from './target-loop.js';

it('a worker that is always full keeps nothing of the times that it waited for room', async () => {
  const listened = vi.spyOn(EventTarget.prototype, 'addEventListener');
  let started = 0;
  const loop = startTargetLoop({
    targetId: 't',
    capacity: 1,
    client: {
      claim: () => Promise.resolve({ attempts: [{} as ClaimedAttempt] }),
    } as unknown as PlatformClient,
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
