import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createLatch } from './latch.js';

it('lets one in at a time', async () => {
  const latch = createLatch();
  const seen: string[] = [];
  const pass = async (name: string): Promise<void> => {
    const release = await latch.enter(1_000);
    seen.push(`${name} in`);
    await sleep(2);
    seen.push(`${name} out`);
    release?.();
  };
  await Promise.all([pass('a'), pass('b'), pass('c')]);
  expect(seen).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
});

it('sends away who has waited too long, and is free again afterwards', async () => {
  const latch = createLatch();
  const release = await latch.enter(0);
  expect(await latch.enter(5)).toBeUndefined();
  release?.();
  const next = await latch.enter(0);
  expect(next).toBeDefined();
  // Who was let out before does not let others in now.
  release?.();
  expect(await latch.enter(0)).toBeUndefined();
});
