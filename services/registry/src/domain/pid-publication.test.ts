import { expect, it } from 'vitest';
import { judgePublication, PID_RETRY, type PidFailureKind } from './pid-publication.js';

const judge = (kind: PidFailureKind, tried: number, more: { retryAfterMs?: number; pauses?: number } = {}) =>
  judgePublication({ kind, retryAfterMs: more.retryAfterMs }, tried, PID_RETRY, more.pauses ?? 0, 0.5);

it('waits four times as long after each try, six hours at the most, and gives up after the last', () => {
  const waits = Array.from({ length: PID_RETRY.tries }, (_, n) => judge('UNAVAILABLE', n + 1).waitMs);
  expect(waits.slice(0, 3)).toEqual([5_000, 20_000, 80_000]);
  expect(waits.at(-2)).toBe(6 * 3_600_000);
  expect(waits.at(-1)).toBeUndefined();
  expect(judge('UNAVAILABLE', 1)).toMatchObject({ counts: true, pauseMs: 0 });
});

it('spreads those that were down together', () => {
  const at = (random: number) =>
    judgePublication({ kind: 'UNAVAILABLE', retryAfterMs: undefined }, 1, PID_RETRY, 0, random).waitMs;
  expect([at(0), at(0.999)]).toEqual([4_000, 5_998]);
});

it('leaves the registrar alone for as long as it asks, an hour at the most', () => {
  expect(judge('BUSY', 99, { retryAfterMs: 7_000 })).toEqual({
    waitMs: 7_000,
    counts: false,
    pauseMs: 7_000,
  });
  expect(judge('BUSY', 1).pauseMs).toBe(60_000);
  expect(judge('BUSY', 1, { retryAfterMs: 1 }).pauseMs).toBe(1_000);
  expect(judge('BUSY', 1, { retryAfterMs: 86_400_000 }).pauseMs).toBe(3_600_000);
  expect(judge('UNAVAILABLE', 1, { retryAfterMs: 30_000 }).waitMs).toBe(30_000);
});

it('pauses for longer and longer while it is not taken for who it is', () => {
  const pauses = [0, 1, 2, 20].map((n) => judge('SETUP', 1, { pauses: n }).pauseMs);
  expect(pauses).toEqual([60_000, 120_000, 240_000, 3_600_000]);
  expect(judge('SETUP', PID_RETRY.tries)).toMatchObject({ waitMs: undefined, pauseMs: 60_000 });
});

it('does not repeat what was refused', () => {
  expect(judge('REFUSED', 1)).toEqual({ waitMs: undefined, counts: true, pauseMs: 0 });
});
