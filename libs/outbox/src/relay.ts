import type { Database } from '@weft/database';
import type { Messaging } from '@weft/messaging';
import type { Logger, Metrics, SyncPoint } from '@weft/telemetry';

export interface RelayOptions {
  readonly database: Database;
  readonly messaging: Messaging;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly syncPoint: SyncPoint;
  readonly batchSize?: number;
  /** Looks without being woken this often: for rows of a replica that died before it could relay them. */
  readonly pollMs?: number;
}

export interface Relay {
  /** Something was committed to the outbox. Cheap; call it after every commit. */
  wake(): void;
  stop(): Promise<void>;
}

interface Row {
  readonly position: number;
  readonly id: string;
  readonly subject: string;
  readonly body: string;
}

const encoder = new TextEncoder();
const PUBLISH_TIMEOUT_MS = 5_000;
const MAX_BACKOFF_MS = 2_000;

/**
 * Carries the outbox to JetStream: publish, wait for the PubAck, delete. Rows are locked while they are on their
 * way, so replicas share the work; a crash in between publishes again, under the same message id.
 */
export function startRelay(options: RelayOptions): Relay {
  const { database, messaging, logger, syncPoint } = options;
  const batchSize = options.batchSize ?? 200;
  const published = options.metrics.counter(
    'weft_outbox_published_total',
    'Events carried from the outbox to JetStream',
  );
  let stopped = false;
  let pending = true;
  let wakeSleeper: (() => void) | undefined;

  const sleepUntilWoken = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      function done(): void {
        clearTimeout(timer);
        wakeSleeper = undefined;
        resolve();
      }
      wakeSleeper = done;
    });

  const carryBatch = (): Promise<number> =>
    database.transaction(async (tx) => {
      // A lost deletion only publishes again; it must not cost an fsync.
      await tx.query('set local synchronous_commit = off');
      const rows = await tx.query<Row>(
        {
          name: 'relay-take',
          text: 'select position, id, subject, body::text as body from outbox order by position limit $1 for update skip locked',
        },
        [batchSize],
      );
      if (rows.length === 0) return 0;
      await syncPoint('relay-before-publish');
      const answers = await Promise.allSettled(
        rows.map((row) =>
          messaging.jetstream.publish(row.subject, encoder.encode(row.body), {
            msgID: row.id,
            timeout: PUBLISH_TIMEOUT_MS,
          }),
        ),
      );
      await syncPoint('relay-after-publish');
      const carried = rows
        .filter((_, index) => answers[index]?.status === 'fulfilled')
        .map((row) => row.position);
      await tx.query({ name: 'relay-done', text: 'delete from outbox where position = any($1)' }, [carried]);
      published.inc(carried.length);
      const failure = answers.find((one) => one.status === 'rejected');
      if (failure !== undefined && carried.length === 0) throw failure.reason;
      return carried.length;
    });

  const loop = async (): Promise<void> => {
    let backoff = 0;
    while (!stopped) {
      if (!messaging.connected()) {
        await sleepUntilWoken(100);
        continue;
      }
      pending = false;
      try {
        const carried = await carryBatch();
        backoff = 0;
        if (carried < batchSize && !pending && !stopped) await sleepUntilWoken(options.pollMs ?? 1_000);
      } catch (error) {
        logger.warn({ err: error }, 'outbox not carried; it will be tried again');
        await messaging.ensureStream().catch(() => undefined);
        backoff = Math.min(Math.max(backoff * 2, 50), MAX_BACKOFF_MS);
        if (!stopped) await sleepUntilWoken(backoff);
      }
    }
  };

  const finished = messaging
    .ensureStream()
    .catch(() => undefined)
    .then(loop);
  return {
    wake() {
      pending = true;
      wakeSleeper?.();
    },
    async stop() {
      stopped = true;
      wakeSleeper?.();
      await finished;
    },
  };
}
