// Two subgraphs that cost next to nothing: canned answers over bare sockets, so that the gateway is what is measured.
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { createServer, type AddressInfo, type Socket } from 'node:net';

const FEDERATION = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])`;

const CATALOG = `
  ${FEDERATION}
  type Query { shelf(id: ID!): Shelf }
  type Shelf { id: ID! title: String! products: [Product!]! }
  type Product @key(fields: "id") { id: ID! name: String! price: Float! kind: Kind! }
  enum Kind { BOOK GAME }
`;
const REVIEWS = `
  ${FEDERATION}
  type Product @key(fields: "id") { id: ID! rating: Float reviews: [Review!]! }
  type Review { id: ID! body: String! stars: Int! author: Author! }
  type Author { name: String! }
`;

/** The query that is measured: a list of entities, each with fields of both subgraphs. */
export const QUERY =
  'query Shelf($id: ID!) { shelf(id: $id) { id title products { id name price kind rating reviews { id body stars author { name } } } } }';

export interface Subgraphs extends AsyncDisposable {
  readonly supergraphSdl: string;
}

export async function startSubgraphs(): Promise<Subgraphs> {
  const catalog = await serve(answerCatalog);
  const reviews = await serve(answerReviews);
  const { supergraphSdl, errors } = composeServices([
    { name: 'catalog', url: `http://127.0.0.1:${catalog.port}/graphql`, typeDefs: parse(CATALOG) },
    { name: 'reviews', url: `http://127.0.0.1:${reviews.port}/graphql`, typeDefs: parse(REVIEWS) },
  ]);
  if (supergraphSdl === undefined) throw new Error(errors?.map(String).join('\n'));
  return {
    supergraphSdl,
    async [Symbol.asyncDispose]() {
      await Promise.all([catalog.close(), reviews.close()]);
    },
  };
}

const PRODUCTS = [1, 2, 3, 4, 5];

function answerCatalog(body: string): string {
  const id = /"id":"([^"\\]+)"/.exec(body)?.[1] ?? '';
  // The gateway may ask under a name of its own.
  const name = /(\w+) ?: ?shelf\(/.exec(body)?.[1] ?? 'shelf';
  const products = PRODUCTS.map(
    (n) =>
      `{"__typename":"Product","id":"${id}-${n}","name":"Product ${n} of ${id}","price":${n}.5,"kind":"BOOK"}`,
  );
  return `{"data":{"${name}":{"id":"${id}","title":"Shelf ${id}","products":[${products.join(',')}]}}}`;
}

function answerReviews(body: string): string {
  const entities = [...body.matchAll(/"id":"([^"\\]+)"/g)].map(
    ([, id]) =>
      `{"__typename":"Product","rating":4.5,"reviews":[{"id":"${id}-a","body":"Love it, would read it again","stars":5,"author":{"name":"Ada"}},{"id":"${id}-b","body":"Too long","stars":3,"author":{"name":"Grace"}}]}`,
  );
  return `{"data":{"_entities":[${entities.join(',')}]}}`;
}

/** HTTP just enough for a gateway's POSTs over kept connections. */
async function serve(answer: (body: string) => string) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (;;) {
        const head = text.indexOf('\r\n\r\n');
        if (head < 0) return;
        const length = Number(/content-length: ?(\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
        if (text.length < head + 4 + length) return;
        const data = answer(text.slice(head + 4, head + 4 + length));
        text = text.slice(head + 4 + length);
        socket.write(
          `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${data.length}\r\nconnection: keep-alive\r\n\r\n${data}`,
        );
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
