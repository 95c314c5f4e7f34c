import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf, judgeTry, type TryResult } from './webhook.js';
import { webhookKey, writeWebhookSecret } from './webhook-secret.js';

const policy = { tries: 8, backoffMs: 15_000 };
const answered = (statusCode: number, retryAfterMs: number | null = null): TryResult => ({
  statusCode,
  failure: failureOf(statusCode),
  message: null,
  response: null,
  durationMs: 1,
  retryAfterMs,
});

describe('what becomes of a message after a try', () => {
  it('is delivered by 200 to 299, ended by 410, and tried again after anything else', () => {
    for (let status = 100; status < 600; status++) {
      const { state } = judgeTry(answered(status), 1, policy, 0.5);
      const expected = status >= 200 && status < 300 ? 'DELIVERED' : status === 410 ? 'DISABLED' : 'PENDING';
      expect(state, String(status)).toBe(expected);
    }
  });

  it('is given up after its last try, about a day after the first', () => {
    let total = 0;
    for (let tried = 1; tried < policy.tries; tried++) {
      const verdict = judgeTry(answered(503), tried, policy, 0.5);
      if (verdict.state !== 'PENDING') throw new Error(verdict.state);
      total += verdict.waitMs;
    }
    expect(total / 3_600_000).toBeGreaterThan(20);
    expect(total / 3_600_000).toBeLessThan(26);
    expect(judgeTry(answered(503), policy.tries, policy, 0.5)).toEqual({ state: 'DEAD' });
    expect(judgeTry(answered(204), policy.tries, policy, 0.5)).toEqual({ state: 'DELIVERED' });
  });

  it('waits longer each time, spread by a fifth either way, as long as the receiver asks, and a day at the most', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 11 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (tried, random) => {
          const verdict = judgeTry(answered(500), tried, { tries: 12, backoffMs: 1_000 }, random);
          if (verdict.state !== 'PENDING') throw new Error(verdict.state);
          const plain = 1_000 * 4 ** (tried - 1);
          expect(verdict.waitMs).toBeGreaterThanOrEqual(Math.min(plain * 0.8, 86_400_000) - 1);
          expect(verdict.waitMs).toBeLessThanOrEqual(Math.min(plain * 1.2, 86_400_000) + 1);
        },
      ),
    );
    expect(judgeTry(answered(429, 600_000), 1, policy, 0.5)).toEqual({ state: 'PENDING', waitMs: 600_000 });
    expect(judgeTry(answered(429, 1e12), 1, policy, 0.5)).toEqual({ state: 'PENDING', waitMs: 86_400_000 });
  });
});

describe('a signing secret', () => {
  it('is read as it was written, from 24 to 64 bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 80 }), (bytes) => {
        const key = webhookKey(writeWebhookSecret(bytes));
        if (bytes.length < 24 || bytes.length > 64) expect(key).toBeUndefined();
        else expect(key).toEqual(Buffer.from(bytes));
      }),
    );
    const good = writeWebhookSecret(new Uint8Array(24));
    for (const bad of [
      '',
      'whsec_',
      good.slice(6),
      good.replace('whsec', 'whpk'),
      `${good} `,
      `${good.slice(0, -1)}*`,
      'whsec_short',
    ])
      expect(webhookKey(bad), bad).toBeUndefined();
  });
});
