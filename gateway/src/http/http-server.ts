import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { WsServer } from '../live/ws-server.js';
import type { Cors } from './cors.js';
import type { Router } from './router.js';

export interface HttpServerOptions {
  readonly host: string | undefined;
  readonly port: number;
  readonly router: Router;
  readonly ws: WsServer;
  readonly cors: Cors;
}

export interface HttpServer {
  readonly url: string;
  /** Takes no new connections and waits for open requests, at most `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}

/** The one listening socket of the gateway. */
export async function listen({ host, port, router, ws, cors }: HttpServerOptions): Promise<HttpServer> {
  const server = createServer(
    { keepAliveTimeout: 65_000, headersTimeout: 70_000, requestTimeout: 1_800_000 },
    router,
  );
  server.on('upgrade', (request, socket: Socket, head) => {
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== '/graphql') socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
    // A browser sends its origin but asks no permission for a WebSocket.
    else if (!cors.allows(request.headers.origin))
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
    else ws.upgrade(request, socket, head);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
  });
  return {
    url: urlOf(server, host),
    close(timeoutMs) {
      const cutOff = setTimeout(() => server.closeAllConnections(), timeoutMs);
      return new Promise((resolve) => {
        server.close(() => {
          clearTimeout(cutOff);
          resolve();
        });
        server.closeIdleConnections();
      });
    },
  };
}

function urlOf(server: Server, host: string | undefined): string {
  const { port } = server.address() as AddressInfo;
  const name = host === undefined || host === '::' || host === '0.0.0.0' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
