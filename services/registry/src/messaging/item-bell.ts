import { itemChanged } from '@weft/contracts';
import type { Messaging } from '@weft/messaging';
import type { ItemBell } from '../application/ports.js';

/** How often a follower looks by itself: a ring may get lost with the broker. */
const LOOK_AGAIN_MS = 5_000;

export interface ConnectedItemBell extends ItemBell {
  /** Hears the news of every replica from now on. */
  connect(messaging: Messaging): void;
  stop(): void;
}

/** Wakes those who follow an item on this replica: by the very events that its changes tell. */
export function createItemBell(): ConnectedItemBell {
  const listeners = new Map<string, Set<() => void>>();
  const wake = (itemId: string): void => listeners.get(itemId)?.forEach((callback) => callback());
  const wakeAll = (): void => [...listeners.keys()].forEach(wake);
  const looking = setInterval(wakeAll, LOOK_AGAIN_MS).unref();
  return {
    connect(messaging) {
      const root = itemChanged.filter().replace(/>$/, '');
      messaging.connection.subscribe(`${root}*`, {
        callback: (error, message) => {
          if (error === null) wake(message.subject.slice(root.length));
        },
      });
      messaging.onReconnect(wakeAll);
    },
    stop: () => clearInterval(looking),
    ring: wake,
    listen(itemId, callback) {
      const callbacks = listeners.get(itemId) ?? new Set();
      callbacks.add(callback);
      listeners.set(itemId, callbacks);
      return () => {
        callbacks.delete(callback);
        if (callbacks.size === 0 && listeners.get(itemId) === callbacks) listeners.delete(itemId);
      };
    },
  };
}
