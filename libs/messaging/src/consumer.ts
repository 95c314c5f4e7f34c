import { setTimeout as sleep } from 'node:timers/promises';
import { EVENT_STREAM, type Envelope, type EventDefinition } from '@weft/contracts';
import { withCorrelation, type Logger } from '@weft/telemetry';
import { AckPolicy, DeliverPolicy } from 'nats';
import type { Messaging } from './connect.js';
import { isolateFailures } from './isolate.js';
import { createPace } from './pace.js';
import { openPull, type Pull } from './pull.js';
import type { PulledMessage } from './pulled-message.js';

interface Listening<T> {
  readonly messaging: Messaging;
  readonly event: EventDefinition<T>;
  /** Durable name, unique per service and purpose, e.g. `registry-job-results`. */
  readonly durable: string;
  /** Narrower subject than all of the event's, e.g. `jobChanged.filter('SUCCEEDED', '*')`. */
  readonly subject?: string;
  /**
   * The shortest time from one batch to the next, 0 by default: news that may be this late under load is heard in fewer and
   * fuller batches. What comes after a longer silence is heard at once.
   */
  readonly paceMs?: number;
  /** Whether this error says that the message will never be taken: it is tried few times only. */
  readonly isPoison?: (error: unknown) => boolean;
  /** Called when a message cannot be read or has failed too often; it is not delivered again. */
  readonly onDeadLetter: (letter: DeadLetter) => Promise<void>;
  readonly logger: Logger;
}

interface OneByOne<T> {
  /** Must be idempotent: use the inbox inside its transaction. Throwing means: deliver again later. */
  readonly handle: (envelope: Envelope<T>) => Promise<void>;
  /** How many at the same time. */
  readonly concurrency?: number;
}

interface Together<T> {
  /**
   * One or several messages, in the order of the stream, that have their effect together or not at all. Must be idempotent:
   * when it throws it is asked again with parts of them, until only those are left over that are to blame.
   */
  readonly handleBatch: (envelopes: readonly Envelope<T>[]) => Promise<void>;
}

export type ConsumerOptions<T> = Listening<T> & (OneByOne<T> | Together<T>);

export interface DeadLetter {
  readonly consumer: string;
  readonly id: string;
  readonly subject: string;
  readonly body: string;
  readonly error: string;
}

export interface Consumer {
  /** Somebody needs news that may be waiting here: ends the pace's rest. Resolves when there is more to know, or after a moment. */
  hurry(): Promise<void>;
  stop(): Promise<void>;
}

interface Readable<T> {
  readonly message: PulledMessage;
  readonly envelope: Envelope<T>;
}

const ACK_WAIT_MS = 30_000;
const MAX_DELIVERIES = 20;
const MAX_POISON_DELIVERIES = 3;
const CONCURRENCY = 8;
const backoffMs = (delivery: number): number => Math.min(100 * 2 ** (delivery - 1), 30_000);

/** A durable pull consumer: at least once, explicit acknowledgement after the handler's commit, bounded backoff, dead letters. */
export function startConsumer<T>(options: ConsumerOptions<T>): Consumer {
  const { messaging, event, durable, logger } = options;
  const stopping = new AbortController();
  const pace = createPace(stopping.signal);
  let pull: Pull | undefined;

  const readable = async (messages: readonly PulledMessage[]): Promise<Readable<T>[]> => {
    const read: Readable<T>[] = [];
    for (const message of messages) {
      try {
        const parsed = JSON.parse(message.body) as Envelope<unknown>;
        read.push({ message, envelope: { ...parsed, payload: event.schema.parse(parsed.payload) } });
      } catch (error) {
        await bury(message, `unreadable: ${String(error)}`);
      }
    }
    return read;
  };

  const bury = async (message: PulledMessage, error: string): Promise<void> => {
    const { id, subject, body } = message;
    try {
      await options.onDeadLetter({ consumer: durable, id, subject, body, error });
      message.term();
    } catch (failure) {
      logger.error({ err: failure, durable }, 'dead letter could not be kept; it will be delivered again');
      message.nak(30_000);
    }
  };

  const handle = async (batch: readonly Readable<T>[]): Promise<void> => {
    const failures = await handleBatch(options, batch);
    const failed = new Set(failures.map(({ item }) => item));
    // In one breath, so that the acknowledgements leave in one write.
    for (const one of batch) if (!failed.has(one)) one.message.ack();
    for (const { item, error } of failures) {
      const { id, delivery } = item.message;
      logger.warn(
        { err: error, message: id, delivery, durable },
        'event not handled; it will be delivered again',
      );
      const most = options.isPoison?.(error) === true ? MAX_POISON_DELIVERIES : MAX_DELIVERIES;
      if (delivery >= most) await bury(item.message, String(error));
      else item.message.nak(backoffMs(delivery));
    }
  };

  const listen = async (): Promise<void> => {
    await messaging.ensureStream();
    const manager = await messaging.connection.jetstreamManager({ checkAPI: false });
    await manager.consumers.add(EVENT_STREAM, {
      durable_name: durable,
      filter_subject: options.subject ?? event.filter(),
      // Not `all`: the replicas of a service share the consumer, and would acknowledge each other's messages.
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: ACK_WAIT_MS * 1e6,
      max_ack_pending: 1_000,
    });
    if (stopping.signal.aborted) return;
    using opened = openPull(messaging, durable);
    pull = opened;
    while (!stopping.signal.aborted) {
      const messages = await opened.next();
      const startedAt = performance.now();
      const batch = await readable(messages);
      if (batch.length > 0) await handle(batch);
      pace.done();
      await pace.rest(startedAt, options.paceMs ?? 0);
    }
  };

  const loop = async (): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted;) {
      const startedAt = performance.now();
      await listen().catch((error: unknown) => {
        if (!stopping.signal.aborted && !messaging.connection.isClosed())
          logger.warn({ err: error, durable }, 'consumer interrupted; it will start again');
      });
      if (messaging.connection.isClosed()) return;
      failures = performance.now() - startedAt > ACK_WAIT_MS ? 0 : failures + 1;
      await sleep(Math.min(50 * 2 ** failures, 5_000), undefined, { signal: stopping.signal }).catch(
        () => undefined,
      );
    }
  };

  messaging.onReconnect(() => pull?.interrupt());
  const finished = loop();
  return {
    hurry: () => pace.hurry(),
    async stop() {
      stopping.abort();
      pull?.[Symbol.dispose]();
      await finished;
    },
  };
}

/** Those that were not handled. */
async function handleBatch<T>(options: ConsumerOptions<T>, batch: readonly Readable<T>[]) {
  if ('handleBatch' in options) {
    return isolateFailures(batch, (some) => options.handleBatch(some.map(({ envelope }) => envelope)));
  }
  const failures: { item: Readable<T>; error: unknown }[] = [];
  const queue = batch.values();
  const lane = async (): Promise<void> => {
    for (const item of queue) {
      const { envelope } = item;
      await withCorrelation(envelope.correlationId, () => options.handle(envelope)).catch((error: unknown) =>
        failures.push({ item, error }),
      );
    }
  };
  await Promise.all(Array.from({ length: options.concurrency ?? CONCURRENCY }, lane));
  return failures;
}
