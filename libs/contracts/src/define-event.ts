import type { z } from 'zod';

/** The stream that carries every event of the platform, and the root of its subjects. */
export const EVENT_STREAM = 'WEFT';
export const EVENT_SUBJECT_ROOT = 'weft.event';

/**
 * A kind of news, declared once. Its producer and its consumers are both typed from this declaration.
 * A change that an old consumer cannot read is a new version beside the old one, never an edit.
 */
export interface EventDefinition<T> {
  /** Past tense, kebab-case, e.g. `job-changed`. */
  readonly type: string;
  readonly version: number;
  readonly producer: 'jobs' | 'registry' | 'marketplace' | 'execution';
  readonly schema: z.ZodType<T>;
  /** `weft.event.<producer>.<type>.v<version>.<tokens…>`; the tokens let a consumer filter. */
  subject(payload: T): string;
  /** Subject filter that matches every such event; `tokens` narrows it, e.g. to final states. */
  filter(...tokens: string[]): string;
  /** The aggregate whose history this belongs to, and its version: unique together, and the message's id. */
  aggregate(payload: T): { readonly id: string; readonly seq: number };
}

interface Declaration<T> {
  readonly type: string;
  readonly version: number;
  readonly producer: EventDefinition<T>['producer'];
  readonly schema: z.ZodType<T>;
  readonly tokens?: (payload: T) => readonly string[];
  readonly aggregate: EventDefinition<T>['aggregate'];
}

export function defineEvent<T>(declaration: Declaration<T>): EventDefinition<T> {
  const { type, version, producer, schema, aggregate } = declaration;
  const base = `${EVENT_SUBJECT_ROOT}.${producer}.${type}.v${version}`;
  return {
    type,
    version,
    producer,
    schema,
    aggregate,
    subject: (payload) => [base, ...(declaration.tokens?.(payload) ?? ['all'])].join('.'),
    filter: (...tokens) => (tokens.length === 0 ? `${base}.>` : [base, ...tokens].join('.')),
  };
}

/** What travels: the payload with the metadata that every consumer needs. Messages stay at or below 256 KB. */
export interface Envelope<T> {
  /** `<type>:<aggregate id>:<seq>`: the JetStream message id and the inbox key. */
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly at: string;
  readonly correlationId: string;
  readonly payload: T;
}

export const MAX_MESSAGE_BYTES = 256 * 1024;

export function envelope<T>(
  event: EventDefinition<T>,
  payload: T,
  at: Date,
  correlationId: string,
): Envelope<T> {
  const { id, seq } = event.aggregate(payload);
  return {
    id: `${event.type}:${id}:${seq}`,
    type: event.type,
    version: event.version,
    at: at.toISOString(),
    correlationId,
    payload,
  };
}
