import { createHash } from 'node:crypto';
import {
  EVENT_STREAM,
  EVENT_SUBJECT_ROOT,
  serviceVersionChanged,
  type ServiceVersionChanged,
} from '@weft/contracts';
import { startConsumer } from '@weft/messaging';
import {
  appendToOutbox,
  firstHearing,
  keepDeadLetter,
  Outbox1700000000000,
  OutboxSources1763000000017,
  outboxRow,
  startRelay,
  type OutboxRow,
} from '@weft/outbox';
import { createLogger, createMetrics } from '@weft/telemetry';
import { describe, expect, it } from 'vitest';
import { eventually, testBroker, testDatabase } from './index.js';

const logger = createLogger('test', 'silent');
const news = (seq: number): ServiceVersionChanged => ({
  serviceVersionId: 'v-1',
  seq,
  serviceId: 's-1',
  organizationId: 'o-1',
  serviceName: 'solver',
  version: '1.0.0',
  lifecycle: 'CREATED',
  code: { artifactId: createHash('sha256').update('x').digest('hex'), runtime: 'NODEJS' },
  dataSchema: null,
  paramsSchema: null,
});

describe('outbox → JetStream → inbox', () => {
  it('carries what was committed, and nothing that was rolled back, across an outage of the broker', async () => {
    const broker = await testBroker();
    const database = await testDatabase({
      applicationName: 'relay',
      entities: [],
      migrations: [Outbox1700000000000],
    });
    const producer = await broker.connect('marketplace');
    const consumerSide = await broker.connect('jobs');
    const relay = startRelay({
      database,
      messaging: producer,
      logger,
      metrics: createMetrics('test'),
      syncPoint: () => Promise.resolve(),
    });
    const effects: number[] = [];
    const consumer = startConsumer({
      messaging: consumerSide,
      event: serviceVersionChanged,
      durable: 'jobs-test',
      logger,
      onDeadLetter: (letter) => keepDeadLetter(database, letter),
      handle: async (envelope) => {
        const first = await database.transaction((tx) => firstHearing(tx, 'jobs-test', envelope.id));
        if (first) effects.push(envelope.payload.seq);
      },
    });
    const write = (seq: number, fail = false): Promise<void> =>
      database.transaction(async (tx) => {
        await appendToOutbox(tx, serviceVersionChanged, news(seq), new Date(), 'correlation-1');
        tx.afterCommit(() => relay.wake());
        if (fail) throw new Error('rolled back');
      });

    await write(1);
    await expect(write(2, true)).rejects.toThrow('rolled back');
    await eventually('the first event', () => effects.length === 1);

    await broker.kill();
    await write(3);
    expect(await database.query('select 1 from outbox')).toHaveLength(1);
    await broker.restart();
    await eventually('the event of the outage', () => effects.length === 2, 20_000);
    await eventually(
      'an empty outbox',
      async () => (await database.query('select 1 from outbox')).length === 0,
    );
    expect(effects).toEqual([1, 3]);

    await consumer.stop();
    await relay.stop();
  }, 60_000);

  it('writes again what lies there only by its source: one message, several, or none', async () => {
    const broker = await testBroker();
    const database = await testDatabase({
      applicationName: 'sources',
      entities: [],
      migrations: [Outbox1700000000000, OutboxSources1763000000017],
    });
    const producer = await broker.connect('marketplace');
    await database.transaction(async (tx) => {
      await appendToOutbox(tx, serviceVersionChanged, news(1), new Date(), 'correlation-1');
      await tx.query(`insert into outbox (source) values ('one'), ('several'), ('none'), ('failing')`);
    });
    const row = (seq: number): OutboxRow =>
      outboxRow(serviceVersionChanged, news(seq), new Date(), 'correlation-1');
    const known: Record<string, readonly OutboxRow[]> = {
      one: [row(2)],
      several: [row(3), row(4)],
      none: [],
    };
    let failures = 2;
    const relay = startRelay({
      database,
      messaging: producer,
      logger,
      metrics: createMetrics('test'),
      syncPoint: () => Promise.resolve(),
      rewrite(sources) {
        if (failures-- > 0) return Promise.reject(new Error('not now'));
        return Promise.resolve(new Map(sources.map((source) => [source, known[source] ?? [row(5)]])));
      },
    });
    await eventually(
      'an empty outbox',
      async () => (await database.query('select 1 from outbox')).length === 0,
      20_000,
    );
    const manager = await producer.connection.jetstreamManager({ checkAPI: false });
    const { state } = await manager.streams.info(EVENT_STREAM);
    expect(state.messages).toBe(5);
    await relay.stop();
  }, 30_000);

  it('keeps an unreadable message as a dead letter and goes on', async () => {
    const broker = await testBroker();
    const database = await testDatabase({
      applicationName: 'poison',
      entities: [],
      migrations: [Outbox1700000000000],
    });
    const producer = await broker.connect('marketplace');
    await producer.ensureStream();
    const heard: number[] = [];
    const consumer = startConsumer({
      messaging: await broker.connect('jobs'),
      event: serviceVersionChanged,
      durable: 'jobs-poison',
      logger,
      onDeadLetter: (letter) => keepDeadLetter(database, letter),
      handle: (envelope) => Promise.resolve(void heard.push(envelope.payload.seq)),
    });
    const subject = serviceVersionChanged.subject(news(1));
    await producer.jetstream.publish(subject, '{"payload": {"seq": "not a number"}}', { msgID: 'poison-1' });
    await producer.jetstream.publish(
      subject,
      JSON.stringify({ id: 'x', correlationId: 'correlation-2', payload: news(7) }),
    );
    await eventually('the readable one', () => heard.includes(7));
    const letters = await eventually('the dead letter', async () => {
      const rows = await database.query<{ id: string }>('select id from dead_letter');
      return rows.length === 1 ? rows : undefined;
    });
    expect(letters[0]?.id).toBe('poison-1');
    await consumer.stop();
  }, 30_000);
});

