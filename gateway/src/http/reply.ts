import type { ServerResponse } from 'node:http';
import { AppError, ERROR_CODES, presentError } from '@weft/errors';
import { currentCorrelation } from '@weft/telemetry';
import { presentGraphQLError } from '../federation/present-graphql-error.js';

/** Sends a JSON value and ends the response. */
export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  contentType = 'application/json; charset=utf-8',
): void {
  sendText(response, status, `${JSON.stringify(value)}\n`, contentType);
}

export function sendText(response: ServerResponse, status: number, text: string, contentType: string): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response
    .writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) })
    .end(text);
}

/** An error outside of GraphQL: `{"error": {"code", "message", "correlationId", …}}`. */
export function sendError(response: ServerResponse, error: unknown): void {
  const { code, message, facts, correlationId } = presentError(error, currentCorrelation());
  prepare(response, error);
  sendJson(response, ERROR_CODES[code].http, { error: { ...facts, code, message, correlationId } });
}

/** A request that was refused before GraphQL saw it, in the shape of a GraphQL response. */
export function sendGraphQLError(response: ServerResponse, error: unknown, accept: string | undefined): void {
  prepare(response, error);
  const type = accept?.includes('application/graphql-response+json')
    ? 'application/graphql-response+json'
    : 'application/json';
  const { code } = presentError(error);
  // A refused document is a GraphQL answer like any other: 200 where the client takes application/json.
  const status = code === 'QUERY_TOO_COMPLEX' && type === 'application/json' ? 200 : ERROR_CODES[code].http;
  sendJson(response, status, { errors: [presentGraphQLError(error)] }, `${type}; charset=utf-8`);
}

function prepare(response: ServerResponse, error: unknown): void {
  if (response.headersSent || !(error instanceof AppError)) return;
  if (error.code === 'UNAUTHENTICATED') response.setHeader('www-authenticate', 'Bearer realm="weft"');
  // The rest of a body that nobody reads ends with the connection.
  if (error.code === 'PAYLOAD_TOO_LARGE') response.setHeader('connection', 'close');
}
