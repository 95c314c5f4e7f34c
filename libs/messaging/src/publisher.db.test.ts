import { EVENT_STREAM } from '@weft/contracts';
import { eventually, testBroker } from '@weft/testkit';
import { describe, expect, it } from 'vitest';

const message = (id: string, subject = 'weft.event.jobs.news.v1.x') => ({ id, subject, body: `"${id}"` });
const reasons = (answers: readonly (Error | undefined)[]) => answers.map((one) => one?.message);

describe('what is put into the event stream', () => {
  it('is there when it is answered, once by its id, beside what is refused', async () => {
    const broker = await testBroker();
    const jobs = await broker.connect('jobs');
    expect(await jobs.publishAll([], 1_000)).toEqual([]);
    expect(reasons(await jobs.publishAll([message('early')], 5_000))).toEqual([
      'no event stream takes this subject',
    ]);
    await jobs.ensureStream();
    const tooLong = { ...message('long'), body: 'x'.repeat(2 << 20) };
    const many = Array.from({ length: 500 }, (_, n) => message(`m-${n % 250}`));
    const [long, ...others] = await jobs.publishAll([tooLong, ...many], 5_000);
    expect(long?.message).toMatch(/payload/i);
    expect(others).toEqual(many.map(() => undefined));
    const manager = await jobs.connection.jetstreamManager();
    expect((await manager.streams.info(EVENT_STREAM)).state.messages).toBe(250);
  });

  it('is given up after its time, and at once when the connection is lost', async () => {
    const broker = await testBroker();
    const jobs = await broker.connect('jobs');
    await jobs.ensureStream();
    await broker.pause();
    const waiting = jobs.publishAll([message('late'), message('later')], 200);
    expect(reasons(await waiting)).toEqual(Array(2).fill('no answer of the event stream within 200 ms'));
    const lost = jobs.publishAll([message('lost')], 60_000);
    await broker.kill();
    expect(reasons(await lost)).toEqual(['the connection to the broker was lost']);
    await broker.restart();
    await eventually('the broker', () => jobs.connected(), 20_000);
    await jobs.ensureStream();
    expect(await jobs.publishAll([message('lost')], 5_000)).toEqual([undefined]);
  }, 60_000);
});
