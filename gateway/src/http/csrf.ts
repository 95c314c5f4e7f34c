import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '@weft/errors';

const WITHOUT_PREFLIGHT = /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\b/i;

/**
 * Refuses what a foreign page can send without a preflight, by Apollo Server's rule, which guards the requests that
 * reach it; this guards those that do not.
 */
export function preventCsrf(headers: IncomingHttpHeaders): void {
  const contentType = headers['content-type'];
  if (contentType !== undefined && !WITHOUT_PREFLIGHT.test(contentType.trim())) return;
  if (headers['apollo-require-preflight'] || headers['x-apollo-operation-name'] || headers.authorization)
    return;
  throw new AppError(
    'BAD_USER_INPUT',
    'Blocked as a potential cross-site request forgery: send a content-type of application/json, or the header apollo-require-preflight.',
  );
}
