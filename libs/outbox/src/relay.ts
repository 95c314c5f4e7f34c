import { setImmediate as turnOfLoop, setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@weft/database';
import type { Messaging } from '@weft/messaging';
import type { Logger, Metrics, SyncPoint } from '@weft/telemetry';
import type { OutboxRow } from './outbox.js';

export interface RelayOptions {
  readonly database: Database;
  readonly messaging: Messaging;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly syncPoint: SyncPoint;
  /** Where rows may hold a source instead of a message (`OutboxSources1763000000017`). */
  readonly rewrite?: RewriteNews;
  readonly batchSize?: number;
  /** Looks without being woken this often: for rows of a replica that died before it could relay them. */
  readonly pollMs?: number;
}

/** A row as it lies in the outbox. */
export interface CommittedRow extends OutboxRow {
  readonly position: number;
}

/** Writes messages again from their sources; of one that is no more, none. */
export type RewriteNews = (sources: readonly string[]) => Promise<ReadonlyMap<string, readonly OutboxRow[]>>;

type StoredRow =
  (CommittedRow & { readonly source?: null }) | { readonly position: number; readonly source: string };

export interface Relay {
  /** Carries what was just committed here, without reading it again. Call it after the commit, never before. */
  carry(rows: readonly CommittedRow[]): void;
  /** Something was committed to the outbox. Cheap; call it after every commit that does not {@link carry}. */
  wake(): void;
  stop(): Promise<void>;
}

const PUBLISH_TIMEOUT_MS = 5_000;
const MAX_BACKOFF_MS = 2_000;
const DELETE_EVERY_MS = 50;
/** What is carried from memory at a time; above it the rows wait in the outbox, where they are anyway. */
const MAX_IN_FLIGHT = 2_000;

/**
 * Carries the outbox to JetStream: publish, wait for the PubAck, delete. What this replica wrote goes out from memory;
 * everything else - left by one that died, or while the broker was away - is read, locked while it is on its way, so
 * that replicas share the work. A crash in between publishes again, under the same message id.
 */
export function startRelay(options: RelayOptions): Relay {
  const { database, messaging, logger, syncPoint } = options;
  const batchSize = options.batchSize ?? 200;
  const published = options.metrics.counter(
    'weft_outbox_published_total',
    'Events carried from the outbox to JetStream',
  );
  const inFlight = new Set<number>();
  const carriers = new Set<Promise<void>>();
  let carried: number[] = [];
  let deleting: Promise<void> | undefined;
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

  /** The positions of which JetStream has all, and why it does not have the others. */
  const publish = async (
    rows: readonly CommittedRow[],
  ): Promise<{ positions: number[]; failure: Error | undefined }> => {
    await syncPoint('relay-before-publish');
    const answers = await messaging.publishAll(rows, PUBLISH_TIMEOUT_MS);
    await syncPoint('relay-after-publish');
    const failed = new Set(
      rows.filter((_, index) => answers[index] !== undefined).map((row) => row.position),
    );
    const positions = [...new Set(rows.map((row) => row.position))].filter((one) => !failed.has(one));
    published.inc(answers.filter((one) => one === undefined).length);
    return { positions, failure: answers.find((one) => one !== undefined) };
  };

  /** What rows tell, each in one message or, written again, in several or none. */
  const messagesOf = async (rows: readonly StoredRow[]): Promise<CommittedRow[]> => {
    const sources = rows.flatMap(({ source }) => source ?? []);
    const rewritten = sources.length === 0 ? undefined : await options.rewrite?.(sources);
    return rows.flatMap((row) => {
      if (typeof row.source !== 'string') return [row as CommittedRow];
      return (rewritten?.get(row.source) ?? []).map((message) => ({ ...message, position: row.position }));
    });
  };

  // A lost deletion only publishes again; it must not wait for the disk.
  const deleteCarried = async (): Promise<void> => {
    while (carried.length > 0) {
      // Nobody waits for it, and a statement costs as much for one row as for many.
      if (!stopped) await sleep(DELETE_EVERY_MS);
      const positions = carried;
      carried = [];
      await database.relaxed
        .query({ name: 'relay-done', text: 'delete from outbox where position = any($1)' }, [positions])
        .catch((error: unknown) => logger.warn({ err: error }, 'carried events stay in the outbox for now'));
      for (const position of positions) inFlight.delete(position);
    }
    deleting = undefined;
  };

  const carryFromMemory = async (rows: readonly CommittedRow[]): Promise<void> => {
    // Whoever waits for this commit goes on first: a message more or less in this turn makes no difference to its readers.
    await turnOfLoop();
    const { positions, failure } = await publish(rows);
    if (failure !== undefined) {
      const reached = new Set(positions);
      for (const { position } of rows) if (!reached.has(position)) inFlight.delete(position);
    }
    carried.push(...positions);
    deleting ??= deleteCarried();
    await deleting;
  };

  const anyLeft = async (): Promise<boolean> =>
    (
      await database.relaxed.query(
        { name: 'relay-look', text: 'select 1 as left from outbox where position <> all($1) limit 1' },
        [[...inFlight]],
      )
    ).length > 0;

  const carryBatch = (): Promise<number> =>
    database.transaction(async (tx) => {
      await tx.query('set local synchronous_commit = off');
      const rows = await tx.query<StoredRow>(
        {
          name: 'relay-take',
          text: `select position, id, subject, body::text as body${options.rewrite ? ', source' : ''} from outbox
            where position <> all($2) order by position limit $1 for update skip locked`,
        },
        [batchSize, [...inFlight]],
      );
      if (rows.length === 0) return 0;
      const messages = await messagesOf(rows);
      const { positions, failure } = await publish(messages);
      const told = new Set(messages.map((row) => row.position));
      const silent = rows.map((row) => row.position).filter((position) => !told.has(position));
      await tx.query({ name: 'relay-done', text: 'delete from outbox where position = any($1)' }, [
        [...positions, ...silent],
      ]);
      if (failure !== undefined && positions.length === 0) throw failure;
      return positions.length + silent.length;
    });

  const loop = async (): Promise<void> => {
    let backoff = 0;
    while (!stopped) {
      if (!messaging.connected()) {
        await sleepUntilWoken(100);
        continue;
      }
      const woken = pending;
      pending = false;
      try {
        const count = woken || (await anyLeft()) ? await carryBatch() : 0;
        backoff = 0;
        if (count < batchSize && !pending && !stopped) await sleepUntilWoken(options.pollMs ?? 1_000);
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
    carry(rows) {
      if (rows.length === 0 || stopped || !messaging.connected()) return;
      if (inFlight.size + rows.length > MAX_IN_FLIGHT) return;
      for (const { position } of rows) inFlight.add(position);
      const carrier = carryFromMemory(rows).finally(() => carriers.delete(carrier));
      carriers.add(carrier);
    },
    wake() {
      pending = true;
      wakeSleeper?.();
    },
    async stop() {
      stopped = true;
      wakeSleeper?.();
      await Promise.all([finished, ...carriers]);
    },
  };
}
