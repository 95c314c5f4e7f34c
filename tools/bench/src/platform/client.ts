// A client of the gateway: POST for operations, raw graphql-transport-ws for many subscriptions over few sockets.
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';

export interface Asker {
  /** The data; throws on errors. */
  query<T>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
}

export function asker(url: string, token: string): Asker {
  return {
    async query<T>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<T> {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      return data;
    },
  };
}

export interface Listener<T> {
  /** `at`: milliseconds since the epoch, with fractions, by the clock of this machine. */
  next(data: T, at: number): void;
  complete(): void;
}

export interface LiveSocket {
  /** @param authorization of this subscription alone: straight at a subgraph, the socket's own actor expires. */
  subscribe<T>(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    listener: Listener<T>,
    authorization?: string,
  ): void;
  /** Reads nothing more: the kernel's buffers fill up, and then the sender's. */
  pause(): void;
  resume(): void;
  close(): void;
}

export const now = (): number => performance.timeOrigin + performance.now();

/** Operations errors end the process: a bench that measures half of its work measures nothing. */
export async function openSocket(url: string, token: string): Promise<LiveSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
    perMessageDeflate: false,
  });
  const listeners = new Map<string, Listener<never>>();
  const fail = (reason: unknown): void => {
    throw new Error(`The gateway's socket failed: ${String(reason)}`);
  };
  let ready = false;
  let closing = false;
  socket.on('error', fail);
  socket.on('close', (code, reason) => closing || fail(`${code} ${String(reason)}`));
  socket.on('open', () =>
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })),
  );
  socket.on('message', (data) => {
    const at = now();
    const message = JSON.parse(String(data)) as { type: string; id?: string; payload?: unknown };
    const listener = listeners.get(message.id ?? '');
    if (message.type === 'connection_ack') ready = true;
    else if (message.type === 'ping') socket.send('{"type":"pong"}');
    else if (message.type === 'error') fail(JSON.stringify(message.payload));
    else if (message.type === 'complete') {
      listeners.delete(message.id ?? '');
      listener?.complete();
    } else if (message.type === 'next') {
      const { data: payload, errors } = message.payload as { data: never; errors?: unknown };
      if (errors !== undefined) fail(JSON.stringify(errors));
      listener?.next(payload, at);
    }
  });
  while (!ready) await sleep(5);
  let count = 0;
  return {
    subscribe(query, variables, listener, authorization) {
      const id = String((count += 1));
      listeners.set(id, listener as Listener<never>);
      const extensions = authorization === undefined ? undefined : { authorization };
      socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables, extensions } }));
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close() {
      closing = true;
      socket.close(1000);
    },
  };
}