describe('a broker that has forgotten message ids', () => {
  it('has what was published and not deleted twice, with one effect', async () => {
    const broker = await testBroker();
    const database = await testDatabase({
      applicationName: 'relay',
      entities: [],
      migrations: [Outbox1700000000000],
    });
    const producer = await broker.connect('marketplace');
    const manager = await producer.connection.jetstreamManager({ checkAPI: false });
    await manager.streams.add({
      name: EVENT_STREAM,
      subjects: [`${EVENT_SUBJECT_ROOT}.>`],
      duplicate_window: 100 * 1e6,
    });
    let deaths = 4;
    await database.transaction((tx) =>
      appendToOutbox(tx, serviceVersionChanged, news(1), new Date(), 'correlation-1'),
    );
    const relay = startRelay({
      database,
      messaging: producer,
      logger,
      metrics: createMetrics('test'),
      // As if it had died there: nothing is deleted, and the next round comes later and later.
      syncPoint: (point) =>
        point === 'relay-after-publish' && deaths-- > 0
          ? Promise.reject(new Error('died'))
          : Promise.resolve(),
    });
    await eventually(
      'an empty outbox',
      async () => (await database.query('select from outbox')).length === 0,
    );
    const { state } = await manager.streams.info(EVENT_STREAM);
    expect(state.messages).toBeGreaterThan(1);
    const heard: string[] = [];
    let effects = 0;
    const consumer = startConsumer({
      messaging: await broker.connect('jobs'),
      event: serviceVersionChanged,
      durable: 'jobs-test',
      logger,
      onDeadLetter: (letter) => keepDeadLetter(database, letter),
      handle: async ({ id }) => {
        if (await database.transaction((tx) => firstHearing(tx, 'jobs-test', id))) effects += 1;
        heard.push(id);
      },
    });
    await eventually('all of the stream', () => heard.length >= state.messages);
    expect([new Set(heard).size, effects]).toEqual([1, 1]);
    await Promise.all([consumer.stop(), relay.stop()]);
  });
});
