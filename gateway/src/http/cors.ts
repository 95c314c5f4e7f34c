import type { IncomingMessage, ServerResponse } from 'node:http';
import { CORRELATION_HEADER } from '@weft/telemetry';

const METHODS = 'GET, HEAD, POST, PUT, OPTIONS';
const HEADERS = `authorization, content-type, accept, idempotency-key, apollo-require-preflight, x-apollo-operation-name, apollographql-client-name, apollographql-client-version, ${CORRELATION_HEADER}`;
const EXPOSED = `${CORRELATION_HEADER}, location, content-length, content-disposition, www-authenticate`;
const REMEMBER_SECONDS = 3_600;

/** Lets browsers call from the configured origins. Credentials are tokens in a header, never cookies. */
export interface Cors {
  allows(origin: string | undefined): boolean;
  /** Sets the headers; true when the request was a preflight and is answered. */
  apply(request: IncomingMessage, response: ServerResponse): boolean;
}

export function createCors(origins: readonly string[]): Cors {
  const any = origins.includes('*');
  const allows = (origin: string | undefined): boolean =>
    any || origin === undefined || origins.includes(origin);

  return {
    allows,
    apply(request, response) {
      const origin = request.headers.origin;
      const preflight = request.method === 'OPTIONS';
      if (origin !== undefined && allows(origin)) {
        response.setHeader('access-control-allow-origin', any ? '*' : origin);
        if (!any) response.setHeader('vary', 'origin');
        response.setHeader('access-control-expose-headers', EXPOSED);
        if (preflight) {
          response.setHeader('access-control-allow-methods', METHODS);
          response.setHeader(
            'access-control-allow-headers',
            request.headers['access-control-request-headers'] ?? HEADERS,
          );
          response.setHeader('access-control-max-age', REMEMBER_SECONDS);
          // Apollo Sandbox is a public page that asks for an address on the local machine.
          if (request.headers['access-control-request-private-network'] === 'true') {
            response.setHeader('access-control-allow-private-network', 'true');
          }
        }
      }
      if (preflight) response.writeHead(204, { allow: METHODS, 'content-length': 0 }).end();
      return preflight;
    },
  };
}
