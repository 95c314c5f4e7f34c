import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '@weft/errors';
import { sendText } from './reply.js';

export const EXPLORER_PATH = '/graphql/explorer/';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

// Nothing is loaded from elsewhere: the page works offline, and the token that is pasted into it stays here.
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "connect-src 'self' ws: wss: data: blob:",
  "frame-ancestors 'none'",
].join('; ');

const FIRST_QUERY = `# Set Headers, first on the left: Authorization is "Bearer <your token>".
# Subscriptions are server-sent events and carry the same header.
{
  __typename
}
`;

export const wantsPage = (request: IncomingMessage): boolean =>
  request.method === 'GET' && /^[^,]*text\/html/.test(request.headers.accept ?? '');

/** The page of the explorer (Altair), set up for this gateway. Loaded when first asked for, to keep the process small. */
export async function handleExplorerPage(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { renderAltair } = await import('altair-static');
  const host = /^[\w.:[\]-]+$/.exec(request.headers.host ?? '')?.[0] ?? 'localhost';
  const secure = request.headers['x-forwarded-proto'] === 'https';
  const page = renderAltair({
    baseURL: EXPLORER_PATH,
    endpointURL: `${secure ? 'https' : 'http'}://${host}/graphql`,
    subscriptionsEndpoint: `${secure ? 'https' : 'http'}://${host}/graphql`,
    initialSubscriptionRequestHandlerId: 'graphql-sse',
    initialHeaders: { Authorization: 'Bearer ' },
    initialQuery: FIRST_QUERY,
    initialName: 'Weft',
    instanceStorageNamespace: 'weft_',
    disableAccount: true,
    // What it advertises would come from elsewhere, which this page may not load.
    initialSettings: {
      'banners.disable': true,
      'alert.disableUpdateNotification': true,
      disablePushNotification: true,
    },
  }).replace('<title>Altair</title>', '<title>Weft explorer</title>');
  response.setHeader('content-security-policy', CONTENT_SECURITY_POLICY);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cache-control', 'no-store');
  sendText(response, 200, page, 'text/html; charset=utf-8');
}

/** The files of the explorer. */
export async function handleExplorerAsset(path: string, response: ServerResponse): Promise<void> {
  const name = path.slice(EXPLORER_PATH.length);
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(name)) throw notFound();
  const { getDistDirectory, isSandboxFrame, SANDBOX_FRAME_CSP } = await import('altair-static');
  const file = join(getDistDirectory(), name);
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile()) throw notFound();
  response.writeHead(200, {
    'content-type': CONTENT_TYPES[extname(file)] ?? 'application/octet-stream',
    'content-length': found.size,
    'cache-control': 'public, max-age=86400',
    'x-content-type-options': 'nosniff',
    ...(isSandboxFrame(name) ? { 'content-security-policy': SANDBOX_FRAME_CSP } : {}),
  });
  await pipeline(createReadStream(file), response);
}

const notFound = (): AppError => new AppError('NOT_FOUND', 'The explorer has no such file.');
