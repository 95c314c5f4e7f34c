import { AppError } from '@weft/errors';
import type { Logger } from '@weft/telemetry';
import {
  execute,
  GraphQLError,
  getOperationAST,
  parse,
  subscribe,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import type { RequestContext } from './request-context.js';

export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

/** Parses and validates documents, remembering the good ones: the gateway sends few distinct ones very often. */
export class DocumentCache {
  readonly #documents = new Map<string, DocumentNode>();
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly size = 500,
  ) {}

  /** The document, or the errors that a client should see. */
  read(query: string): DocumentNode | readonly GraphQLError[] {
    const known = this.#documents.get(query);
    if (known !== undefined) return known;
    let document: DocumentNode;
    try {
      document = parse(query);
    } catch (error) {
      return [error instanceof GraphQLError ? error : new GraphQLError(String(error))];
    }
    const errors = validate(this.schema, document);
    if (errors.length > 0) return errors;
    if (this.#documents.size >= this.size)
      this.#documents.delete(this.#documents.keys().next().value as string);
    this.#documents.set(query, document);
    return document;
  }
}

/** The arguments of an operation that runs outside Apollo Server (WebSocket, SSE), or the errors that refuse it. */
export function prepareOperation(
  schema: GraphQLSchema,
  documents: DocumentCache,
  request: OperationRequest,
  contextValue: RequestContext,
): ExecutionArgs | readonly GraphQLError[] {
  if (typeof request.query !== 'string') return [new GraphQLError('The operation has no query.')];
  const document = documents.read(request.query);
  if (!('kind' in document)) return document;
  const operation = getOperationAST(document, request.operationName ?? undefined);
  if (operation === null || operation === undefined)
    return [new GraphQLError('The document has no such operation.')];
  return {
    schema,
    document,
    operationName: request.operationName ?? undefined,
    variableValues: request.variables ?? undefined,
    contextValue,
  };
}

export async function runOperation(
  args: ExecutionArgs,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const operation = getOperationAST(args.document, args.operationName);
  if (operation?.operation !== 'subscription') return execute(args);
  const result = (await subscribe(args)) as AsyncIterableIterator<ExecutionResult> | ExecutionResult;
  return isStream(result) ? endingInAnswer(result) : result;
}

/** A source that fails ends its own field with an error; thrown on, it would take the whole shared socket with it. */
function endingInAnswer(
  source: AsyncIterableIterator<ExecutionResult>,
): AsyncIterableIterator<ExecutionResult> {
  let failed = false;
  const done = { done: true, value: undefined } as const;
  return {
    async next() {
      if (failed) return done;
      try {
        return await source.next();
      } catch (error) {
        failed = true;
        const originalError = error instanceof Error ? error : new Error(String(error));
        return {
          done: false,
          value: { errors: [new GraphQLError(originalError.message, { originalError })] },
        };
      }
    },
    return: () => source.return?.() ?? Promise.resolve(done),
    throw: (error) => source.throw?.(error) ?? Promise.reject(error as Error),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export const isStream = (
  result: AsyncIterableIterator<ExecutionResult> | ExecutionResult,
): result is AsyncIterableIterator<ExecutionResult> => Symbol.asyncIterator in result;

export function readOperationRequest(
  body: string,
  logger: Logger,
): OperationRequest & { extensions?: Record<string, unknown> } {
  try {
    const parsed: unknown = JSON.parse(body);
    if (
      typeof parsed === 'object' &&
      parsed !== null &&
      typeof (parsed as OperationRequest).query === 'string'
    )
      return parsed as OperationRequest;
  } catch (error) {
    logger.debug({ err: error }, 'body is not JSON');
  }
  throw new AppError('BAD_USER_INPUT', 'The body must be a JSON object with a "query".');
}
