import { EVENT_STREAM } from '@weft/contracts';
import type { Msg } from 'nats';
import type { Messaging } from './connect.js';
import { pulledMessage, type PulledMessage } from './pulled-message.js';

/** Takes from a durable consumer what is there, a batch at a time. */
export interface Pull extends Disposable {
  /** What is there, as soon as there is anything; throws when the consumer is gone. Empty once disposed of. */
  next(): Promise<PulledMessage[]>;
  /** The broker forgets the pulls of a connection that is gone, and may have lost the consumer: `next` throws. */
  interrupt(): void;
}

const MAX_BATCH = 100;
const EXPIRES_MS = 60_000;
const HEARTBEAT_MS = 5_000;
const SILENT_MS = 2.5 * HEARTBEAT_MS;
/** How often an open pull is looked after; whatever comes ends it without waiting for that. */
const LOOK_MS = 1_000;

/**
 * One-shot long polls (`no_wait` with `expires`): the broker answers as soon as it has anything, with all that it has, and
 * is then not to send more. So what comes between two pulls comes in one piece, and a consumer that takes its time is
 * delivered to in few writes instead of one for each message.
 */
export function openPull(messaging: Messaging, durable: string): Pull {
  const { connection } = messaging;
  const inbox = messaging.newInbox();
  const request = JSON.stringify({
    batch: MAX_BATCH,
    no_wait: true,
    expires: EXPIRES_MS * 1e6,
    idle_heartbeat: HEARTBEAT_MS * 1e6,
  });
  let arrived: PulledMessage[] = [];
  let round = 0;
  let open = false;
  let closed = false;
  let lastHeardAt = 0;
  let failure: Error | undefined;
  let settle: (() => void) | undefined;

  const end = (): void => {
    open = false;
    settle?.();
  };
  const fail = (reason: string): void => {
    failure = new Error(`The consumer ${durable} cannot be pulled from: ${reason}`);
    end();
  };
  const ask = (): void => {
    open = true;
    lastHeardAt = performance.now();
    connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${EVENT_STREAM}.${durable}`, request, {
      reply: `${inbox}.${(round += 1)}`,
    });
  };
  const hear = (message: Msg): void => {
    lastHeardAt = performance.now();
    if (message.reply?.startsWith('$JS.ACK.') === true) {
      arrived.push(pulledMessage(message));
      if (arrived.length >= MAX_BATCH) end();
      return;
    }
    const code = message.headers?.code;
    // A heartbeat, or the end of a pull that was given up before.
    if (code === 100 || message.subject !== `${inbox}.${round}`) return;
    if (code === 404 || code === 408) end();
    else fail(`${code} ${message.headers?.description ?? ''}`);
  };

  const subscription = connection.subscribe(`${inbox}.*`, {
    callback: (error, message) => (error === null ? hear(message) : fail(error.message)),
  });
  const look = setInterval(() => {
    const silentMs = performance.now() - lastHeardAt;
    if (!open || !messaging.connected()) return;
    // A broker that delivers and never says that it has ended must not keep what it delivered waiting.
    if (arrived.length > 0 && silentMs > LOOK_MS / 2) end();
    // One that lost its files has lost the consumer too, and says nothing.
    else if (silentMs > SILENT_MS) fail('nothing is heard of it');
  }, LOOK_MS);
  look.unref();

  return {
    interrupt: () => fail('the connection was lost'),
    async next() {
      while (arrived.length === 0 && !closed && failure === undefined) {
        if (!open) ask();
        await new Promise<void>((resolve) => (settle = resolve));
        settle = undefined;
      }
      const taken = arrived;
      arrived = [];
      if (taken.length === 0 && failure !== undefined) throw failure;
      return taken;
    },
    [Symbol.dispose]() {
      if (closed) return;
      closed = true;
      clearInterval(look);
      subscription.unsubscribe();
      if (!connection.isClosed()) for (const message of arrived) message.nak(0);
      arrived = [];
      end();
    },
  };
}
