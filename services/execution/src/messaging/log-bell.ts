import { randomUUID } from 'node:crypto';
import type { Messaging } from '@weft/messaging';
import type { LogBell } from '../application/ports.js';

const SUBJECT = 'weft.exec.wake';
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface ConnectedBell extends LogBell {
  /** Rings on the other replicas too from now on. */
  connect(messaging: Messaging): void;
}

/**
 * Wakes the followers of a log on every replica. A ring may get lost with the broker: followers look again after it
 * is back, and what they look at is the database.
 */
export function createLogBell(): ConnectedBell {
  const own = randomUUID();
  const listeners = new Map<string, Set<() => void>>();
  let broker: Messaging | undefined;
  const wake = (jobId: string): void => listeners.get(jobId)?.forEach((callback) => callback());

  return {
    connect(messaging) {
      broker = messaging;
      messaging.connection.subscribe(`${SUBJECT}.*`, {
        callback: (error, message) => {
          if (error === null && decoder.decode(message.data) !== own)
            wake(message.subject.slice(SUBJECT.length + 1));
        },
      });
      messaging.onReconnect(() => [...listeners.keys()].forEach(wake));
    },
    ring(jobId) {
      wake(jobId);
      if (broker?.connected() === true) broker.connection.publish(`${SUBJECT}.${jobId}`, encoder.encode(own));
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
