// What a client of the graph needs and no more: a POST, a PUT, a subscription.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

export interface GraphClient {
  /** The one field of a mutation; throws with what the graph says when it refuses. */
  mutate<T>(document: string, input: Readonly<Record<string, unknown>>): Promise<T>;
  /** PUTs the bytes of an upload. */
  put(url: string, mediaType: string, body: string): Promise<void>;
  subscribe<T>(document: string, variables: Readonly<Record<string, unknown>>): AsyncIterableIterator<T>;
  close(): Promise<void>;
}

interface UserError {
  readonly code: string;
  readonly message: string;
}

interface Response {
  readonly data?: Readonly<
    Record<string, ({ readonly userErrors?: readonly UserError[] } & object) | null>
  > | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** The graph's refusal of a mutation, by its first error's code. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

export function createGraphClient(url: string, token: string): GraphClient {
  const authorization = `Bearer ${token}`;
  const socket = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    retryAttempts: 5,
  });
  return {
    async mutate<T>(document: string, input: Readonly<Record<string, unknown>>) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({ query: document, variables: { input } }),
      });
      const { data, errors } = (await response.json()) as Response;
      const payload = Object.values(data ?? {})[0];
      const refused = payload?.userErrors?.[0];
      if (refused !== undefined) throw new Refusal(refused.code, refused.message);
      if (errors?.[0] !== undefined)
        throw new Refusal(errors[0].extensions?.code ?? 'ERROR', errors[0].message);
      if (payload === null || payload === undefined)
        throw new Refusal('ERROR', `HTTP ${response.status} without data`);
      return payload as T;
    },
    async put(signedUrl, mediaType, body) {
      // The signature covers path and query; the gateway is reached here, whatever its public name.
      const { pathname, search } = new URL(signedUrl);
      const response = await fetch(`${url}${pathname}${search}`, {
        method: 'PUT',
        headers: { 'content-type': mediaType },
        body,
      });
      if (!response.ok)
        throw new Error(`the upload was answered with ${response.status}: ${await response.text()}`);
    },
    async *subscribe<T>(document: string, variables: Readonly<Record<string, unknown>>) {
      for await (const { data, errors } of socket.iterate<T>({ query: document, variables })) {
        if (errors?.[0] !== undefined) throw new Error(errors[0].message);
        if (data !== undefined && data !== null) yield data;
      }
    },
    close: async () => {
      await socket.dispose();
    },
  };
}
