// Looks at the batches that live fields of this replica follow, all of them in one query, a few times a second: what
// changed in between is one change. Other replicas' commits are seen by the same look, so no message is needed.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@weft/telemetry';
import type { BatchFeed } from './application/follow-batch.js';
import type { Batch } from './domain/batch.js';

const LOOK_MS = 300;

export interface BatchWatch extends BatchFeed {
  stop(): Promise<void>;
}

export function startBatchWatch(
  present: (ids: readonly string[]) => Promise<Batch[]>,
  logger: Logger,
): BatchWatch {
  const followers = new Map<string, Set<(batch: Batch) => void>>();
  const stopping = new AbortController();
  const { signal } = stopping;
  let looking: Promise<void> | undefined;

  const look = async (): Promise<void> => {
    while (!signal.aborted && followers.size > 0) {
      try {
        for (const batch of await present([...followers.keys()]))
          for (const follower of followers.get(batch.id) ?? []) follower(batch);
      } catch (error) {
        logger.warn({ err: error }, 'live fields could not look at their batches');
      }
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
    looking = undefined;
  };

  return {
    follow(batchId, callback) {
      const callbacks = followers.get(batchId) ?? new Set();
      followers.set(batchId, callbacks);
      callbacks.add(callback);
      looking ??= look();
      return () => {
        callbacks.delete(callback);
        if (callbacks.size === 0) followers.delete(batchId);
      };
    },
    async stop() {
      stopping.abort();
      await looking;
    },
  };
}
