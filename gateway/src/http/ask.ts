// What plain HTTP paths ask of the graph: each is a translation to an operation, done by the same pipeline as any other.
import type { IncomingMessage } from 'node:http';
import { AppError, isErrorCode } from '@weft/errors';
import { currentCorrelation } from '@weft/telemetry';
import type { OperationRequest } from '../federation/direct-operations.js';
import type { Operations } from '../federation/operations.js';
import { newOutcome } from '../federation/request-context.js';
import type { Caller } from '../identity/caller.js';

export async function ask<Data>(
  operations: Operations,
  request: OperationRequest,
  caller: Caller,
): Promise<Data> {
  const context = { caller, correlationId: currentCorrelation() ?? '', outcome: newOutcome() };
  const { data, errors } = await operations.run(request, context);
  const [error] = errors ?? [];
  // What an entity's other fields could not be told is no reason to hide that the entity is there.
  if (error === undefined || (data !== null && data !== undefined && Object.values(data).some(Boolean)))
    return data as Data;
  const code = error.extensions?.['code'];
  throw new AppError(isErrorCode(code) ? code : 'INTERNAL', error.message);
}

/** The part of a path after its name, as it was before it became part of a URL. */
export function unescaped(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new AppError('BAD_USER_INPUT', 'The path is not percent-encoded UTF-8.');
  }
}

/** The base URL of this gateway as the client reached it; '' where it does not say. */
export function baseOf(request: IncomingMessage): string {
  const host = request.headers.host ?? '';
  const secure = 'encrypted' in request.socket || request.headers['x-forwarded-proto'] === 'https';
  return /^[\w.:[\]-]+$/.test(host) ? `${secure ? 'https' : 'http'}://${host}` : '';
}
