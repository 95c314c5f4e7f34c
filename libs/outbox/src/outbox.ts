import { envelope, MAX_MESSAGE_BYTES, type Envelope, type EventDefinition } from '@weft/contracts';
import type { Database, Queryable, Statement } from '@weft/database';
import type { DeadLetter } from '@weft/messaging';

const APPEND: Statement = {
  name: 'outbox-append',
  text: 'insert into outbox (id, subject, body) values ($1, $2, $3)',
};
const HEARD: Statement = {
  name: 'inbox-heard',
  text: 'insert into inbox (consumer, id) values ($1, $2) on conflict do nothing returning 1 as first',
};

export interface OutboxRow {
  readonly id: string;
  readonly subject: string;
  /** The envelope as JSON text. */
  readonly body: string;
}

/** The outbox row of an event, for statements that insert it themselves together with what it tells of. */
export function outboxRow<T>(
  event: EventDefinition<T>,
  payload: T,
  at: Date,
  correlationId: string,
): OutboxRow {
  const message: Envelope<T> = envelope(event, payload, at, correlationId);
  const body = JSON.stringify(message);
  const bytes = Buffer.byteLength(body);
  if (bytes > MAX_MESSAGE_BYTES)
    throw new Error(`${message.id} has ${bytes} bytes; a message has at most ${MAX_MESSAGE_BYTES}`);
  return { id: message.id, subject: event.subject(payload), body };
}

/** Writes the news beside the rows that it tells of, in the same transaction. */
export async function appendToOutbox<T>(
  tx: Queryable,
  event: EventDefinition<T>,
  payload: T,
  at: Date,
  correlationId: string,
): Promise<void> {
  const row = outboxRow(event, payload, at, correlationId);
  await tx.query(APPEND, [row.id, row.subject, row.body]);
}

/** True for the first time that this consumer hears this message; call it inside the transaction of the effect. */
export async function firstHearing(tx: Queryable, consumer: string, messageId: string): Promise<boolean> {
  return (await tx.query(HEARD, [consumer, messageId])).length === 1;
}

/** Keeps what could not be handled, for the operator. */
export async function keepDeadLetter(database: Database, letter: DeadLetter): Promise<void> {
  await database.query(
    'insert into dead_letter (consumer, id, subject, body, error) values ($1, $2, $3, $4, $5)',
    [letter.consumer, letter.id, letter.subject, letter.body, letter.error],
  );
}

/** Forgets what the stream can no longer deliver again. */
export async function pruneInbox(database: Database, olderThanDays = 14): Promise<void> {
  await database.query(`delete from inbox where received_at < now() - make_interval(days => $1)`, [
    olderThanDays,
  ]);
}
