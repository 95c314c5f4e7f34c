import type { Server } from 'node:http';
import type { ActorVerifier } from '@weft/identity';
import { acceptCorrelation, withCorrelation, type Logger } from '@weft/telemetry';
import { CloseCode, type SubscribePayload } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { GraphQLError, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { WebSocketServer } from 'ws';
import { prepareOperation, runOperation, type DocumentCache } from './operation.js';
import type { RequestContext } from './request-context.js';
import { presentOperationErrors } from './present.js';

export interface WebSocketOptions<C extends RequestContext> {
  readonly server: Server;
  readonly path: string;
  readonly schema: GraphQLSchema;
  readonly documents: DocumentCache;
  readonly verifier: ActorVerifier;
  readonly context: (base: RequestContext) => C;
  readonly logger: Logger;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const authorizationOf = (
  parameters: Readonly<Record<string, unknown>> | null | undefined,
): string | undefined => text(parameters?.['authorization']) ?? text(parameters?.['Authorization']);

const correlationOf = (payload: SubscribePayload): string =>
  acceptCorrelation(text(payload.extensions?.['correlationId']));

/**
 * `graphql-transport-ws` for the gateway. The socket's own actor comes in connectionParams; an operation may carry
 * another one in its extensions, because the gateway sends every client's subscriptions over one socket.
 */
export function serveWebSocket<C extends RequestContext>(
  options: WebSocketOptions<C>,
): { close(): Promise<void> } {
  const { schema, documents, verifier, logger } = options;
  const sockets = new WebSocketServer({
    server: options.server,
    path: options.path,
    maxPayload: 8 * 1024 * 1024,
  });
  const disposable = useServer(
    {
      schema,
      connectionInitWaitTimeout: 5_000,
      onConnect: async (ctx) => {
        try {
          await verifier.verify(authorizationOf(ctx.connectionParams));
          return true;
        } catch {
          // graphql-ws would close with 4403; the contract here is 4401.
          ctx.extra.socket.close(CloseCode.Unauthorized, 'Unauthorized');
          return false;
        }
      },
      onSubscribe: async (ctx, _id, payload) => {
        const correlationId = correlationOf(payload);
        try {
          const actor = await verifier.verify(
            authorizationOf(payload.extensions) ?? authorizationOf(ctx.connectionParams),
          );
          const contextValue = options.context({ actor, correlationId });
          return withCorrelation(correlationId, () =>
            prepareOperation(schema, documents, payload, contextValue),
          );
        } catch (error) {
          return [new GraphQLError('A signed actor is required.', { originalError: error as Error })];
        }
      },
      execute: (args) =>
        inCorrelation(args.contextValue, () => runOperation(args)) as Promise<ExecutionResult>,
      subscribe: (args) => inCorrelation(args.contextValue, () => runOperation(args)),
      onNext: (_ctx, _id, _payload, args, result) =>
        result.errors === undefined
          ? undefined
          : ({
              ...result,
              errors: inCorrelation(args.contextValue, () =>
                presentOperationErrors(result.errors ?? [], logger),
              ),
            } as never),
      onError: (_ctx, _id, payload, errors) =>
        withCorrelation(correlationOf(payload), () =>
          presentOperationErrors(errors as readonly GraphQLError[], logger),
        ) as never,
    },
    sockets,
    12_000,
  );
  return {
    close: async () => {
      await disposable.dispose();
    },
  };
}

const inCorrelation = <T>(context: unknown, work: () => T): T =>
  withCorrelation((context as RequestContext).correlationId, work);
