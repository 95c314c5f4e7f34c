import { envelope, MAX_MESSAGE_BYTES, type Envelope, type EventDefinition } from '@weft/contracts';
import { sqlState, type Database, type Queryable, type Statement } from '@weft/database';
import type { DeadLetter } from '@weft/messaging';

const APPEND: Statement = {
  name: 'outbox-append',
  text: 'insert into outbox (id, subject, body) values ($1, $2, $3)',
};
const HEARD: Statement = {
  name: 'inbox-heard',
  text: 'insert into inbox (consumer, id) values ($1, $2) on conflict do nothing returning 1 as first',
};

const ALL_HEARD: Statement = {
  name: 'inbox-all-heard',
  text: `insert into inbox (consumer, id) select $1, told.id from unnest($2::text[]) as told (id) order by told.id
    on conflict do nothing returning id`,
};

export interface OutboxRow {
  readonly id: string;
  readonly subject: string;
  /** The envelope as JSON text. */
  readonly body: string;
}

/** Whether a message can carry it. UTF-8 has at most three bytes for each unit of a string. */
export const fitsMessage = ({ body }: OutboxRow): boolean =>
  body.length * 3 <= MAX_MESSAGE_BYTES || Buffer.byteLength(body) <= MAX_MESSAGE_BYTES;

/** The outbox row of an event, for statements that insert it themselves together with what it tells of. */
export function outboxRow<T>(
  event: EventDefinition<T>,
  payload: T,
  at: Date,
  correlationId: string,
): OutboxRow {
  const row = draftOf(event, payload, at, correlationId);
  if (!fitsMessage(row))
    throw new Error(`${row.id} is too long: a message has at most ${MAX_MESSAGE_BYTES} bytes`);
  return row;
}

/** The same where it may be too long: ask {@link fitsMessage}. */
export function draftOf<T>(
  event: EventDefinition<T>,
  payload: T,
  at: Date,
  correlationId: string,
): OutboxRow {
  const message: Envelope<T> = envelope(event, payload, at, correlationId);
  return { id: message.id, subject: event.subject(payload), body: JSON.stringify(message) };
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

/** Those of these messages that this consumer hears for the first time; as {@link firstHearing}, for a whole batch. */
export async function firstHearings(
  tx: Queryable,
  consumer: string,
  messageIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const heard = await tx.query<{ id: string }>(ALL_HEARD, [consumer, messageIds]);
  return new Set(heard.map(({ id }) => id));
}

/** Keeps what could not be handled, for the operator. */
export async function keepDeadLetter(database: Database, letter: DeadLetter): Promise<void> {
  await database.query(
    'insert into dead_letter (consumer, id, subject, body, error) values ($1, $2, $3, $4, $5)',
    [letter.consumer, letter.id, letter.subject, letter.body, letter.error],
  );
}

/** PostgreSQL does not take the values themselves (SQLSTATE classes 22 and 23): no repetition makes them better. */
export const refusedByDatabase = (error: unknown): boolean => /^2[23]/.test(sqlState(error) ?? '');

/** Forgets what the stream can no longer deliver again. */
export async function pruneInbox(database: Database, olderThanDays = 14): Promise<void> {
  await database.query(`delete from inbox where received_at < now() - make_interval(days => $1)`, [
    olderThanDays,
  ]);
}
