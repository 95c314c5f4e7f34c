import { describe, expect, test } from 'vitest';
import type { Resumption } from '../federation/live-plan.js';
import { isOldNews, PendingPayloads, positionOf } from './pending-payloads.js';

const resumption = { rootKey: 'change', listKeys: ['transitions', 'more'] } as unknown as Resumption;
const LIMITS = { entries: 5, bytes: 1_000 };
const payload = (seq: number, notes: number[], rest: object = {}) => ({
  data: { change: { weftPosition__: seq, transitions: notes, more: [...notes], job: `at ${seq}` } },
  ...rest,
});

describe('payloads of a resumable field', () => {
  test('are joined: every list entry once and in order, of everything else the newest', () => {
    const pending = new PendingPayloads(resumption, LIMITS);
    expect(pending.offer(payload(1, [1]), 10)).toBe(true);
    expect(pending.offer(payload(2, [2]), 10)).toBe(true);
    expect(pending.offer(payload(4, [3, 4]), 10)).toBe(true);
    const taken = pending.take();
    expect(taken).toEqual({ payload: payload(4, [1, 2, 3, 4]), bytes: 30, merged: 3 });
    expect(taken && positionOf(taken.payload, resumption)).toBe(4);
    expect(pending.take()).toBeUndefined();
  });

  test('errors inside of lists move with their entries, other errors are the newest', () => {
    const pending = new PendingPayloads(resumption, LIMITS);
    const inList = (index: number) => ({
      message: 'bad note',
      path: ['change', 'transitions', index, 'note'],
    });
    const inJob = (message: string) => ({ message, path: ['change', 'job'] });
    pending.offer(payload(2, [1, 2], { errors: [inList(1), inJob('old')] }), 1);
    pending.offer(payload(3, [3], { errors: [inList(0), inJob('new')] }), 1);
    expect(pending.take()?.payload.errors).toEqual([inList(1), inList(2), inJob('new')]);
  });

  test('one whose root is null stays by itself, and the order is kept', () => {
    const pending = new PendingPayloads(resumption, LIMITS);
    const failed = { data: null, errors: [{ message: 'x' }] };
    pending.offer(payload(1, [1]), 1);
    pending.offer(failed, 1);
    pending.offer(payload(2, [2]), 1);
    expect([pending.take(), pending.take(), pending.take()].map((one) => one?.payload)).toEqual([
      payload(1, [1]),
      failed,
      payload(2, [2]),
    ]);
  });

  test('what is over a limit is not taken, and nothing is lost of what was', () => {
    const byEntries = new PendingPayloads(resumption, LIMITS);
    expect([1, 2, 3, 4, 5, 6].map((seq) => byEntries.offer(payload(seq, [seq]), 1))).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
    expect(byEntries.take()?.payload).toEqual(payload(5, [1, 2, 3, 4, 5]));
    expect(byEntries.offer(payload(6, [6]), 1)).toBe(true);
    const byBytes = new PendingPayloads(resumption, LIMITS);
    expect(byBytes.offer(payload(1, [1]), 5_000)).toBe(true);
    expect(byBytes.offer(payload(2, [2]), 1)).toBe(false);
  });

  test('old news is what carries the known position and no entry', () => {
    expect(isOldNews(payload(3, []), resumption, 3)).toBe(true);
    expect(isOldNews(payload(3, [3]), resumption, 3)).toBe(false);
    expect(isOldNews(payload(4, []), resumption, 3)).toBe(false);
    expect(isOldNews({ data: null, errors: [{ message: 'x' }] }, resumption, undefined)).toBe(false);
  });
});

test('payloads of other fields wait in order, one by one, up to their number', () => {
  const pending = new PendingPayloads(undefined, { entries: 2, bytes: 1_000 });
  expect([1, 2, 3].map((tick) => pending.offer({ data: { tick } }, 1))).toEqual([true, true, false]);
  expect([pending.take(), pending.take(), pending.take()].map((one) => one?.payload.data)).toEqual([
    { tick: 1 },
    { tick: 2 },
    undefined,
  ]);
});
