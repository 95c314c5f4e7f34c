import { setTimeout as sleep } from 'node:timers/promises';
import { EVENT_STREAM, EVENT_SUBJECT_ROOT, inboxPrefix } from '@weft/contracts';
import type { Logger } from '@weft/telemetry';
import {
  connect,
  createInbox,
  DebugEvents,
  Events,
  RetentionPolicy,
  StorageType,
  type JetStreamClient,
  type JetStreamManager,
  type NatsConnection,
} from 'nats';
import { createPublisher, type PublishAll } from './publisher.js';

export interface MessagingOptions {
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** The role of the credential; also names the reply inbox. */
  readonly role: string;
  /** How long JetStream remembers message ids; what comes again later is in the stream twice. */
  readonly duplicateWindowMs?: number;
  readonly logger: Logger;
  /** Hears nothing that it said itself on this connection. */
  readonly noEcho?: boolean;
}

/** One connection to the broker, kept for the life of the process: it reconnects for ever. */
export interface Messaging {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  /** Puts messages into the event stream. */
  readonly publishAll: PublishAll;
  /** Whether it may be spoken to: the broker is there, and this connection is not being closed. */
  connected(): boolean;
  /** A fresh subject on which only this connection's role can be answered. */
  newInbox(): string;
  /** Called after every reconnect, not for the first connection. */
  onReconnect(callback: () => void): void;
  onDisconnect(callback: () => void): void;
  /** Creates the event stream if it is not there; called again after a reconnect, since a broker may have lost its files. */
  ensureStream(): Promise<void>;
  close(): Promise<void>;
}

/** JetStream remembers message ids this long; the inbox covers everything beyond. */
const DUPLICATE_WINDOW_MS = 10 * 60_000;
const DRAIN_MS = 2_000;
const MAX_AGE_MS = 7 * 24 * 3_600_000;

export async function connectMessaging(options: MessagingOptions): Promise<Messaging> {
  const connection = await connect({
    servers: options.url.split(',').map((one) => one.trim()),
    ...(options.user === undefined ? {} : { user: options.user, pass: options.password ?? '' }),
    name: options.role,
    inboxPrefix: inboxPrefix(options.role),
    noEcho: options.noEcho ?? false,
    // A stack for every request, in case it fails, is a tenth of what a job costs the jobs service.
    noAsyncTraces: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 200,
    waitOnFirstConnect: true,
    // A broker that only hangs must be noticed (after 3 pings) before the first lease of a claim (10 s) runs out.
    pingInterval: 2_000,
    maxPingOut: 2,
    ignoreClusterUpdates: false,
  });
  const publisher = createPublisher(connection, createInbox(inboxPrefix(options.role)));
  let connected = true;
  const reconnected: (() => void)[] = [];
  const disconnected: (() => void)[] = [];
  const watch = async (): Promise<void> => {
    for await (const status of connection.status()) {
      if (status.type === Events.Disconnect) {
        connected = false;
        options.logger.warn('NATS connection lost');
        publisher.lost();
        for (const callback of disconnected) callback();
      } else if (status.type === Events.Reconnect) {
        connected = true;
        options.logger.info('NATS connection restored');
        for (const callback of reconnected) callback();
      } else if (status.type === Events.Error) {
        options.logger.warn({ detail: status.data, permission: status.permissionContext }, 'NATS error');
      } else if (status.type !== DebugEvents.PingTimer && status.type !== Events.Update) {
        options.logger.debug({ status: status.type }, 'NATS status');
      }
    }
  };
  void watch();

  let manager: JetStreamManager | undefined;
  return {
    connection,
    jetstream: connection.jetstream({ timeout: 5_000 }),
    publishAll: publisher.publishAll,
    connected: () => connected && !connection.isClosed() && !connection.isDraining(),
    newInbox: () => createInbox(inboxPrefix(options.role)),
    onReconnect: (callback) => void reconnected.push(callback),
    onDisconnect: (callback) => void disconnected.push(callback),
    async ensureStream() {
      manager ??= await connection.jetstreamManager({ checkAPI: false });
      try {
        await manager.streams.info(EVENT_STREAM);
      } catch {
        await manager.streams.add({
          name: EVENT_STREAM,
          subjects: [`${EVENT_SUBJECT_ROOT}.>`],
          retention: RetentionPolicy.Limits,
          storage: StorageType.File,
          max_age: MAX_AGE_MS * 1e6,
          duplicate_window: (options.duplicateWindowMs ?? DUPLICATE_WINDOW_MS) * 1e6,
        });
      }
    },
    // A drain waits for the broker: one that is gone would be waited for for ever.
    close: async () => {
      const drained = connected ? connection.drain().catch(() => undefined) : undefined;
      await Promise.race([drained, sleep(DRAIN_MS, undefined, { ref: false })]);
      await connection.close();
    },
  };
}
