// The broker may lose its files. What it carried is in PostgreSQL: whoever finds the stream new tells of it again, under
// the same message ids, so that only those hear it who had not heard it yet (ADR 0019).
import { EVENT_STREAM } from '@weft/contracts';
import type { Database, Tx } from '@weft/database';
import type { Messaging } from '@weft/messaging';
import type { Logger } from '@weft/telemetry';

/** How far back it is told again: what is older the stream would have dropped too, and inboxes remember twice as long. */
export const RETOLD_DAYS = 7;

/** Writes a page of what was told to the outbox again, from where the page before ended (`''`: from the start); undefined: that was all. */
export type Retell = (tx: Tx, after: string) => Promise<string | undefined>;

export interface StreamKeeperOptions {
  readonly database: Database;
  readonly messaging: Messaging;
  readonly retell: Retell;
  /** The outbox has rows. */
  readonly wake: () => void;
  readonly logger: Logger;
  /** Looks without a reconnect this often: a stream can be lost while its server stays. */
  readonly everyMs?: number;
}

export interface StreamKeeper {
  stop(): Promise<void>;
}

/** Watches over the stream from now on: at once, after every reconnect, and now and then. */
export function keepStreamWhole(options: StreamKeeperOptions): StreamKeeper {
  const { messaging, logger } = options;
  let stopped = false;
  let busy: Promise<void> | undefined;
  const check = (): void => {
    if (stopped || busy !== undefined || !messaging.connected()) return;
    busy = rebuildIfNew(options, () => stopped)
      .catch((error: unknown) =>
        logger.warn({ err: error }, 'could not see to the stream; it will be tried again'),
      )
      .finally(() => (busy = undefined));
  };
  messaging.onReconnect(check);
  const timer = setInterval(check, options.everyMs ?? 10_000);
  check();
  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      await busy;
    },
  };
}

async function rebuildIfNew(
  { database, messaging, retell, wake, logger }: StreamKeeperOptions,
  stopped: () => boolean,
): Promise<void> {
  await messaging.ensureStream();
  const manager = await messaging.connection.jetstreamManager({ checkAPI: false });
  const { created } = await manager.streams.info(EVENT_STREAM);
  for (let pages = 0; !stopped(); pages++) {
    const more = await database.transaction((tx) => tellPage(tx, created, retell));
    if (more || pages > 0) wake();
    if (!more) return;
    if (pages === 0) logger.warn({ created }, 'the stream is new; what was told before is told again');
  }
}

/** One page and how far it came in one transaction: killed in between it goes on where it was, and replicas take turns. */
async function tellPage(tx: Tx, created: string, retell: Retell): Promise<boolean> {
  await tx.query('insert into told_stream (name, created) values ($1, $2) on conflict do nothing', [
    EVENT_STREAM,
    created,
  ]);
  const [known] = await tx.query<{ created: string; toldUntil: string | null }>(
    `select created, told_until as "toldUntil" from told_stream where name = $1 for update`,
    [EVENT_STREAM],
  );
  if (known === undefined) throw new Error('the row was just written');
  if (known.created === created && known.toldUntil === null) return false;
  const next = await retell(tx, known.created === created ? (known.toldUntil ?? '') : '');
  await tx.query('update told_stream set created = $2, told_until = $3 where name = $1', [
    EVENT_STREAM,
    created,
    next ?? null,
  ]);
  return next !== undefined;
}
