import { EVENT_STREAM, workError, workSubject } from '@weft/contracts';
import { createLogger } from '@weft/telemetry';
import { testBroker } from '@weft/testkit';
import { describe, expect, it } from 'vitest';
import { jsonAnswer, readJson, request, serve, type Answer } from './request.js';

const logger = createLogger('test', 'silent');
const SUBJECT = workSubject('claim', 't1', 'w1');
const refuse = (): Answer =>
  jsonAnswer({ error: { code: 'INTERNAL', message: 'not served', retryable: true } });

async function aServerAndItsWorker(answer: () => Promise<Answer>) {
  const broker = await testBroker({ workers: { w1: ['t1'] } });
  const [jobs, worker] = [await broker.connect('jobs'), await broker.connect('w1')];
  serve(jobs, SUBJECT, 'jobs', answer, refuse, logger);
  await jobs.connection.flush();
  return { jobs, worker };
}

describe('an answer', () => {
  it('goes to an inbox only: who asks cannot make the server speak on other subjects in its own name', async () => {
    let asked = 0;
    const { jobs, worker } = await aServerAndItsWorker(() => {
      asked += 1;
      return Promise.resolve(jsonAnswer({ attempts: [] }));
    });
    await jobs.ensureStream();
    await jobs.jetstream.publish('weft.event.jobs.news.v1.x', 'kept', { msgID: 'one' });
    for (const reply of [`$JS.API.STREAM.PURGE.${EVENT_STREAM}`, 'weft.event.jobs.news.v1.forged'])
      worker.connection.publish(SUBJECT, '{}', { reply });
    // Answered after them, so they have been served.
    await request(worker, SUBJECT, {}, 2_000);
    await jobs.connection.flush();
    expect(asked).toBe(1);
    const manager = await jobs.connection.jetstreamManager();
    expect((await manager.streams.info(EVENT_STREAM)).state).toMatchObject({ messages: 1, last_seq: 1 });
  });

  it('that is too large for a message is told as an error, and the server lives on', async () => {
    const { worker } = await aServerAndItsWorker(() =>
      Promise.resolve(jsonAnswer({ text: 'x'.repeat(2 * 1024 * 1024) })),
    );
    for (let times = 0; times < 2; times++)
      expect(workError.parse(readJson(await request(worker, SUBJECT, {}, 2_000))).error.code).toBe(
        'INTERNAL',
      );
  });
});

describe('a connection', () => {
  it('is let go of at once when the broker is gone', async () => {
    const broker = await testBroker();
    const messaging = await broker.connect('jobs');
    messaging.connection.subscribe('weft.work.x');
    await messaging.connection.flush();
    await broker.kill();
    const before = performance.now();
    await messaging.close();
    expect(performance.now() - before).toBeLessThan(3_000);
    expect(messaging.connection.isClosed()).toBe(true);
  });
});
