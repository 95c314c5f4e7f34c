// The broker loses its files: what happened is told again, to the last transition, by whichever replica sees it first.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jobChanged, type JobChanged } from '@weft/contracts';
import { startConsumer } from '@weft/messaging';
import { createLogger } from '@weft/telemetry';
import { eventually } from '@weft/testkit';
import { succeeded } from './testing/engine.js';
import { startTestService, type TestService } from './testing/jobs-service.js';

let test: TestService;
beforeAll(async () => {
  test = await startTestService({ JOBS_LEASE: '60s', JOBS_START_LEASE: '60s' });
});
afterAll(() => test.stop());

it('rebuilds the stream from the history', async () => {
  const ended = await test.submit();
  const { jobId, attempt, fence } = await test.claimOne();
  expect(jobId).toBe(ended);
  const report = { jobId, attempt, fence, kind: 'FINISHED', items: [succeeded(0)], usage: null };
  await test.ask('report', { reports: [report] });
  const open = await test.submit();
  const { reader } = test.service.context;
  const historyOf = async (id: string) => (await reader.timeline(id, 0, 100)).rows.map((one) => one.seq);
  await eventually('the end', async () => (await reader.job(test.user, ended))?.state === 'SUCCEEDED');

  await test.broker.kill();
  test.broker.loseFiles();
  const meanwhile = await test.submit();
  await test.broker.restart();

  const heard: JobChanged[] = [];
  const registry = await test.broker.connect('registry');
  await eventually('the broker', () => registry.connected());
  const consumer = startConsumer({
    messaging: registry,
    event: jobChanged,
    durable: 'registry-after-the-loss',
    logger: createLogger('test', 'silent'),
    onDeadLetter: () => Promise.reject(new Error('unreadable')),
    handle: ({ payload }) => Promise.resolve(void heard.push(payload)),
  });
  const seqsOf = (id: string): number[] => [
    ...new Set(
      heard.filter((one) => one.jobId === id).flatMap((one) => one.transitions.map((step) => step.seq)),
    ),
  ];
  for (const id of [ended, open, meanwhile]) {
    const history = await historyOf(id);
    await eventually(
      `the history of ${id}`,
      () => JSON.stringify(seqsOf(id).sort((a, b) => a - b)) === JSON.stringify(history),
      20_000,
    );
  }
  const last = heard.filter((one) => one.jobId === ended).at(-1);
  expect(last).toMatchObject({
    state: 'SUCCEEDED',
    attempts: [{ number: 1, outcome: 'SUCCEEDED' }],
    outcomes: [{ index: 0, state: 'SUCCEEDED', attempt: 1 }],
  });
  await consumer.stop();
}, 60_000);
