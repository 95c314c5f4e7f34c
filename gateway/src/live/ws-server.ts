import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '@weft/errors';
import { acceptCorrelation, CORRELATION_HEADER, withCorrelation, type Logger } from '@weft/telemetry';
import {
  getOperationAST,
  GraphQLError,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import { CloseCode, handleProtocols, makeServer, type Context } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Documents } from '../federation/documents.js';
import type { Operations } from '../federation/operations.js';
import { presentGraphQLError } from '../federation/present-graphql-error.js';
import { newOutcome } from '../federation/request-context.js';
import { isTooDeep } from '../http/json-depth.js';
import { lostNumber } from '../http/json-numbers.js';
import type { Admission, Gatekeeper } from '../identity/gatekeeper.js';
import { FeedEndedByErrors } from './live-feed.js';
import type { LiveFields, LiveRequest } from './live-fields.js';

export interface WsServerOptions {
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  readonly operations: Operations;
  readonly liveFields: LiveFields;
  readonly gatekeeper: Gatekeeper;
  readonly logger: Logger;
  readonly maxMessageBytes: number;
  readonly maxOperations: number;
  readonly initTimeoutMs: number;
  readonly clientTimeoutMs: number;
}

export interface WsServer {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  readonly size: number;
  /** Ends every connection with 1001 (going away). */
  close(): void;
}

interface Connection {
  readonly socket: WebSocket;
  readonly correlationId: string;
  admission: Admission | undefined;
  revoked: boolean;
}

type ConnectionContext = Context<Record<string, unknown> | undefined, Connection>;

const UNAUTHORIZED = 4401;
const REVOKED_GRACE_MS = 500;

