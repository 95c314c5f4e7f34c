import { envelope, EVENT_STREAM, serviceVersionChanged, type ServiceVersionChanged } from '@weft/contracts';
import { createLogger } from '@weft/telemetry';
import { eventually, testBroker } from '@weft/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { Messaging } from './connect.js';
import { startConsumer, type Consumer, type DeadLetter } from './consumer.js';

const logger = createLogger('test', 'silent');
const ID = '0199a3c4-0000-7000-8000-000000000001';
const news = (seq: number): ServiceVersionChanged => ({
  serviceVersionId: ID,
  seq,
  serviceId: ID,
  organizationId: ID,
  serviceName: 'solver',
  version: '1.0.0',
  lifecycle: 'CREATED',
  code: { artifactId: ID, runtime: 'NODEJS' },
  dataSchema: null,
  paramsSchema: null,
});

const consumers: Consumer[] = [];
afterEach(async () => {
  await Promise.all(consumers.splice(0).map((one) => one.stop()));
});

async function aStream() {
  const broker = await testBroker();
  const producer = await broker.connect('marketplace');
  const messaging = await broker.connect('jobs');
  await producer.ensureStream();
  return {
    broker,
    messaging,
    publish: (seqs: readonly number[]) =>
      Promise.all(
        seqs.map((seq) => {
          const told = envelope(serviceVersionChanged, news(seq), new Date(), `correlation-${seq}`);
          return producer.jetstream.publish(serviceVersionChanged.subject(news(seq)), JSON.stringify(told), {
            msgID: told.id,
          });
        }),
      ),
  };
}

interface Heard {
  readonly batches: number[][];
  readonly letters: DeadLetter[];
  readonly consumer: Consumer;
  /** Every seq that had its effect, as often as it had it. */
  readonly effects: () => number[];
}

function hear(
  messaging: Messaging,
  options: {
    paceMs?: number;
    isPoison?: (error: unknown) => boolean;
    /** Called before a batch has its effect; the effect is undone when it throws. */
    before?: (seqs: readonly number[]) => Promise<void> | void;
    after?: (seqs: readonly number[]) => Promise<void> | void;
  } = {},
): Heard {
  const batches: number[][] = [];
  const letters: DeadLetter[] = [];
  const { before, after, ...rest } = options;
  const consumer = startConsumer({
    messaging,
    event: serviceVersionChanged,
    durable: 'jobs-test',
    logger,
    ...rest,
    onDeadLetter: (letter) => Promise.resolve(void letters.push(letter)),
    handleBatch: async (envelopes) => {
      const seqs = envelopes.map(({ payload }) => payload.seq);
      await before?.(seqs);
      batches.push(seqs);
      await after?.(seqs);
    },
  });
  consumers.push(consumer);
  return { batches, letters, consumer, effects: () => batches.flat() };
}

const upTo = (most: number): number[] => Array.from({ length: most }, (_, index) => index + 1);

const leftOver = async (messaging: Messaging) => {
  const manager = await messaging.connection.jetstreamManager({ checkAPI: false });
  const info = await manager.consumers.info(EVENT_STREAM, 'jobs-test');
  return info.num_pending + info.num_ack_pending;
};

