import { unwrapResolverError } from '@apollo/server/errors';
import { AppError, presentError } from '@weft/errors';
import { currentCorrelation, type Logger } from '@weft/telemetry';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';

/** Codes of Apollo Server and graphql-js that clients may see as they are: they speak of the request, not of us. */
const REQUEST_CODES = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_REQUEST',
]);

/** How any error leaves a subgraph: stable code, facts and correlation id; the unexpected without its text, but logged. */
export function presentGraphQLError(
  formatted: GraphQLFormattedError,
  error: unknown,
  logger: Logger,
): GraphQLFormattedError {
  const original = speakOfText(originalOf(error));
  const correlationId = currentCorrelation();
  const place = {
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
    ...(formatted.locations === undefined ? {} : { locations: formatted.locations }),
  };
  const code = formatted.extensions?.['code'];
  if (raisedByGraphQL(original)) {
    // Raised by graphql-js itself: syntax, validation, coercion of variables.
    const known = typeof code === 'string' && REQUEST_CODES.has(code) ? code : undefined;
    const early = formatted.path === undefined ? 'GRAPHQL_VALIDATION_FAILED' : undefined;
    const shown = known ?? early;
    if (shown !== undefined) {
      return { message: formatted.message, ...place, extensions: { code: shown, correlationId } };
    }
  }
  const presented = presentError(original, correlationId);
  if (!(original instanceof AppError))
    logger.error({ err: original, path: formatted.path }, 'unexpected error in a resolver');
  return {
    message: presented.message,
    ...place,
    extensions: {
      code: presented.code,
      correlationId,
      ...(Object.keys(presented.facts).length > 0 ? { facts: presented.facts } : {}),
    },
  };
}

/** Of a field that failed, and of a request that was refused before it had fields. */
const originalOf = (error: unknown): unknown =>
  error instanceof GraphQLError && error.originalError instanceof AppError
    ? error.originalError
    : unwrapResolverError(error);

/** PostgreSQL has no U+0000 in text; wherever a client puts one, it is the client's to change. */
const NO_SUCH_CHARACTER = new Set(['22021', '22P05']);

function speakOfText(error: unknown): unknown {
  const failure = error as { code?: unknown; driverError?: { code?: unknown } } | undefined;
  const code = failure?.driverError?.code ?? failure?.code;
  return typeof code === 'string' && NO_SUCH_CHARACTER.has(code)
    ? new AppError(
        'BAD_USER_INPUT',
        'A text holds the character U+0000, which cannot be stored or searched. Leave it out.',
      )
    : error;
}

/** Apollo Server wraps what graphql-js raised once more, in a GraphQLError of its own. */
const raisedByGraphQL = (error: unknown): boolean =>
  error instanceof GraphQLError &&
  (error.originalError === undefined || raisedByGraphQL(error.originalError));

/** The same for errors of operations that run outside Apollo Server (WebSocket and SSE). */
export const presentOperationErrors = (
  errors: readonly GraphQLError[],
  logger: Logger,
): GraphQLFormattedError[] => errors.map((error) => presentGraphQLError(error.toJSON(), error, logger));
