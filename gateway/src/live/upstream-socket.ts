import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, type RawData } from 'ws';
import type { PrimaryPayload, SubgraphError } from '../federation/supergraph-executor.js';

/** What a subscriber hears of its subscription on a subgraph. */
export interface UpstreamSink {
  next(payload: PrimaryPayload, bytes: number): void;
  /** The subgraph refused or ended the operation with errors. */
  error(errors: readonly SubgraphError[]): void;
  complete(): void;
  /** The connection broke; nothing more comes of this subscription. `sent`: the subgraph may already have served it. */
  lost(reason: string, sent: boolean): void;
}

export interface SubscribePayload {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface UpstreamSocketOptions {
  readonly url: URL;
  /** `Authorization` of the connection itself. */
  authorization(): Promise<string | undefined>;
  onOpened?(): void;
  onClosed?(reason: string): void;
}

interface Subscriber {
  readonly payload: () => Promise<SubscribePayload>;
  readonly sink: UpstreamSink;
  sent: boolean;
}

const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;
const HANDSHAKE_TIMEOUT_MS = 5_000;
const HEARTBEAT_MS = 10_000;
const IDLE_MS = 10_000;
const BACKOFF_MS = { first: 50, most: 1_000 } as const;
// A connection that lives this long was a success, and the next loss starts again at the shortest backoff.
const STABLE_MS = 2_000;

/**
 * The one `graphql-transport-ws` connection to a subgraph, on which all its subscriptions travel. It opens with the
 * first of them and never resends one: after a loss each subscriber subscribes anew, from its own position.
 */
export class UpstreamSocket {
  readonly #options: UpstreamSocketOptions;
  readonly #subscribers = new Map<string, Subscriber>();
  #socket: WebSocket | undefined;
  #ready = false;
  #nextId = 1;
  #backoffMs = 0;
  #openedAt = 0;
  #heardAt = 0;
  #heartbeat: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #resting = false;
  #disposed = false;

  constructor(options: UpstreamSocketOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#subscribers.size;
  }

