import { randomUUID } from 'node:crypto';
import type { Messaging } from '@weft/messaging';
import type { LogBell } from '../application/ports.js';

const SUBJECT = 'weft.exec.wake';
/** Followers on other replicas hear this late at most; in return many rings are one message. */
const GATHER_MS = 20;
const MOST_JOBS = 1_000;

export interface ConnectedBell extends LogBell {
  /** Rings on the other replicas too from now on. */
  connect(messaging: Messaging): void;
  /** Tells the other replicas what was rung for, without waiting for more. */
  flush(): void;
}

/**
 * Wakes the followers of a log on every replica: here at once, elsewhere by a message that names all jobs rung for in a
 * moment. A ring may get lost with the broker: followers look again after it is back, and what they look at is the database.
 */
export function createLogBell(): ConnectedBell {
  const own = `${SUBJECT}.${randomUUID()}`;
  const listeners = new Map<string, Set<() => void>>();
  const rung = new Set<string>();
  let broker: Messaging | undefined;
  let gathering: NodeJS.Timeout | undefined;
  const wake = (jobId: string): void => listeners.get(jobId)?.forEach((callback) => callback());

  const tellOthers = (): void => {
    clearTimeout(gathering);
    gathering = undefined;
    if (rung.size === 0) return;
    const jobIds = [...rung];
    rung.clear();
    if (broker?.connected() === true) broker.connection.publish(own, JSON.stringify(jobIds));
  };

  return {
    connect(messaging) {
      broker = messaging;
      messaging.connection.subscribe(`${SUBJECT}.*`, {
        callback: (error, message) => {
          if (error === null && message.subject !== own) message.json<string[]>().forEach(wake);
        },
      });
      messaging.onReconnect(() => [...listeners.keys()].forEach(wake));
    },
    flush: tellOthers,
    ring(jobId) {
      wake(jobId);
      if (broker === undefined) return;
      rung.add(jobId);
      if (rung.size >= MOST_JOBS) tellOthers();
      else gathering ??= setTimeout(tellOthers, GATHER_MS).unref();
    },
    listen(jobId, callback) {
      const callbacks = listeners.get(jobId) ?? new Set();
      callbacks.add(callback);
      listeners.set(jobId, callbacks);
      return () => {
        callbacks.delete(callback);
        if (callbacks.size === 0 && listeners.get(jobId) === callbacks) listeners.delete(jobId);
      };
    },
  };
}
