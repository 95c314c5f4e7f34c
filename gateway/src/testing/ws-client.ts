import { WebSocket } from 'ws';
import { eventually } from './eventually.js';

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

export interface SubscriptionLog {
  readonly next: {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly { extensions: Record<string, unknown> }[];
  }[];
  errors: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[] | undefined;
  completed: boolean;
}

/** A bare graphql-transport-ws client, so that tests see every message and can stop reading. */
export class WsClient {
  readonly #socket: WebSocket;
  readonly #logs = new Map<string, SubscriptionLog>();
  #acknowledged = false;
  #nextId = 1;
  closed: { readonly code: number; readonly reason: string } | undefined;

  constructor(url: string, parameters?: Record<string, unknown>, headers: Record<string, string> = {}) {
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
    this.#socket.on('error', () => undefined);
    this.#socket.on('open', () => this.#write({ type: 'connection_init', payload: parameters }));
    this.#socket.on('close', (code, reason) => (this.closed = { code, reason: String(reason) }));
    this.#socket.on('message', (data) => this.#hear(JSON.parse(String(data)) as Message));
  }

  static async open(url: string, token?: string): Promise<WsClient> {
    const client = new WsClient(url, token === undefined ? undefined : { authorization: `Bearer ${token}` });
    await eventually(() => {
      if (!client.#acknowledged) throw new Error(`no acknowledgement, ${JSON.stringify(client.closed)}`);
    });
    return client;
  }

  subscribe(
    query: string,
    variables?: Record<string, unknown>,
  ): { readonly log: SubscriptionLog; stop(): void } {
    const id = String(this.#nextId++);
    const log: SubscriptionLog = { next: [], errors: undefined, completed: false };
    this.#logs.set(id, log);
    this.#write({ id, type: 'subscribe', payload: { query, variables } });
    return { log, stop: () => this.#write({ id, type: 'complete' }) };
  }

  /** Stops reading from TCP, as a client that is asleep. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.terminate();
  }

  #hear({ id, type, payload }: Message): void {
    if (type === 'connection_ack') this.#acknowledged = true;
    const log = id === undefined ? undefined : this.#logs.get(id);
    if (log === undefined) return;
    if (type === 'next') log.next.push(payload as SubscriptionLog['next'][number]);
    if (type === 'error') log.errors = payload as SubscriptionLog['errors'];
    if (type === 'complete') log.completed = true;
  }

  #write(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }
}
