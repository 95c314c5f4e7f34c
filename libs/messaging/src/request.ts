import { CORRELATION_HEADER, withCorrelation, acceptCorrelation, type Logger } from '@weft/telemetry';
import { headers, type Msg, type Subscription } from 'nats';
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
  const sent = headers();
  if (correlationId !== undefined) sent.set(CORRELATION_HEADER, correlationId);
  return messaging.connection.request(subject, encoder.encode(JSON.stringify(value)), {
    timeout: timeoutMs,
    headers: sent,
  });
}

export const readJson = (message: Msg): unknown => JSON.parse(decoder.decode(message.data));

/** Serves a subject for all replicas of a queue group; what `answer` throws is turned into an answer by `present`. */
export function serve(
  messaging: Messaging,
  subject: string,
  queue: string,
  answer: (message: Msg) => Promise<Answer>,
  present: (error: unknown) => Answer,
  logger: Logger,
): Subscription {
  const handle = async (message: Msg): Promise<void> => {
    const correlationId = acceptCorrelation(message.headers?.get(CORRELATION_HEADER) || undefined);
    const answered = await withCorrelation(correlationId, () =>
      answer(message).catch((error: unknown) => {
        logger.warn({ err: error, subject: message.subject }, 'request not served');
        return present(error);
      }),
    );
    const sent = headers();
    for (const [name, value] of Object.entries(answered.headers ?? {})) sent.set(name, value);
    message.respond(answered.body, { headers: sent });
  };
  return messaging.connection.subscribe(subject, {
    queue,
    callback: (error, message) => {
      if (error !== null) logger.warn({ err: error, subject }, 'subscription error');
      else void handle(message);
    },
  });
}