describe('a batch', () => {
  it('is all that is there, in the order of the stream, and acknowledged', async () => {
    const { messaging, publish } = await aStream();
    for (const seq of upTo(150)) await publish([seq]);
    const { batches, effects } = hear(messaging);
    await eventually('all', () => effects().length === 150);
    expect(effects()).toEqual(upTo(150));
    expect(batches.length).toBeLessThan(5);
    await eventually('nothing is left over', async () => (await leftOver(messaging)) === 0);
  });

  it('with a poisoned message has its effect without it, in order and once; that one becomes a dead letter after three deliveries', async () => {
    const { messaging, publish } = await aStream();
    for (const seq of upTo(40)) await publish([seq]);
    let tried = 0;
    const { effects, letters } = hear(messaging, {
      isPoison: (error) => String(error).includes('22P05'),
      before: (seqs) => {
        if (seqs.length === 1 && seqs[0] === 23) tried += 1;
        if (seqs.includes(23)) throw new Error('22P05');
      },
    });
    await eventually('the dead letter', () => letters.length === 1);
    expect(letters[0]).toMatchObject({ id: `service-version-changed:${ID}:23`, error: 'Error: 22P05' });
    expect(tried).toBe(3);
    expect(effects()).toEqual(upTo(40).filter((seq) => seq !== 23));
    await eventually('nothing is left over', async () => (await leftOver(messaging)) === 0);
    await publish([41]);
    await eventually('what comes after', () => effects().includes(41));
  });

  it('that fails for another reason is tried again until it succeeds, and not taken for poison', async () => {
    const { messaging, publish } = await aStream();
    await publish(upTo(3));
    let failures = 0;
    const { effects, letters } = hear(messaging, {
      isPoison: () => false,
      before: () => {
        failures += 1;
        if (failures <= 15) throw new Error('the database is away');
      },
    });
    await eventually('all', () => effects().length === 3);
    expect(letters).toEqual([]);
  });

  it('whose acknowledgement is lost after its commit comes again, all of it', async () => {
    const { messaging, publish } = await aStream();
    await publish(upTo(5));
    let commits = 0;
    // What a crash leaves behind: the effect is there, and the broker has heard nothing. Halving five takes nine tries.
    const { batches } = hear(messaging, {
      after: () => {
        commits += 1;
        if (commits <= 9) throw new Error('gone before the acknowledgement');
      },
    });
    const again = () => batches.slice(9).flat();
    await eventually('the second delivery', () => again().length === 5);
    expect(again().toSorted()).toEqual(upTo(5));
    await eventually('nothing is left over', async () => (await leftOver(messaging)) === 0);
  });

  it('of which some cannot be read is handled without those', async () => {
    const { messaging, publish, broker } = await aStream();
    await publish([1]);
    const producer = await broker.connect('marketplace');
    await producer.jetstream.publish(serviceVersionChanged.subject(news(2)), 'no json', { msgID: 'broken' });
    await publish([3]);
    const { effects, letters } = hear(messaging);
    await eventually('the readable ones', () => effects().length === 2);
    expect(effects()).toEqual([1, 3]);
    expect(letters.map(({ id, body }) => [id, body])).toEqual([['broken', 'no json']]);
  });
});

describe('the pace', () => {
  it('hears the first at once, and what follows in one batch; who is in a hurry need not wait for it', async () => {
    const { messaging, publish } = await aStream();
    const { batches, consumer } = hear(messaging, { paceMs: 600_000 });
    await publish([1]);
    await eventually('the first', () => batches.length === 1);
    for (const seq of [2, 3, 4]) await publish([seq]);
    expect(batches).toEqual([[1]]);
    await consumer.hurry();
    expect(batches).toEqual([[1], [2, 3, 4]]);
  });

  it('nobody in a hurry waits long for news that does not exist', async () => {
    const { messaging } = await aStream();
    const { consumer } = hear(messaging);
    const before = performance.now();
    await consumer.hurry();
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  it('does not hold up the end', async () => {
    const { messaging, publish } = await aStream();
    const { batches, consumer } = hear(messaging, { paceMs: 600_000 });
    await publish([1]);
    await eventually('the first', () => batches.length === 1);
    await consumer.stop();
  });
});

it('a consumer that the broker has lost is made anew', async () => {
  const { messaging, publish } = await aStream();
  const { effects } = hear(messaging);
  await publish([1]);
  await eventually('the first', () => effects().length === 1);
  const manager = await messaging.connection.jetstreamManager({ checkAPI: false });
  await manager.consumers.delete(EVENT_STREAM, 'jobs-test');
  await publish([2]);
  await eventually('what follows', () => effects().includes(2));
});

it('two replicas share the messages: each is heard by one of them, and none is lost', async () => {
  const { broker, messaging, publish } = await aStream();
  const heard = [messaging, await broker.connect('jobs')].map((one) => hear(one));
  for (const seq of upTo(60)) await publish([seq]);
  await eventually('all', () => heard.flatMap((one) => one.effects()).length >= 60);
  expect(heard.flatMap((one) => one.effects()).toSorted((a, b) => a - b)).toEqual(upTo(60));
});
