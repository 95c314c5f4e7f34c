// A client as any outsider writes it: fetch and graphql-ws against the gateway, with a token.
import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';

export interface GraphQLAnswer<T> {
  readonly data: T | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

export interface Live<T> {
  readonly payloads: T[];
  readonly ended: Promise<void>;
  leave(): void;
}

export interface GraphClient {
  readonly url: string;
  readonly token: string;
  /** The whole answer, errors included. */
  ask<T>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<GraphQLAnswer<T>>;
  /** The data; throws on errors. */
  query<T>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
  /** One mutation field's payload; throws on errors and userErrors. */
  mutate<T>(document: string, input: Readonly<Record<string, unknown>>): Promise<T>;
  follow<T>(document: string, variables: Readonly<Record<string, unknown>>): Live<T>;
  upload(name: string, mediaType: string, kind: 'INPUT' | 'CODE', body: string | Uint8Array): Promise<string>;
}

const sockets = new Set<Client>();

export const closeClients = async (): Promise<void> => {
  for (const socket of sockets) await socket.dispose();
  sockets.clear();
};

export function graphClient(url: string, token: string): GraphClient {
  const authorization = `Bearer ${token}`;
  const socket = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    retryAttempts: 0,
  });
  sockets.add(socket);

  const ask = async <T>(
    query: string,
    variables: Readonly<Record<string, unknown>> = {},
  ): Promise<GraphQLAnswer<T>> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as GraphQLAnswer<T>;
  };
  const query = async <T>(document: string, variables?: Readonly<Record<string, unknown>>): Promise<T> => {
    const { data, errors } = await ask<T>(document, variables);
    if (errors !== undefined || data === null) throw new Error(JSON.stringify(errors));
    return data;
  };
  const mutate = async <T>(document: string, input: Readonly<Record<string, unknown>>): Promise<T> => {
    const data = await query<Record<string, { userErrors: { code: string; message: string }[] }>>(document, {
      input,
    });
    const payload = Object.values(data)[0];
    if (payload === undefined || payload.userErrors.length > 0)
      throw new Error(JSON.stringify(payload?.userErrors));
    return payload as T;
  };
  return {
    url,
    token,
    ask,
    query,
    mutate,
    follow<T>(document: string, variables: Readonly<Record<string, unknown>>) {
      const payloads: T[] = [];
      let leave = (): void => undefined;
      const ended = new Promise<void>((resolve, reject) => {
        leave = socket.subscribe<T>(
          { query: document, variables: { ...variables } },
          {
            next: ({ data, errors }) => {
              if (errors !== undefined) reject(new Error(JSON.stringify(errors)));
              else if (data !== null && data !== undefined) payloads.push(data);
            },
            error: (error) => reject(error instanceof Error ? error : new Error(JSON.stringify(error))),
            complete: resolve,
          },
        );
      });
      ended.catch(() => undefined);
      return { payloads, ended, leave: () => leave() };
    },
    async upload(name, mediaType, kind, body) {
      const { upload } = await mutate<{ upload: { artifactId: string; url: string } }>(
        `mutation($input: CreateUploadInput!) { createUpload(input: $input) { upload { artifactId url } userErrors { code message } } }`,
        { name, mediaType, kind },
      );
      const response = await fetch(upload.url, {
        method: 'PUT',
        headers: { 'content-type': mediaType },
        body,
      });
      if (!response.ok) throw new Error(`upload answered ${response.status}: ${await response.text()}`);
      return upload.artifactId;
    },
  };
}
