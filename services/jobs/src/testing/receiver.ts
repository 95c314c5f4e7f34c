// A receiver of webhooks as its owner would write it: an HTTP server that checks signatures by WebCrypto, not by our code.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { whenFileEnds } from '@weft/testkit';

export interface Received {
  readonly id: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  /** How it answers; 204 unless told otherwise. */
  answer: (response: ServerResponse, received: Received) => void;
}

export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = {
        id: String(request.headers['webhook-id']),
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      receiver.received.push(one);
      receiver.answer(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  whenFileEnds(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received: [],
    answer: (response) => response.writeHead(204).end(),
  };
  return receiver;
}

/** Whether the message is from whoever has the secret, and not older than five minutes. */
export async function verified({ headers, body }: Received, secret: string): Promise<boolean> {
  const sentAt = Number(headers['webhook-timestamp']);
  if (Math.abs(Date.now() / 1000 - sentAt) > 300) return false;
  const raw = Uint8Array.from(atob(secret.slice('whsec_'.length)), (char) => char.charCodeAt(0));
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  const signed = new TextEncoder().encode(`${String(headers['webhook-id'])}.${sentAt}.${body}`);
  const signatures = String(headers['webhook-signature']).split(' ');
  const valid = await Promise.all(
    signatures.map((one) => {
      const [version, mac] = one.split(',');
      const bytes = Uint8Array.from(atob(mac ?? ''), (char) => char.charCodeAt(0));
      return version === 'v1' && crypto.subtle.verify('HMAC', key, bytes, signed);
    }),
  );
  return valid.includes(true);
}
