import { eventually } from '@weft/testkit';
import { beforeAll, expect, it } from 'vitest';
import { aTarget, failed, limits, startEngine, type Engine } from '../testing/engine.js';

const MAX_PAYLOAD = 1024 * 1024;

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

it.each([
  ['many jobs with values of their own', 64, { data: JSON.stringify('"'.repeat(4_000)), params: '1' }, 2],
  [
    'jobs of very many items',
    32,
    { items: Array.from({ length: 300 }, () => JSON.stringify('p'.repeat(400))) },
    300,
  ],
])(
  'the answer to a claim fits into a message: %s',
  async (_what, jobs, submission, itemsPerSlice) => {
    const crowd = await startEngine();
    const target = aTarget({ seq: 2, limits: { ...limits, itemsPerSlice } });
    await crowd.ports.transact((tx) => tx.references.keepTarget(target));
    for (let n = 0; n < jobs; n++) await crowd.submit(submission);
    let claimed = 0;
    while (claimed < jobs) {
      const attempts = await crowd.claim({ capacity: 64 });
      expect(attempts.length).toBeGreaterThan(0);
      expect(Buffer.byteLength(JSON.stringify({ attempts }))).toBeLessThan(MAX_PAYLOAD);
      claimed += attempts.length;
    }
  },
  60_000,
);

it('the same claim served twice at once is given the same work, not twice as much', async () => {
  for (let n = 0; n < 8; n++) await engine.submit();
  const asked = await Promise.allSettled(
    Array.from({ length: 6 }, () => engine.claim({ capacity: 1, requestId: 'asked-again' })),
  );
  const again = await engine.claim({ capacity: 1, requestId: 'asked-again' });
  expect(again).toHaveLength(1);
  for (const answer of asked)
    if (answer.status === 'fulfilled') expect(answer.value).toEqual(again);
    else expect(answer.reason).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
});

it('what is left of a job after a slice stays behind the mark that was set in its lane', async () => {
  const lane = await startEngine();
  const id = await lane.submit({ items: [null, null, null], maxAttempts: 2 });
  const runAt = async (): Promise<Date | undefined> =>
    (await lane.database.query<{ runAt: Date }>(`select run_at as "runAt" from queue_entry where ready`))[0]
      ?.runAt;
  const [two] = await lane.claim({ capacity: 1 });
  const [one] = await lane.claim({ capacity: 1 });
  await lane.report(two!, 'FINISHED', [failed(0), failed(1)]);
  const later = lane.ports.now().getTime() + 20;
  await eventually('the end of the backoff', () => lane.ports.now().getTime() > later);
  await lane.report(one!, 'RELEASED');
  await lane.ports.hot.promote(100);
  const mark = await runAt();
  expect(await lane.claim({ capacity: 1 })).toMatchObject([
    { jobId: id, items: [{ index: 0 }, { index: 1 }] },
  ]);
  const left = await runAt();
  expect(left!.getTime()).toBeGreaterThanOrEqual(mark!.getTime());
});
