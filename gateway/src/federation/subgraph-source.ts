import { setTimeout as sleep } from 'node:timers/promises';
import { CORRELATION_HEADER } from '@weft/telemetry';
import { AppError } from '@weft/errors';
import type { GraphQLDataSource } from '@apollo/gateway';
import { Pool } from 'undici';
import type { RequestContext } from './request-context.js';
import type { SubgraphAddress } from './supergraph.js';

type Answer = Awaited<ReturnType<GraphQLDataSource['process']>>;

export interface SubgraphRequest {
  readonly query?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** A request that is encoded already. */
export interface EncodedRequest {
  readonly body: string;
  /** Whether it may be sent twice: a mutation may not. */
  readonly repeatable: boolean;
}

export interface SubgraphSource extends GraphQLDataSource {
  /** Sends an operation to the subgraph; throws SERVICE_UNAVAILABLE where no GraphQL answer comes back. */
  fetch(request: SubgraphRequest, context: RequestContext): Promise<Answer>;
  /** The same for a request that is encoded already. */
  send(request: EncodedRequest, context: RequestContext): Promise<Answer>;
}

export interface SubgraphSources {
  readonly byName: ReadonlyMap<string, SubgraphSource>;
  close(): Promise<void>;
}

/** Fetches from every subgraph over pooled keep-alive connections: the stock HTTP client costs several times as much. */
export function createSubgraphSources(
  subgraphs: readonly SubgraphAddress[],
  timeoutMs: number,
): SubgraphSources {
  const pools = new Map<string, Pool>();
  const poolOf = ({ url }: SubgraphAddress): Pool => {
    const pool =
      pools.get(url.origin) ??
      new Pool(url.origin, {
        connections: 16,
        // Shorter than the 5 s after which a Node.js server closes an idle connection.
        keepAliveTimeout: 4_000,
        keepAliveMaxTimeout: 4_000,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
    pools.set(url.origin, pool);
    return pool;
  };
  return {
    byName: new Map(subgraphs.map((one) => [one.name, createSubgraphSource(one, poolOf(one))])),
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

// A subgraph that is being restarted answers again within these waits; only reads are sent twice.
const RETRY_AFTER_MS = [20, 100, 400] as const;

function createSubgraphSource({ name, url }: SubgraphAddress, pool: Pool): SubgraphSource {
  const path = `${url.pathname}${url.search}`;

  const post = async (body: string, headers: Record<string, string>): Promise<Answer> => {
    const response = await pool.request({ path, method: 'POST', headers, body });
    const text = await response.body.text();
    const answer = readAnswer(text);
    if (answer !== undefined) return answer;
    throw new AppError('SERVICE_UNAVAILABLE', `Subgraph "${name}" gave no GraphQL answer.`, {
      subgraph: name,
      status: response.statusCode,
    });
  };

  const source: SubgraphSource = {
    process: ({ request, context }) => source.fetch(request, context as RequestContext),
    fetch: ({ query, variables, operationName }, context) =>
      source.send(
        {
          body: JSON.stringify({ query, variables, operationName }),
          repeatable: !/^\s*mutation\b/.test(query ?? ''),
        },
        context,
      ),
    async send({ body, repeatable }, { caller, correlationId }) {
      const authorization = await caller.authorization();
      const headers: Record<string, string> = {
        'content-type': 'application/json',
        accept: 'application/json',
        [CORRELATION_HEADER]: correlationId,
        ...(authorization === undefined ? {} : { authorization }),
      };
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await post(body, headers);
        } catch (cause) {
          if (cause instanceof AppError) throw cause;
          const wait = repeatable || refusedConnection(cause) ? RETRY_AFTER_MS[attempt] : undefined;
          if (wait === undefined || timedOut(cause)) throw unreachable(name, cause);
          await sleep(wait);
        }
      }
    },
  };
  return source;
}

function readAnswer(text: string): Answer | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === 'object' && answer !== null && ('data' in answer || 'errors' in answer))
      return answer as Answer;
  } catch {
    // Not JSON: whatever answered was no GraphQL server.
  }
  return undefined;
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code;
const refusedConnection = (error: unknown): boolean => codeOf(error) === 'ECONNREFUSED';
const timedOut = (error: unknown): boolean => /TIMEOUT/.test(String(codeOf(error)));

const unreachable = (subgraph: string, cause: unknown): AppError =>
  new AppError(
    'SERVICE_UNAVAILABLE',
    `Subgraph "${subgraph}" cannot be reached at the moment.`,
    { subgraph },
    { cause },
  );
