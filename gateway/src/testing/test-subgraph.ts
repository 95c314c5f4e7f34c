import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { ActorVerifier } from '@weft/identity';
import { execute, GraphQLError, parse, validate, type GraphQLSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

type SubgraphModule = Parameters<typeof buildSubgraphSchema>[0];
export type Resolvers = Extract<SubgraphModule, { typeDefs: unknown }>['resolvers'];

export interface TestSubgraphOptions {
  readonly name: string;
  readonly typeDefs: string;
  readonly resolvers: Resolvers;
  /** Absent: everyone is served. */
  readonly verifier?: ActorVerifier;
  /** Requests outside of GraphQL; true when it was answered. */
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** A real subgraph over HTTP and graphql-transport-ws, which can be cut off, stopped and started again on its port. */
export class TestSubgraph {
  readonly name: string;
  readonly typeDefs: string;
  readonly requests: {
    readonly query: string;
    readonly correlationId: string | undefined;
    readonly authorization: string | undefined;
  }[] = [];
  readonly #schema: GraphQLSchema;
  readonly #options: TestSubgraphOptions;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #ws: WebSocketServer | undefined;
  #port = 0;
  /** Connections over WebSocket so far. */
  connections = 0;

  constructor(options: TestSubgraphOptions) {
    this.name = options.name;
    this.typeDefs = options.typeDefs;
    this.#options = options;
    this.#schema = buildSubgraphSchema({ typeDefs: parse(options.typeDefs), resolvers: options.resolvers });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/graphql`;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#serve(request, response));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    const ws = new WebSocketServer({ server, path: '/graphql' });
    useServer(
      {
        schema: this.#schema,
        onConnect: async ({ connectionParams }) => {
          this.connections += 1;
          return this.#allows(connectionParams?.['authorization'] as string | undefined);
        },
        onSubscribe: async (_context, _id, payload) => {
          const authorization = payload.extensions?.['authorization'] as string | undefined;
          if (!(await this.#allows(authorization)))
            return [new GraphQLError('Not allowed', { extensions: { code: 'UNAUTHENTICATED' } })];
          return undefined;
        },
        context: async (_context, _id, payload) =>
          this.#context(payload.extensions?.['authorization'] as string | undefined),
      },
      ws,
    );
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.#ws = ws;
  }

  /** Breaks every connection, as a crash would; the port stays open. */
  cut(): void {
    for (const client of this.#ws?.clients ?? []) client.terminate();
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.cut();
    this.#ws?.close();
    if (server?.listening === true) await new Promise((resolve) => server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#options.onRequest?.(request, response) === true) return;
    const send = (status: number, value: unknown): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (request.url === '/readyz') return send(200, { status: 'ready' });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const authorization = request.headers.authorization;
    if (!(await this.#allows(authorization)))
      return send(401, { errors: [{ message: 'no', extensions: { code: 'UNAUTHENTICATED' } }] });
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as {
      query: string;
      variables?: Record<string, unknown>;
    };
    this.requests.push({
      query,
      authorization,
      correlationId: request.headers['x-correlation-id'] as string | undefined,
    });
    const document = parse(query);
    const errors = validate(this.#schema, document);
    if (errors.length > 0) return send(200, { errors });
    const contextValue = await this.#context(authorization);
    send(200, await execute({ schema: this.#schema, document, variableValues: variables, contextValue }));
  }

  async #allows(authorization: string | undefined): Promise<boolean> {
    return (
      this.#options.verifier === undefined ||
      (await this.#options.verifier.verify(authorization).then(
        () => true,
        () => false,
      ))
    );
  }

  async #context(authorization: string | undefined) {
    return { actor: await this.#options.verifier?.verify(authorization).catch(() => undefined) };
  }
}
