// Puts messages into the event stream, many at a time: with one inbox for all answers and one deadline for each batch.
// The client's own `publish` makes a promise, a timer and an error object for every message, which cost more than it.
import { headers, type Msg, type NatsConnection } from 'nats';

/** What the event stream is to keep. */
export interface StreamMessage {
  /** By it JetStream knows what it has already. */
  readonly id: string;
  readonly subject: string;
  readonly body: string;
}

/** Answers in the order of the messages: nothing where the stream has it, else why it may not have it. */
export type PublishAll = (
  messages: readonly StreamMessage[],
  timeoutMs: number,
) => Promise<readonly (Error | undefined)[]>;

const MESSAGE_ID_HEADER = 'Nats-Msg-Id';
const NO_RESPONDERS = 503;

interface Batch {
  readonly answers: (Error | undefined)[];
  /** Tokens of those that are not answered yet. */
  readonly open: Map<string, number>;
  readonly done: () => void;
}

/**
 * @param inbox a subject of its own, under which nothing else is answered.
 * @returns `lost` gives up what is on its way: its answers will not come any more.
 */
export function createPublisher(
  connection: NatsConnection,
  inbox: string,
): { readonly publishAll: PublishAll; lost(): void } {
  const batches = new Map<string, Batch>();
  let tokens = 0;

  const answer = (token: string, error: Error | undefined): void => {
    const batch = batches.get(token);
    const index = batch?.open.get(token);
    if (batch === undefined || index === undefined) return;
    batch.answers[index] = error;
    batch.open.delete(token);
    batches.delete(token);
    if (batch.open.size === 0) batch.done();
  };
  const giveUp = (tokensOf: Iterable<string>, why: string): void => {
    for (const token of [...tokensOf]) answer(token, new Error(why));
  };
  connection.subscribe(`${inbox}.*`, {
    callback: (error, message) => {
      if (error === null) answer(message.subject.slice(inbox.length + 1), refusalIn(message));
    },
  });

  return {
    async publishAll(messages, timeoutMs) {
      if (messages.length === 0) return [];
      const { promise, resolve } = Promise.withResolvers<void>();
      const batch: Batch = { answers: messages.map(() => undefined), open: new Map(), done: resolve };
      messages.forEach((_, index) => batch.open.set(String((tokens += 1)), index));
      for (const token of batch.open.keys()) batches.set(token, batch);
      const timer = setTimeout(
        () => giveUp(batch.open.keys(), `no answer of the event stream within ${timeoutMs} ms`),
        timeoutMs,
      );
      for (const [token, index] of [...batch.open]) {
        const { id, subject, body } = messages[index] as StreamMessage;
        const named = headers();
        named.set(MESSAGE_ID_HEADER, id);
        try {
          connection.publish(subject, body, { reply: `${inbox}.${token}`, headers: named });
        } catch (error) {
          // It is too long, or the connection is closed.
          answer(token, error instanceof Error ? error : new Error(String(error)));
        }
      }
      await promise;
      clearTimeout(timer);
      return batch.answers;
    },
    lost: () => giveUp(batches.keys(), 'the connection to the broker was lost'),
  };
}

/** Why the stream did not take a message, by its answer. */
function refusalIn(message: Msg): Error | undefined {
  if (message.headers?.code === NO_RESPONDERS) return new Error('no event stream takes this subject');
  const { error } = JSON.parse(message.string()) as { error?: { readonly description?: string } };
  return error === undefined ? undefined : new Error(error.description ?? 'the event stream refused it');
}