  /** Subscribes as soon as the connection stands; the returned function unsubscribes. */
  subscribe(payload: () => Promise<SubscribePayload>, sink: UpstreamSink): () => void {
    const id = String(this.#nextId++);
    this.#subscribers.set(id, { payload, sink, sent: false });
    clearTimeout(this.#idle);
    if (this.#ready) void this.#send(id);
    else if (this.#socket === undefined) void this.#connect();
    return () => {
      if (!this.#subscribers.delete(id)) return;
      if (this.#ready) this.#write({ id, type: 'complete' });
      this.#restWhenIdle();
    };
  }

  close(): void {
    this.#disposed = true;
    clearTimeout(this.#idle);
    this.#socket?.close(1000, 'Normal closure');
    this.#socket?.terminate();
  }

  async #connect(): Promise<void> {
    const url = new URL(this.#options.url);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, 'graphql-transport-ws', {
      perMessageDeflate: false,
      maxPayload: MAX_PAYLOAD_BYTES,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
    this.#socket = socket;
    let failure = '';
    socket.on('error', (error) => (failure = error.message));
    socket.on('open', () => void this.#greet(socket));
    socket.on('message', (data: RawData) => this.#hear(data as Buffer));
    socket.on(
      'close',
      (code, reason) => void this.#closed(socket, failure || `closed with ${code} ${String(reason)}`.trim()),
    );
  }

  async #greet(socket: WebSocket): Promise<void> {
    this.#heardAt = performance.now();
    this.#heartbeat = setInterval(() => this.#beat(socket), HEARTBEAT_MS).unref();
    const authorization = await this.#options.authorization();
    if (socket.readyState !== WebSocket.OPEN) return;
    this.#write({ type: 'connection_init', payload: authorization === undefined ? {} : { authorization } });
  }

  #hear(data: Buffer): void {
    this.#heardAt = performance.now();
    const message = readMessage(data);
    if (message === undefined) {
      this.#socket?.terminate();
      return;
    }
    const subscriber = message.id === undefined ? undefined : this.#subscribers.get(message.id);
    switch (message.type) {
      case 'connection_ack':
        this.#ready = true;
        this.#openedAt = performance.now();
        this.#options.onOpened?.();
        for (const id of this.#subscribers.keys()) void this.#send(id);
        this.#restWhenIdle();
        return;
      case 'next':
        subscriber?.sink.next(message.payload as PrimaryPayload, data.length);
        return;
      case 'error':
        this.#forget(message.id);
        subscriber?.sink.error(message.payload as readonly SubgraphError[]);
        return;
      case 'complete':
        this.#forget(message.id);
        subscriber?.sink.complete();
        return;
      case 'ping':
        this.#write({ type: 'pong' });
    }
  }

  async #send(id: string): Promise<void> {
    const subscriber = this.#subscribers.get(id);
    const socket = this.#socket;
    if (subscriber === undefined) return;
    try {
      const payload = await subscriber.payload();
      if (this.#subscribers.get(id) === subscriber && this.#socket === socket && this.#ready) {
        subscriber.sent = true;
        this.#write({ id, type: 'subscribe', payload });
      }
    } catch (error) {
      if (this.#subscribers.delete(id)) subscriber.sink.lost(String(error), false);
    }
  }

  async #closed(socket: WebSocket, reason: string): Promise<void> {
    clearInterval(this.#heartbeat);
    const stable = this.#ready && performance.now() - this.#openedAt > STABLE_MS;
    this.#ready = false;
    this.#options.onClosed?.(reason);
    this.#backoffMs =
      stable || this.#backoffMs === 0 ? BACKOFF_MS.first : Math.min(this.#backoffMs * 2, BACKOFF_MS.most);
    if (!this.#resting) {
      const lost = [...this.#subscribers.values()];
      this.#subscribers.clear();
      // Those who are told may subscribe again at once: they wait here for the next attempt together.
      for (const { sink, sent } of lost) sink.lost(reason, sent);
    }
    if (!this.#disposed && !this.#resting)
      await sleep(this.#backoffMs * (0.75 + Math.random() / 2), undefined, { ref: false });
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#resting = false;
    if (this.#subscribers.size > 0 && !this.#disposed) void this.#connect();
  }

  // A stopped process or a cut cable closes no connection; silence is all there is to notice.
  #beat(socket: WebSocket): void {
    if (!this.#ready || performance.now() - this.#heardAt > 2 * HEARTBEAT_MS) socket.terminate();
    else this.#write({ type: 'ping' });
  }

  #restWhenIdle(): void {
    if (this.#subscribers.size > 0) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#rest(), IDLE_MS).unref();
  }

  // Whoever subscribes while the connection is being closed is sent on the next one.
  #rest(): void {
    if (this.#subscribers.size > 0 || this.#socket === undefined) return;
    this.#ready = false;
    this.#resting = true;
    this.#socket.close(1000, 'Idle');
  }

  #forget(id: string | undefined): void {
    if (id !== undefined) this.#subscribers.delete(id);
    this.#restWhenIdle();
  }

  #write(message: Readonly<Record<string, unknown>>): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

interface Message {
  readonly id?: string;
  readonly type?: string;
  readonly payload?: unknown;
}

/** What a subgraph sends may be anything; undefined is what the protocol does not know. */
function readMessage(data: Buffer): Message | undefined {
  try {
    const message = JSON.parse(data.toString()) as Message | null;
    if (typeof message !== 'object' || message === null) return undefined;
    const { type, payload } = message;
    if (type === 'next' && (typeof payload !== 'object' || payload === null)) return undefined;
    return type === 'error' && !Array.isArray(payload) ? undefined : message;
  } catch {
    return undefined;
  }
}
