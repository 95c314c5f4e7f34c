import { inboxPrefix } from '@weft/contracts';
import { CORRELATION_HEADER, withCorrelation, acceptCorrelation, type Logger } from '@weft/telemetry';
import { headers, type Msg, type MsgHdrs, type Subscription } from 'nats';
import type { Messaging } from './connect.js';

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export interface Answer {
  readonly body: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export const jsonAnswer = (value: unknown): Answer => ({ body: encoder.encode(JSON.stringify(value)) });

/** Asks and waits for the one answer; throws on timeout and when nobody serves the subject. */
export async function request(
  messaging: Messaging,
  subject: string,
  value: unknown,
  timeoutMs: number,
  correlationId?: string,
): Promise<Msg> {
  return messaging.connection.request(subject, encoder.encode(JSON.stringify(value)), {
    timeout: timeoutMs,
    ...headersOf(correlationId === undefined ? {} : { [CORRELATION_HEADER]: correlationId }),
  });
}

export const readJson = (message: Msg): unknown => JSON.parse(decoder.decode(message.data));

/** Without any, the message is of the plain form, which is smaller and faster to read. */
function headersOf(told: Readonly<Record<string, string>>): { headers?: MsgHdrs } {
  const entries = Object.entries(told);
  if (entries.length === 0) return {};
  const sent = headers();
  for (const [name, value] of entries) sent.set(name, value);
  return { headers: sent };
}

const ANY_INBOX = inboxPrefix('');

/** Serves a subject for all replicas of a queue group; what `answer` throws is turned into an answer by `present`. */
export function serve(
  messaging: Messaging,
  subject: string,
  queue: string,
  answer: (message: Msg) => Promise<Answer>,
  present: (error: unknown) => Answer,
  logger: Logger,
): Subscription {
  const respond = (message: Msg, { body, headers: told = {} }: Answer): void => {
    message.respond(body, headersOf(told));
  };
  const handle = async (message: Msg): Promise<void> => {
    const correlationId = acceptCorrelation(message.headers?.get(CORRELATION_HEADER) || undefined);
    const answered = await withCorrelation(correlationId, () =>
      answer(message).catch((error: unknown) => {
        logger.warn({ err: error, subject: message.subject }, 'request not served');
        return present(error);
      }),
    );
    try {
      respond(message, answered);
    } catch (error) {
      // Too large for a message, or nobody is connected any more.
      logger.error({ err: error, subject: message.subject }, 'answer not sent');
      if (!messaging.connection.isClosed()) respond(message, present(error));
    }
  };
  return messaging.connection.subscribe(subject, {
    queue,
    callback: (error, message) => {
      if (error !== null) logger.warn({ err: error, subject }, 'subscription error');
      // The asker names where the answer goes, and it is published with this server's rights: to inboxes only.
      else if (message.reply?.startsWith(ANY_INBOX) !== true)
        logger.warn(
          { subject: message.subject, reply: message.reply },
          'request not served: it names no inbox',
        );
      else void handle(message);
    },
  });
}
