import type { Msg } from 'nats';

/** A message that a durable consumer was given, and the three answers to it. */
export interface PulledMessage {
  readonly id: string;
  readonly subject: string;
  readonly body: string;
  /** 1 for the first time. */
  readonly delivery: number;
  ack(): void;
  /** Deliver it again after this time. */
  nak(delayMs: number): void;
  /** Never deliver it again. */
  term(): void;
}

const decoder = new TextDecoder();

/** The reply subject tells the rest: `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<delivery>.…`. */
export function pulledMessage(message: Msg): PulledMessage {
  const tokens = (message.reply ?? '').split('.');
  return {
    id: message.headers?.get('Nats-Msg-Id') ?? '',
    subject: message.subject,
    body: decoder.decode(message.data),
    delivery: Number(tokens[tokens.length > 9 ? 6 : 4]),
    ack: () => void message.respond('+ACK'),
    nak: (delayMs) => void message.respond(`-NAK ${JSON.stringify({ delay: delayMs * 1e6 })}`),
    term: () => void message.respond('+TERM'),
  };
}
