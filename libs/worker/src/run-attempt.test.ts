import { setTimeout as sleep } from 'node:timers/promises';
import { MAX_INLINE_RESULT_BYTES, type AttemptReport, type ClaimedAttempt } from '@weft/contracts';
import { AppError } from '@weft/errors';
import { createLogger } from '@weft/telemetry';
import { eventually } from '@weft/testkit';
import { expect, it } from 'vitest';
import type { LeaseKeeper, LeaseListener } from './lease-keeper.js';
import { runAttempt, succeededItem, type RunInProcess } from './run-attempt.js';
import type { WorkClient } from './work-client.js';

const attempt: ClaimedAttempt = {
  jobId: 'j', attempt: 2, fence: 2, organizationId: 'o', createdBy: 'u', kind: 'REGISTRATION', jobName: 'a job', correlationId: 'c',
  leaseMs: 10_000, timeoutMs: 60_000, deadlineAt: null, idempotencyKey: 'j:0,1', code: { operation: 'DO' },
  limits: { timeSeconds: 60, memoryBytes: 1, processes: 1, diskBytes: 1, logBytes: 1, resultBytes: 1, itemsPerSlice: 2, concurrentAttempts: 1 },
  data: { by: 'none' }, params: { by: 'value', json: '{"n":1}' },
  items: [{ index: 0, params: { by: 'none' } }, { index: 1, params: { by: 'fetch', bytes: 9 } }],
}; // prettier-ignore

/** A run of the attempt, with what it tells jobs, and its lease in the hands of the test. */
function started(run: RunInProcess, changes: Partial<ClaimedAttempt> = {}) {
  const posted: AttemptReport[] = [];
  const progress: number[] = [];
  let on: LeaseListener | undefined;
  let released = 0;
  const leases = {
    hold: (_ref: unknown, _ms: number, listener: LeaseListener) => {
      on = listener;
      return { progress: (fraction: number) => void progress.push(fraction), release: () => (released += 1) };
    },
  } as unknown as LeaseKeeper;
  const text = Buffer.from('{"own":2}');
  const client = {
    input: (_target: string, { offset }: { offset: number }) =>
      Promise.resolve({ bytes: text.subarray(offset, offset + 4), total: text.length }),
  } as unknown as WorkClient;
  const reports = {
    leftovers: [],
    post: (report: AttemptReport) => Promise.resolve(posted.push(report) > 0),
    close: () => Promise.resolve(),
  };
  const attemptRun = runAttempt(
    { targetId: 't', client, leases, reports, run, syncPoint: () => Promise.resolve(), logger: createLogger('test', 'silent') },
    { ...attempt, ...changes },
  ); // prettier-ignore
  return {
    posted,
    progress,
    run: attemptRun,
    lease: () => on as LeaseListener,
    released: () => released,
    /** What was told of each item, once it has ended. */
    async told() {
      await attemptRun.finished;
      expect(released).toBe(1);
      return posted.flatMap((report) =>
        report.items.map((item) => [item.outcome, item.error?.code, item.error?.retryable]),
      );
    },
  };
}
const hangs: RunInProcess = () => new Promise(() => undefined);
const untilAborted: RunInProcess = async (_attempt, { signal }) => {
  await sleep(60_000, undefined, { signal });
  return [];
};
const bothAs = <T>(one: T): T[] => [one, one];

it('gives the run its inputs, and tells what came of each item', async () => {
  const one = started(async (claimed, { input, progress }) => {
    progress(0.5);
    const inputs = [await input('data'), await input('params'), await input('params', 0), await input('params', 1)];
    return claimed.items.map(({ index }) => succeededItem(index, { index, inputs }));
  }); // prettier-ignore
  expect(await one.told()).toEqual(bothAs(['SUCCEEDED', undefined, undefined]));
  const [report] = one.posted;
  expect(report).toMatchObject({ jobId: 'j', attempt: 2, fence: 2, kind: 'FINISHED' });
  expect(report?.items[1]).toMatchObject({
    result: '{"index":1,"inputs":[null,{"n":1},null,{"own":2}]}',
    resultSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(one.progress).toEqual([0.5]);
});

it.each([
  ['a refusal', new AppError('BAD_USER_INPUT', 'no'), 'BAD_USER_INPUT', false],
  ['what is busy', new AppError('SERVICE_UNAVAILABLE', 'later'), 'SERVICE_UNAVAILABLE', true],
  ['a bug', new Error('secret detail'), 'INTERNAL', true],
])('%s ends all items, and says whether another try may help', async (_, error, code, retryable) => {
  const one = started(() => Promise.reject(error));
  expect(await one.told()).toEqual(bothAs(['FAILED', code, retryable]));
  expect(JSON.stringify(one.posted)).not.toContain('secret');
});

it('a value that is too large for a report is none', () => {
  expect(succeededItem(0, 'x'.repeat(MAX_INLINE_RESULT_BYTES)).error?.code).toBe('RESULT_TOO_LARGE');
  expect(succeededItem(0, undefined).result).toBe('null');
});

it('a run that is cancelled tells so, unless it has finished all the same', async () => {
  const stopped = started(untilAborted);
  stopped.lease().cancel();
  expect(await stopped.told()).toEqual(bothAs(['CANCELLED', undefined, undefined]));
  const done = started(async (claimed, { signal }) => {
    await eventually('cancelled', () => signal.aborted);
    return claimed.items.map(({ index }) => succeededItem(index, null));
  });
  done.lease().cancel();
  expect(await done.told()).toEqual(bothAs(['SUCCEEDED', undefined, undefined]));
});

it('a cancellation of single items reaches a run once nothing of it is wanted', async () => {
  const one = started(untilAborted);
  one.lease().cancel([1]);
  await sleep(5);
  expect(one.posted).toEqual([]);
  one.lease().cancel([0]);
  expect(await one.told()).toEqual(bothAs(['CANCELLED', undefined, undefined]));
});

it('a run that hangs is left behind when its time is over, cancelled or not', async () => {
  expect(await started(hangs, { timeoutMs: 20 }).told()).toEqual(bothAs(['FAILED', 'TIMEOUT', true]));
  const cancelled = started(hangs, { timeoutMs: 20 });
  cancelled.lease().cancel();
  expect(await cancelled.told()).toEqual(bothAs(['CANCELLED', undefined, undefined]));
});

it('what is lost is told no more, and what is given back is told at once', async () => {
  const lost = started(hangs);
  lost.lease().lost();
  await lost.run.finished;
  expect([lost.posted, lost.released()]).toEqual([[], 1]);
  const back = started(untilAborted);
  back.run.giveBack();
  await back.run.finished;
  expect(back.posted).toMatchObject([{ kind: 'RELEASED', items: [] }]);
});
