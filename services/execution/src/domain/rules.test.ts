import { describe, expect, test } from 'vitest';
import { logIsComplete, LOG_GRACE_MS, standingOf, type KnownAttempt } from './attempt.js';
import { uploadProblems } from './artifact.js';
import { LOCAL_TARGETS } from './local-targets.js';
import { BEAT_TIMEOUT_MS, judgeTarget, type Beat } from './target-status.js';
import { sameDeclaration } from './target.js';

const now = new Date('2026-01-01T00:00:00Z');
const ago = (ms: number): Date => new Date(now.getTime() - ms);

describe('the state of a target', () => {
  const beat = (more: Partial<Beat> = {}): Beat => ({
    workerId: 'w',
    at: now,
    usable: true,
    problem: null,
    runtimes: ['NODEJS'],
    ...more,
  });

  test.each([
    ['no worker', [], 'UNAVAILABLE', /No worker/, ['PYTHON']],
    ['a silent worker', [beat({ at: ago(BEAT_TIMEOUT_MS + 1) })], 'UNAVAILABLE', /No worker/, ['PYTHON']],
    ['a worker at the limit', [beat({ at: ago(BEAT_TIMEOUT_MS) })], 'AVAILABLE', undefined, ['NODEJS']],
    [
      'one that cannot',
      [beat({ usable: false, problem: 'no sandbox' })],
      'UNAVAILABLE',
      /no sandbox/,
      ['PYTHON'],
    ],
    ['one with a weakness', [beat({ problem: 'no cgroups' })], 'DEGRADED', /no cgroups/, ['NODEJS']],
    [
      'a weak and a strong one',
      [beat({ problem: 'no cgroups' }), beat({ runtimes: ['PYTHON'] })],
      'AVAILABLE',
      undefined,
      ['NODEJS', 'PYTHON'],
    ],
  ])('%s', (_what, beats, status, reason, runtimes) => {
    const standing = judgeTarget(beats as Beat[], now, ['PYTHON']);
    expect(standing).toMatchObject({ status, runtimes });
    if (reason === undefined) expect(standing.statusReason).toBeNull();
    else expect(standing.statusReason).toMatch(reason);
  });

  test('declarations are compared by what they say, not by the order of their fields', () => {
    const one = LOCAL_TARGETS[0]!;
    const turned = {
      ...one,
      limits: Object.fromEntries(Object.entries(one.limits).reverse()) as unknown as typeof one.limits,
    };
    expect(sameDeclaration(one, turned)).toBe(true);
    expect(sameDeclaration(one, { ...one, limits: { ...one.limits, processes: 1 } })).toBe(false);
  });
});

describe('an attempt', () => {
  const attempt = (more: Partial<KnownAttempt> = {}): KnownAttempt => ({
    jobId: 'j', number: 1, fence: 5, workerId: 'w', targetId: 't', outcome: 'RUNNING', endedAt: null, logComplete: false, ...more,
  }); // prettier-ignore
  const worker = { workerId: 'w', targetId: 't' };
  const reference = { jobId: 'j', attempt: 1, fence: 5 };

  test.each([
    ['unknown', undefined, worker, reference, 'ATTEMPT_UNKNOWN', 'ATTEMPT_UNKNOWN'],
    ['running', attempt(), worker, reference, 'OK', 'OK'],
    ['of another worker', attempt(), { ...worker, workerId: 'x' }, reference, 'LEASE_LOST', 'LEASE_LOST'],
    ['of another target', attempt(), { ...worker, targetId: 'x' }, reference, 'LEASE_LOST', 'LEASE_LOST'],
    ['with another fence', attempt(), worker, { ...reference, fence: 4 }, 'LEASE_LOST', 'LEASE_LOST'],
    ['lost', attempt({ outcome: 'LOST' }), worker, reference, 'LEASE_LOST', 'LEASE_LOST'],
    ['ended', attempt({ outcome: 'SUCCEEDED' }), worker, reference, 'OK', 'LEASE_LOST'],
    ['given back', attempt({ outcome: 'RELEASED' }), worker, reference, 'OK', 'LEASE_LOST'],
  ])('%s', (_what, known, who, which, log, artifact) => {
    expect([standingOf(known, who, which, 'log'), standingOf(known, who, which, 'artifact')]).toEqual([
      log,
      artifact,
    ]);
  });

  test('the log of a job ends when the job is final and no attempt can add to it', () => {
    const ended = attempt({ outcome: 'SUCCEEDED', endedAt: now });
    expect(logIsComplete(true, [], now)).toBe(true);
    expect(logIsComplete(false, [attempt({ logComplete: true })], now)).toBe(false);
    expect(logIsComplete(true, [ended], now)).toBe(false);
    expect(logIsComplete(true, [{ ...ended, logComplete: true }], now)).toBe(true);
    expect(logIsComplete(true, [{ ...ended, endedAt: ago(LOG_GRACE_MS + 1) }], now)).toBe(true);
    expect(logIsComplete(true, [attempt({ outcome: 'LOST' })], now)).toBe(true);
    expect(logIsComplete(true, [attempt({ number: 2, logComplete: true })], now)).toBe(false);
  });
});

test('names and media types of uploads', () => {
  const problems = (name: string, mediaType = 'text/plain'): string[] =>
    uploadProblems({ name, mediaType }).map((one) => one.path.at(-1) ?? '');
  expect(problems('größe 1.qubo')).toEqual([]);
  for (const bad of ['', '   ', 'a/b', 'a\\b', 'a\nb', 'x'.repeat(201)])
    expect(problems(bad)).toEqual(['name']);
  expect(problems('x', 'application/json; charset=utf-8')).toEqual([]);
  for (const bad of ['', 'text', 'text/', 'text/html\r\nx: y'])
    expect(problems('x', bad)).toEqual(['mediaType']);
});
