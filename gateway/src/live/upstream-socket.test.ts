import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { UpstreamSocket } from './upstream-socket.js';

let server: WebSocketServer | undefined;
let upstream: UpstreamSocket | undefined;
afterEach(() => {
  upstream?.close();
  server?.clients.forEach((client) => client.terminate());
  server?.close();
});

it.each([
  'null',
  '7',
  'no JSON',
  '{"id":"1","type":"next"}',
  '{"id":"1","type":"next","payload":7}',
  '{"id":"1","type":"error"}',
])('a subgraph that sends %s loses its connection, and nobody else anything', async (nonsense) => {
  const listening = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server = listening;
  await new Promise((resolve) => listening.once('listening', resolve));
  listening.on('connection', (socket) =>
    socket.on('message', (data) => {
      const { type } = JSON.parse(String(data)) as { type: string };
      socket.send(type === 'connection_init' ? '{"type":"connection_ack"}' : nonsense);
    }),
  );
  const { port } = listening.address() as AddressInfo;
  const connection = new UpstreamSocket({
    url: new URL(`http://127.0.0.1:${port}/graphql`),
    authorization: () => Promise.resolve(undefined),
  });
  upstream = connection;
  const heard: unknown[] = [];
  const lost = await new Promise<boolean>((resolve) => {
    const payload = { query: '', operationName: undefined, variables: {}, extensions: {} };
    connection.subscribe(() => Promise.resolve(payload), {
      next: (one) => heard.push(one),
      error: (errors) => heard.push(errors),
      complete: () => heard.push('complete'),
      lost: (_reason, sent) => resolve(sent),
    });
  });
  expect(lost).toBe(true);
  expect(heard).toEqual([]);
});