/** GraphQL over WebSocket (`graphql-transport-ws`): subscriptions, and queries and mutations too. */
export function createWsServer(options: WsServerOptions): WsServer {
  const { schema, documents, operations, liveFields, gatekeeper, logger } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols,
  });

  const protocol = makeServer<Record<string, unknown> | undefined, Connection>({
    connectionInitWaitTimeout: options.initTimeoutMs,

    async onConnect(context) {
      const connection = context.extra;
      try {
        const parameters = context.connectionParams ?? {};
        const given = parameters['authorization'] ?? parameters['Authorization'];
        connection.admission = await gatekeeper.admit(typeof given === 'string' ? given : undefined);
      } catch (error) {
        const known = error instanceof AppError && error.code === 'UNAUTHENTICATED';
        if (!known) logger.warn({ error: String(error) }, 'a connection could not be admitted');
        connection.socket.close(known ? UNAUTHORIZED : 1013, known ? 'Unauthorized' : 'Try again later');
        return false;
      }
      const unwatch = gatekeeper.watch(connection.admission, {
        ended: () => sendAway(context),
        narrowed: () => undefined,
      });
      connection.socket.once('close', unwatch);
      return true;
    },

    // Own, because the default closes the whole socket when one document has a syntax error.
    onSubscribe(context, _id, payload) {
      const { admission } = context.extra;
      const given = payload.extensions?.['correlationId'];
      const correlationId =
        typeof given === 'string' ? acceptCorrelation(given) : context.extra.correlationId;
      const refuse = (error: unknown): GraphQLError[] => [
        asGraphQLError(presentGraphQLError(error, undefined, correlationId)),
      ];
      if (admission === undefined)
        return refuse(new AppError('UNAUTHENTICATED', 'The connection is not admitted.'));
      if (Object.keys(context.subscriptions).length > options.maxOperations) {
        return refuse(
          new AppError('RATE_LIMITED', `One connection may have ${options.maxOperations} operations open.`),
        );
      }
      const { document, error } = documents.examine(payload.query);
      if (document === undefined) return refuse(error);
      const request: LiveRequest = {
        source: payload.query,
        operationName: payload.operationName ?? undefined,
        variables: payload.variables ?? {},
        admission,
        correlationId,
      };
      const operation = getOperationAST(document, request.operationName)?.operation;
      if (operation === undefined) return refuse(unresolved());
      if (operation !== 'subscription') {
        return { schema, document, operationName: request.operationName, contextValue: request };
      }
      const opened = liveFields.open(request);
      if (opened.errors !== undefined) return opened.errors.map(asGraphQLError);
      return { schema, document, operationName: request.operationName, contextValue: opened.feed };
    },

    execute({ contextValue }) {
      const request = contextValue as LiveRequest;
      const { admission, correlationId } = request;
      const context = { caller: admission.caller, correlationId, outcome: newOutcome() };
      return withCorrelation(correlationId, () =>
        operations.run(request, context),
      ) as Promise<ExecutionResult>;
    },
    subscribe: ({ contextValue }) => contextValue as AsyncIterableIterator<ExecutionResult>,

    // Results and errors are presented already; the default would call toJSON of them.
    onNext: (_context, _id, _payload, _args, result) => result as FormattedExecutionResult,
    onError: (context, _id, _payload, errors) =>
      errors.flatMap((error) => presentEnd(error, context.extra.correlationId)),
    onComplete(context) {
      if (context.extra.revoked && Object.keys(context.subscriptions).length === 0) goodbye(context.extra);
    },
  });

  // The feeds of a revoked token fail by themselves; the socket follows them, and does not wait for a client that reads nothing.
  const sendAway = (context: ConnectionContext): void => {
    const connection = context.extra;
    connection.revoked = true;
    if (Object.keys(context.subscriptions).length === 0) goodbye(connection);
    setTimeout(() => connection.socket.terminate(), REVOKED_GRACE_MS).unref();
  };
  const goodbye = ({ socket }: Connection): void => {
    setImmediate(() => socket.close(UNAUTHORIZED, 'Unauthorized'));
  };

  const heartbeat = setInterval(
    () => beat(sockets, options.clientTimeoutMs),
    Math.min(15_000, options.clientTimeoutMs / 2),
  ).unref();

  sockets.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    const connection: Connection = {
      socket,
      correlationId: acceptCorrelation(request.headers[CORRELATION_HEADER] as string | undefined),
      admission: undefined,
      revoked: false,
    };
    heard(socket);
    socket.on('pong', () => heard(socket));
    socket.on('error', (error) => logger.debug({ error: error.message }, 'a client socket failed'));
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        // Resolves when the kernel has taken the message: that is the back-pressure on which feeds coalesce.
        send: (text) =>
          new Promise((resolve) => {
            if (socket.readyState !== socket.OPEN) resolve();
            else socket.send(text, () => resolve());
          }),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) =>
          socket.on('message', (data) => {
            heard(socket);
            const message = String(data);
            if (isTooDeep(message)) return socket.close(CloseCode.BadRequest, 'Message nested too deeply');
            if (lostNumber(message) !== undefined)
              return socket.close(
                CloseCode.BadRequest,
                'A number cannot be kept as it is; send it as a string',
              );
            handle(message).catch((error: unknown) => {
              logger.error({ err: error }, 'a client message could not be handled');
              socket.close(CloseCode.InternalServerError, 'Internal server error');
            });
          }),
      },
      connection,
    );
    socket.once('close', (code, reason) => void closed(code, String(reason)));
  });

  return {
    upgrade(request, socket, head) {
      sockets.handleUpgrade(request, socket, head, (one) => sockets.emit('connection', one, request));
    },
    get size() {
      return sockets.clients.size;
    },
    close() {
      clearInterval(heartbeat);
      for (const socket of sockets.clients) {
        socket.close(1001, 'Going away');
        setTimeout(() => socket.terminate(), REVOKED_GRACE_MS).unref();
      }
      sockets.close();
    },
  };
}

const unresolved = (): GraphQLError =>
  new GraphQLError('The document has no such operation, or several and none is named.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
  });

const lastHeard = new WeakMap<WebSocket, number>();
const heard = (socket: WebSocket): void => void lastHeard.set(socket, performance.now());

function beat(sockets: WebSocketServer, timeoutMs: number): void {
  for (const socket of sockets.clients) {
    if (performance.now() - (lastHeard.get(socket) ?? 0) > timeoutMs) socket.terminate();
    else socket.ping();
  }
}

function presentEnd(error: GraphQLError, correlationId: string): GraphQLFormattedError[] {
  if (error.originalError instanceof FeedEndedByErrors) {
    return error.originalError.errors.map((one) => presentGraphQLError(one, one, correlationId));
  }
  if (error instanceof PresentedError) return [error.presented];
  return [presentGraphQLError(error, undefined, correlationId)];
}

/** An error that is presented already, in the form that graphql-ws asks for. */
class PresentedError extends GraphQLError {
  constructor(readonly presented: GraphQLFormattedError) {
    super(presented.message, { extensions: presented.extensions });
  }
}

const asGraphQLError = (presented: GraphQLFormattedError): GraphQLError => new PresentedError(presented);
