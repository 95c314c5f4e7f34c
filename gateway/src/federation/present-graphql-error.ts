import { AppError, presentError } from '@weft/errors';
import { currentCorrelation } from '@weft/telemetry';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';

// Codes that GraphQL servers give to what they did not expect.
const UNEXPECTED = new Set(['INTERNAL_SERVER_ERROR', 'INTERNAL', 'DOWNSTREAM_SERVICE_ERROR']);

/**
 * What a client may read of an error: an AppError speaks for itself, a subgraph's error keeps its code and facts,
 * anything unexpected becomes INTERNAL without its text. Every error carries the correlation id.
 */
export function presentGraphQLError(
  error: unknown,
  formatted: GraphQLFormattedError = format(error),
  correlationId = currentCorrelation(),
): GraphQLFormattedError {
  const cause = rootCause(error);
  const place = {
    ...(formatted.locations === undefined ? {} : { locations: formatted.locations }),
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
  };
  if (cause instanceof AppError) {
    const { code, message, facts, retryable } = presentError(cause, correlationId);
    return { message, ...place, extensions: { ...facts, code, retryable, correlationId } };
  }
  const { code, serviceName, http: _http, stacktrace: _stacktrace, ...facts } = formatted.extensions ?? {};
  const subgraph = serviceName === undefined ? {} : { subgraph: serviceName };
  if (typeof code !== 'string' || UNEXPECTED.has(code)) {
    const { message, retryable } = presentError(cause, correlationId);
    return { message, ...place, extensions: { code: 'INTERNAL', retryable, ...subgraph, correlationId } };
  }
  return { message: formatted.message, ...place, extensions: { correlationId, ...facts, ...subgraph, code } };
}

/** The same error with a code, where it has none: graphql-js gives its own errors no code. */
export function withCode(error: unknown, code: string): unknown {
  if (
    !(error instanceof GraphQLError) ||
    error.extensions['code'] !== undefined ||
    error.originalError != null
  )
    return error;
  const { message, nodes, source, positions, path, extensions } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions: { ...extensions, code } });
}

const format = (error: unknown): GraphQLFormattedError =>
  error instanceof GraphQLError
    ? error.toJSON()
    : { message: error instanceof Error ? error.message : 'Unknown error' };

/** The error that was thrown, under the GraphQL errors that were wrapped around it. */
export function rootCause(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError instanceof Error) cause = cause.originalError;
  return cause;
}

/** Whether an error is ours to look into: it reached the client without its text. */
export const isUnexpected = (presented: GraphQLFormattedError): boolean =>
  presented.extensions?.['code'] === 'INTERNAL';
