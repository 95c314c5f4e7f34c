import { afterEach, expect, it } from 'vitest';
import { createWorkerPool, type WorkerPool, type WorkerPoolOptions } from './worker-pool.js';

/** Answers what it was asked; unless that is endless, or more than there is memory for, or nothing. */
const SCRIPT = `
  import { parentPort } from 'node:worker_threads';
  const heap = [];
  parentPort.on('message', (question) => {
    if (question === 'endless') for (;;);
    if (question === 'hungry') for (;;) heap.push(new Array(10_000).fill(heap.length));
    if (question === 'broken') throw new Error('a mistake');
    parentPort.postMessage(question);
  });
  parentPort.postMessage('ready');
`;

let pool: WorkerPool;
const open = (options: Partial<WorkerPoolOptions> = {}): WorkerPool =>
  (pool = createWorkerPool({
    script: new URL(`data:text/javascript,${encodeURIComponent(SCRIPT)}`),
    limitMs: 300,
    memoryMb: 32,
    ...options,
  }));
afterEach(() => pool.close());

const threads = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;

it('answers, and goes on after what had to be ended', async () => {
  open({ threads: 1, limitMs: 2_000 });
  expect(await pool.ask('a', 1)).toEqual({ ok: true, value: 1 });
  expect(await pool.ask('a', 'hungry')).toEqual({ ok: false, reason: 'SPENT' });
  expect(await pool.ask('a', 'endless')).toEqual({ ok: false, reason: 'SPENT' });
  await expect(pool.ask('a', 'broken')).rejects.toThrow('a mistake');
  expect(await pool.ask('a', 2)).toEqual({ ok: true, value: 2 });
});

it('gives a lane one thread at a time', async () => {
  open({ threads: 2, limitMs: 1_000 });
  const order: string[] = [];
  const ask = (lane: string, question: unknown) =>
    pool.ask(lane, question).then(() => void order.push(`${lane} ${String(question)}`));
  await Promise.all([ask('a', 'endless'), ask('a', 'after'), ask('b', 1), ask('c', 2), ask('b', 3)]);
  expect(order).toEqual(['b 1', 'c 2', 'b 3', 'a endless', 'a after']);
});

it('lets who took most of late come last', async () => {
  open({ threads: 1 });
  const order: string[] = [];
  const ask = (lane: string, question: unknown) =>
    pool.ask(lane, question).then(() => void order.push(`${lane} ${String(question)}`));
  await ask('a', 'endless');
  await Promise.all([ask('x', 0), ask('a', 1), ask('a', 2), ask('b', 1), ask('b', 2)]);
  expect(order).toEqual(['a endless', 'x 0', 'b 1', 'b 2', 'a 1', 'a 2']);
});

it('refuses a lane that took too much, and one that would wait too long', async () => {
  open({ threads: 1, limitMs: 6_000, waitMs: 100 });
  const long = pool.ask('a', 'endless');
  expect(await pool.ask('b', 1)).toEqual({ ok: false, reason: 'BUSY' });
  await long;
  expect(await pool.ask('a', 1)).toEqual({ ok: false, reason: 'BUSY' });
  expect(await pool.ask('b', 1)).toEqual({ ok: true, value: 1 });
});

it('holds the process as long as somebody waits for an answer', async () => {
  open();
  const answer = pool.ask('a', 1);
  expect(threads()).toBe(1);
  await answer;
  expect(threads()).toBe(0);
});

it('leaves no thread behind', async () => {
  open();
  const answers = [pool.ask('a', 'endless'), pool.ask('a', 1), pool.ask('b', 1)];
  await pool.close();
  expect((await Promise.all(answers)).every(({ ok }) => !ok)).toBe(true);
  expect(await pool.ask('a', 1)).toEqual({ ok: false, reason: 'BUSY' });
  expect(threads()).toBe(0);
});
