import { eventually } from '@weft/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { reportAttempt } from './report-attempt.js';
import { failed, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { newsOf } from '../testing/engine-tables.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

const history = async (id: string): Promise<string[]> => {
  const { rows } = await engine.reader.timeline(id, 0, 100);
  expect(rows.map((row) => row.seq)).toEqual(rows.map((_, index) => index + 1));
  return rows.map((row) => `${row.cause}:${row.to}`);
};

describe('a plain job', () => {
  it('goes from submission to its result, each step in history and outbox', async () => {
    const id = await engine.submit();
    const [attempt] = await engine.claim({ start: false });
    expect(attempt).toMatchObject({
      jobId: id,
      attempt: 1,
      data: { by: 'value', json: '{"n":1}' },
      items: [{ index: 0 }],
    });
    expect((await engine.job(id)).state).toBe('DEQUEUED');
    expect(await engine.report(attempt!, 'STARTED')).toEqual({ standing: 'accepted' });
    expect(await engine.report(attempt!, 'FINISHED', [succeeded(0, { best: 2098 })])).toEqual({
      standing: 'accepted',
    });
    expect(await engine.job(id)).toMatchObject({ state: 'SUCCEEDED', seq: 4, claimableAt: null });
    expect(await history(id)).toEqual([
      'SUBMITTED:PENDING',
      'CLAIMED:DEQUEUED',
      'STARTED:IN_PROGRESS',
      'SUCCEEDED:SUCCEEDED',
    ]);
    const [item] = await engine.reader.soleItems([id]);
    expect(JSON.parse(item?.result ?? 'null')).toEqual({ best: 2098 });
    expect((await newsOf(engine, id)).map((news) => news.seq)).toEqual([1, 2, 3, 4]);
  });

  it('tells in what its attempts ran, as their workers said with the last report', async () => {
    const id = await engine.submit({ maxAttempts: 3 });
    const places = ['a', 'b', 'c'].map((letter) => letter.repeat(64));
    for (const [index, environment] of places.entries()) {
      const attempt = await eventually('the next attempt', async () => (await engine.claim())[0]);
      expect(attempt.jobId).toBe(id);
      const item = index < 2 ? failed(0) : succeeded(0);
      const told = index === 1 ? {} : { environment };
      const claimant = { workerId: 'worker-1', targetId: 'local-process' };
      const { jobId, attempt: number, fence } = attempt;
      const report = { jobId, attempt: number, fence, kind: 'FINISHED' as const, items: [item], usage: null };
      expect(await reportAttempt(engine.ports, claimant, { ...report, ...told })).toEqual({
        standing: 'accepted',
      });
    }
    const last = (await newsOf(engine, id)).at(-1);
    expect(last?.attempts.map(({ environment }) => environment)).toEqual([places[0], undefined, places[2]]);
  });

  it('answers a repeated claim and a repeated report as the first time', async () => {
    await engine.submit();
    const first = await engine.claim({ requestId: 'request-repeated' });
    expect(await engine.claim({ requestId: 'request-repeated' })).toEqual(first);
    expect(await engine.report(first[0]!, 'FINISHED', [succeeded(0)])).toEqual({ standing: 'accepted' });
    expect(await engine.report(first[0]!, 'FINISHED', [failed(0)])).toEqual({ standing: 'accepted' });
    expect((await engine.job(first[0]!.jobId)).state).toBe('SUCCEEDED');
  });

  it('is given to one of many claims at once', async () => {
    const crowd = await startEngine();
    const ids = new Set(await Promise.all(Array.from({ length: 20 }, () => crowd.submit())));
    const claims = (
      await Promise.all(Array.from({ length: 8 }, (_, n) => crowd.claim({ capacity: 5, workerId: `w${n}` })))
    ).flat();
    expect(claims.map((claim) => claim.jobId).sort()).toEqual([...ids].sort());
    expect(claims.every((claim) => claim.attempt === 1)).toBe(true);
  });

  it('counts an item that a report names twice once, as it was told first', async () => {
    const id = await engine.submit();
    const [attempt] = await engine.claim();
    expect(await engine.report(attempt!, 'FINISHED', [succeeded(0, 'first'), failed(0)])).toEqual({
      standing: 'accepted',
    });
    expect((await engine.job(id)).state).toBe('SUCCEEDED');
    const [item] = await engine.reader.soleItems([id]);
    expect(item?.result).toBe('"first"');
  });

  it('is tried again below its limit, with a backoff, and then fails', async () => {
    const id = await engine.submit({ maxAttempts: 2 });
    const [first] = await engine.claim();
    await engine.report(first!, 'FINISHED', [failed(0)]);
    expect(await engine.job(id)).toMatchObject({ state: 'PENDING', reason: 'RETRYING' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [second] = await engine.claim();
    expect(second).toMatchObject({ jobId: id, attempt: 2 });
    await engine.report(second!, 'FINISHED', [failed(0)]);
    expect((await engine.job(id)).state).toBe('FAILED');
    expect((await history(id)).slice(-3)).toEqual([
      'CLAIMED:DEQUEUED',
      'STARTED:IN_PROGRESS',
      'FAILED:FAILED',
    ]);
  });

  it('is announced as due, also when writing took longer than its backoff', async () => {
    const own = await startEngine();
    const told: string[] = [];
    const signals = {
      ...own.ports.signals,
      claimable: () => told.push('claimable'),
      due: (at: Date) => told.push(at > own.ports.now() ? 'due' : 'due already'),
    };
    const id = await own.submit({ maxAttempts: 2 });
    const [attempt] = await own.claim();
    const slowly = {
      ...own.ports,
      signals,
      hot: {
        ...own.ports.hot,
        save: async (...written: Parameters<typeof own.ports.hot.save>) => {
          await new Promise((resolve) => setTimeout(resolve, 150));
          return own.ports.hot.save(...written);
        },
      },
    };
    await reportAttempt(
      slowly,
      { workerId: 'worker-1', targetId: 'local-process' },
      {
        jobId: id,
        attempt: attempt!.attempt,
        fence: attempt!.fence,
        kind: 'FINISHED',
        items: [failed(0)],
        usage: null,
      },
    );
    expect(told).toEqual(['due already']);
  });
});

describe('what user code had written', () => {
  it.each([
    ['is no JSON', 'not json', 'RESULT_INVALID'],
    ['is half a character', '"\ud83d"', 'RESULT_INVALID'],
    ['is larger than a message takes', JSON.stringify('x'.repeat(128 * 1024)), 'RESULT_TOO_LARGE'],
  ])('fails its item when it %s', async (_what, result, code) => {
    const id = await engine.submit();
    const [attempt] = await engine.claim();
    expect(await engine.report(attempt!, 'FINISHED', [{ ...succeeded(0), result }])).toEqual({
      standing: 'accepted',
    });
    const [item] = await engine.reader.soleItems([id]);
    expect(item).toMatchObject({ state: 'FAILED', result: null, error: { code } });
  });

  it.each([0, 1])('is cut between characters where it is too long (%i)', async (shift) => {
    const id = await engine.submit();
    const [attempt] = await engine.claim();
    const message = `${'x'.repeat(shift)}\u0000${'\u{1F600}'.repeat(1_999)}`;
    const error = { code: 'SERVICE_EXCEPTION', message, retryable: false };
    expect(await engine.report(attempt!, 'FINISHED', [{ ...failed(0), error }])).toEqual({
      standing: 'accepted',
    });
    expect((await engine.job(id)).state).toBe('FAILED');
  });
});

describe('an attempt at several items', () => {
  const outcomes = async (id: string) =>
    (await engine.reader.attempts([id]))[0]?.map((attempt) => attempt.outcome).reverse();
  const two = { items: ['1', '2'] };

  it('has failed when any of them did, told early or late', async () => {
    const early = await engine.submit(two);
    const [first] = await engine.claim();
    await engine.report(first!, 'FINISHED', [failed(0)]);
    await engine.report(first!, 'FINISHED', [succeeded(1)]);
    expect(await outcomes(early)).toEqual(['FAILED']);

    const timedOut = await engine.submit(two);
    const [second] = await engine.claim();
    await engine.report(second!, 'FINISHED', [failed(0, 'TIMEOUT')]);
    await engine.report(second!, 'FINISHED', [succeeded(1)]);
    expect(await outcomes(timedOut)).toEqual(['TIMED_OUT']);
  });

  it('has failed also when the item has gone on to its next try meanwhile', async () => {
    const id = await engine.submit({ ...two, maxAttempts: 2 });
    const [first] = await engine.claim();
    await engine.report(first!, 'FINISHED', [failed(0)]);
    const next = await eventually('the next try', async () => (await engine.claim())[0]);
    expect(next.items.map((item) => item.index)).toEqual([0]);
    await engine.report(next, 'FINISHED', [succeeded(0)]);
    await engine.report(first!, 'FINISHED', [succeeded(1)]);
    expect((await engine.job(id)).state).toBe('SUCCEEDED');
    expect(await outcomes(id)).toEqual(['FAILED', 'SUCCEEDED']);
    const ofItems = await engine.reader.attemptsOfItems([
      { jobId: id, index: 1 },
      { jobId: id, index: 0 },
    ]);
    expect(ofItems.map((list) => list.map((attempt) => attempt.number))).toEqual([[1], [2, 1]]);
  });
});

describe('a failure', () => {
  it.each([
    ['of user code is tried again', 'SERVICE_EXCEPTION', true, 'PENDING'],
    ['that its worker knows to come again is not', 'PROVIDER_REFUSED', false, 'FAILED'],
    ['that is known to come again is not, whatever its worker says', 'RESULT_TOO_LARGE', true, 'FAILED'],
  ])('%s', async (_, code, retryable, state) => {
    const id = await engine.submit({ maxAttempts: 3 });
    const [attempt] = (await engine.claim()).filter((one) => one.jobId === id);
    await engine.report(attempt!, 'FINISHED', [failed(0, code, retryable)]);
    expect((await engine.job(id)).state).toBe(state);
  });
});
