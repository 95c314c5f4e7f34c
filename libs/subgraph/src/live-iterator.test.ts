import { AppError } from '@weft/errors';
import { describe, expect, it } from 'vitest';
import { LiveIterator } from './live-iterator.js';

describe('a live iterator', () => {
  it('gives what there is when asked, waits for news when there is none, and ends', async () => {
    const pending = ['a', 'b'];
    let over = false;
    const iterator = new LiveIterator<string>(
      () => {
        const value = pending.shift();
        if (value !== undefined) return Promise.resolve({ done: false, value });
        return Promise.resolve(over ? { done: true as const, value: undefined } : undefined);
      },
      () => undefined,
    );
    expect(await iterator.next()).toEqual({ done: false, value: 'a' });
    expect(await iterator.next()).toEqual({ done: false, value: 'b' });
    const waiting = iterator.next();
    pending.push('c');
    iterator.wake();
    expect(await waiting).toEqual({ done: false, value: 'c' });
    over = true;
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('lets go at once when its consumer leaves in the middle of waiting', async () => {
    let released = 0;
    const iterator = new LiveIterator<string>(
      () => Promise.resolve(undefined),
      () => released++,
    );
    const waiting = iterator.next();
    await iterator.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await iterator.return();
    expect(released).toBe(1);
  });

  it('outlives an outage behind it, and ends with what was decided', async () => {
    const answers: (() => Promise<IteratorResult<string, undefined> | undefined>)[] = [
      () => Promise.reject(new Error('connection terminated')),
      () => Promise.resolve({ done: false, value: 'after the outage' }),
      () => Promise.reject(new AppError('NOT_FOUND', 'gone')),
    ];
    const iterator = new LiveIterator<string>(
      () => (answers.shift() as () => Promise<undefined>)(),
      () => undefined,
    );
    expect(await iterator.next()).toEqual({ done: false, value: 'after the outage' });
    await expect(iterator.next()).rejects.toThrow('gone');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });
});
