import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** The header that carries the correlation id over HTTP and NATS: one id from the client's request to the worker and back. */
export const CORRELATION_HEADER = 'x-correlation-id';

const storage = new AsyncLocalStorage<string>();

/** Runs `work` with this correlation id; every log line inside it carries the id. */
export const withCorrelation = <T>(correlationId: string, work: () => T): T =>
  storage.run(correlationId, work);

export const currentCorrelation = (): string | undefined => storage.getStore();

const wellFormed = /^[\w.:-]{8,128}$/;

/** A client's id if it is well formed (8 to 128 of letters, digits, `_ . : -`), else a new one. */
export const acceptCorrelation = (given: string | undefined): string =>
  given !== undefined && wellFormed.test(given) ? given : randomUUID();
