import { setTimeout as sleep } from 'node:timers/promises';
import { EVENT_STREAM, type Envelope, type EventDefinition } from '@weft/contracts';
import { withCorrelation, type Logger } from '@weft/telemetry';
import { AckPolicy, DeliverPolicy, type ConsumerMessages, type JsMsg } from 'nats';
import type { Messaging } from './connect.js';

export interface ConsumerOptions<T> {
  readonly messaging: Messaging;
  readonly event: EventDefinition<T>;
  /** Durable name, unique per service and purpose, e.g. `registry-job-results`. */
  readonly durable: string;
  /** Narrower subject than all of the event's, e.g. `jobChanged.filter('SUCCEEDED', '*')`. */
  readonly subject?: string;
  /** Must be idempotent: use the inbox inside its transaction. Throwing means: deliver again later. */
  readonly handle: (envelope: Envelope<T>) => Promise<void>;
  /** Called when a message cannot be read or has failed too often; it is not delivered again. */
  readonly onDeadLetter: (letter: DeadLetter) => Promise<void>;
  readonly concurrency?: number;
  readonly logger: Logger;
}

export interface DeadLetter {
  readonly consumer: string;
  readonly id: string;
  readonly subject: string;
  readonly body: string;
  readonly error: string;
}

export interface Consumer {
  stop(): Promise<void>;
}

const ACK_WAIT_MS = 30_000;
const MAX_DELIVERIES = 20;
const backoffMs = (delivery: number): number => Math.min(100 * 2 ** (delivery - 1), 30_000);

/** A durable pull consumer: at least once, explicit acknowledgement after the handler's commit, bounded backoff, dead letters. */
export function startConsumer<T>(options: ConsumerOptions<T>): Consumer {
  const { messaging, event, durable, logger } = options;
  const subject = options.subject ?? event.filter();
  const stopping = new AbortController();
  let messages: ConsumerMessages | undefined;

  const handle = async (message: JsMsg): Promise<void> => {
    const body = new TextDecoder().decode(message.data);
    let envelope: Envelope<T>;
    try {
      const parsed = JSON.parse(body) as Envelope<unknown>;
      envelope = { ...parsed, payload: event.schema.parse(parsed.payload) };
    } catch (error) {
      await bury(message, body, `unreadable: ${String(error)}`);
      return;
    }
    try {
      await withCorrelation(envelope.correlationId, () => options.handle(envelope));
      message.ack();
    } catch (error) {
      const delivery = message.info.redeliveryCount;
      logger.warn(
        { err: error, message: envelope.id, delivery, durable },
        'event not handled; it will be delivered again',
      );
      if (delivery >= MAX_DELIVERIES) await bury(message, body, String(error));
      else message.nak(backoffMs(delivery));
    }
  };

  const bury = async (message: JsMsg, body: string, error: string): Promise<void> => {
    try {
      await options.onDeadLetter({
        consumer: durable,
        id: message.headers?.get('Nats-Msg-Id') ?? '',
        subject: message.subject,
        body,
        error,
      });
      message.term();
    } catch (failure) {
      logger.error({ err: failure, durable }, 'dead letter could not be kept; it will be delivered again');
      message.nak(30_000);
    }
  };

  const loop = async (): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted;) {
      try {
        await messaging.ensureStream();
        const manager = await messaging.connection.jetstreamManager({ checkAPI: false });
        await manager.consumers.add(EVENT_STREAM, {
          durable_name: durable,
          filter_subject: subject,
          ack_policy: AckPolicy.Explicit,
          deliver_policy: DeliverPolicy.All,
          ack_wait: ACK_WAIT_MS * 1e6,
          max_ack_pending: 1_000,
        });
        const consumer = await messaging.jetstream.consumers.get(EVENT_STREAM, durable);
        messages = await consumer.consume({ max_messages: 200, expires: 10_000, idle_heartbeat: 2_000 });
        failures = 0;
        // Told to stop while it was starting: nobody else would close it.
        if (stopping.signal.aborted) await messages.close();
        void watchForLoss(messages);
        const running = new Set<Promise<void>>();
        for await (const message of messages) {
          const work = handle(message).finally(() => running.delete(work));
          running.add(work);
          if (running.size >= (options.concurrency ?? 8)) await Promise.race(running);
        }
        await Promise.all(running);
      } catch (error) {
        if (stopping.signal.aborted || messaging.connection.isClosed()) break;
        failures++;
        logger.warn({ err: error, durable }, 'consumer interrupted; it will start again');
      }
      if (!stopping.signal.aborted) {
        await sleep(Math.min(50 * 2 ** failures, 5_000), undefined, { signal: stopping.signal }).catch(
          () => undefined,
        );
      }
    }
  };

  // A broker that lost its files has lost the consumer too: end the pull, and the loop makes it anew.
  const watchForLoss = async (current: ConsumerMessages): Promise<void> => {
    for await (const status of await current.status()) {
      const lost =
        status.type === 'consumer_deleted' ||
        status.type === 'consumer_not_found' ||
        status.type === 'stream_not_found';
      const silent = status.type === 'heartbeats_missed' && Number(status.data) >= 3 && messaging.connected();
      if (lost || silent) await current.close().catch(() => undefined);
    }
  };

  const finished = loop();
  return {
    async stop() {
      stopping.abort();
      await messages?.close().catch(() => undefined);
      await finished;
    },
  };
}
