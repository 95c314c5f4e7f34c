import { composeServices } from '@apollo/composition';
import { createActorVerifier, generateSigningKey } from '@weft/identity';
import { parse } from 'graphql';
import { createGateway, type Gateway, type GatewayOverrides } from '../gateway.js';
import { gatewayConfig } from '../config.js';
import { hashToken } from '../identity/token-directory.js';
import { createLogger } from '@weft/telemetry';
import { LiveSource } from './live-source.js';
import { TestSubgraph, type TestSubgraphOptions } from './test-subgraph.js';

const FEDERATION = `@link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@external", "@inaccessible", "@composeDirective"])`;

const MARKETPLACE = `
  extend schema ${FEDERATION}
  type Query { user(id: ID!): User  tokenActors(hashes: [String!]!): [TokenActor!]! @inaccessible }
  type User @key(fields: "id") { id: ID!  name(upper: Boolean): String! }
  type TokenActor @inaccessible {
    hash: String! tokenId: String! userId: String! personalOrganizationId: String organizations: [TokenOrganization!]!
    teams: [String!]! scopes: [String!]! roles: [String!]! expiresAt: String
  }
  type TokenOrganization @inaccessible { id: String! role: String! }
`;

const JOBS = `
  extend schema ${FEDERATION} @link(url: "https://weft.dev/live/v1.0", import: ["@live"]) @composeDirective(name: "@live")
  directive @live(after: String!, position: String!, list: String) on FIELD_DEFINITION
  type Query { job(id: ID!): Job }
  type Mutation { renameJob(id: ID!, name: String!): Job }
  type Subscription {
    jobChanged(id: ID!, after: Int! = 0): JobChange! @live(after: "after", position: "seq", list: "transitions")
    ticks(id: ID!): Tick!
  }
  type JobChange { seq: Int! transitions: [Transition!]! job: Job! }
  type Transition { seq: Int! note: String }
  type Tick { number: Int! job: Job! }
  type Job @key(fields: "id") { id: ID! name: String! owner: User! fails: String }
  type User @key(fields: "id", resolvable: false) { id: ID! }
`;

const EXECUTION = `
  extend schema ${FEDERATION}
  type Query { targets: [String!]! }
  type Job @key(fields: "id") { id: ID! place: String! }
  type User @key(fields: "id") { id: ID! name(upper: Boolean): String! @external  shout: String! @requires(fields: "name(upper: true)") }
`;

interface TokenRow {
  readonly hash: string;
  readonly userId: string;
  organizations: { id: string; role: string }[];
  teams: string[];
  expiresAt: string | null;
}

export interface TestGraphOptions {
  readonly auth?: 'on' | 'off';
  readonly env?: Readonly<Record<string, string>>;
  readonly overrides?: GatewayOverrides;
  readonly onExecutionRequest?: TestSubgraphOptions['onRequest'];
}

export type TestGraph = Awaited<ReturnType<typeof startTestGraph>>;

/** Three real subgraphs and a gateway in front of them, all over real sockets. */
export async function startTestGraph(options: TestGraphOptions = {}) {
  const secured = options.auth !== 'off';
  const key = await generateSigningKey();
  const verifier = secured ? createActorVerifier(key.jwks) : undefined;
  const tokens = new Map<string, TokenRow>();
  const sources = new Map<string, LiveSource<string>>();
  const names = new Map<string, string>();
  const source = (id: string): LiveSource<string> => {
    const known = sources.get(id) ?? new LiveSource<string>();
    sources.set(id, known);
    return known;
  };
  const job = (id: string) => ({
    id,
    name: names.get(id) ?? `job ${id}`,
    owner: { __typename: 'User', id: `u-${id}` },
  });
  const refused = (): never => {
    throw Object.assign(new Error('The job is final'), {
      extensions: { code: 'JOB_ALREADY_FINAL', state: 'SUCCEEDED' },
    });
  };
  let asked = 0;

  const subgraphs = {
    marketplace: new TestSubgraph({
      name: 'marketplace',
      typeDefs: MARKETPLACE,
      verifier,
      resolvers: {
        Query: {
          user: (_: unknown, { id }: { id: string }) => ({ id }),
          tokenActors(_: unknown, { hashes }: { hashes: string[] }, { actor }: { actor?: { kind: string } }) {
            if (actor?.kind !== 'gateway') throw new Error('only the gateway may ask');
            asked += 1;
            return hashes.flatMap((hash) => tokens.get(hash) ?? []);
          },
        },
        TokenActor: {
          tokenId: ({ hash }: TokenRow) => `t-${hash.slice(0, 6)}`,
          personalOrganizationId: () => null,
          scopes: () => ['write'],
          roles: () => [],
        },
        User: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          name: ({ id }: { id: string }, { upper }: { upper?: boolean }) =>
            upper === true ? `NAME ${id}` : `name ${id}`,
        },
      } as TestSubgraphOptions['resolvers'],
    }),
    jobs: new TestSubgraph({
      name: 'jobs',
      typeDefs: JOBS,
      verifier,
      resolvers: {
        Query: { job: (_: unknown, { id }: { id: string }) => (id === 'none' ? null : job(id)) },
        Mutation: {
          renameJob(_: unknown, { id, name }: { id: string; name: string }) {
            names.set(id, name);
            return job(id);
          },
        },
        Subscription: {
          jobChanged: {
            subscribe: (_: unknown, { id, after }: { id: string; after: number }) =>
              source(id).follow(after, (events, seq) => ({
                jobChanged: {
                  seq,
                  transitions: events.map((note, index) => ({ seq: seq - events.length + index + 1, note })),
                  job: job(id),
                },
              })),
          },
          ticks: {
            subscribe: (_: unknown, { id }: { id: string }) =>
              source(id).follow(source(id).events.length, (_events, number) => ({
                ticks: { number, job: job(id) },
              })),
          },
        },
        Job: { __resolveReference: ({ id }: { id: string }) => job(id), fails: refused },
      } as TestSubgraphOptions['resolvers'],
    }),
    execution: new TestSubgraph({
      name: 'execution',
      typeDefs: EXECUTION,
      verifier,
      onRequest: options.onExecutionRequest,
      resolvers: {
        Query: { targets: () => ['here'] },
        Job: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          place: ({ id }: { id: string }) => `place of ${id}`,
        },
        User: {
          __resolveReference: (user: object) => user,
          shout: ({ name }: { name: string }) => `${name}!`,
        },
      } as TestSubgraphOptions['resolvers'],
    }),
  };
  const all = Object.values(subgraphs);
  await Promise.all(all.map((one) => one.start()));

  const composed = composeServices(
    all.map(({ name, typeDefs, url }) => ({ name, url, typeDefs: parse(typeDefs) })),
  );
  if (composed.supergraphSdl === undefined) throw new Error(composed.errors?.map(String).join('\n'));
  const config = gatewayConfig.read({
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'silent',
    GATEWAY_AUTH: secured ? 'on' : 'off',
    ACTOR_SIGNING_KEY: secured ? JSON.stringify(key.privateJwk) : undefined,
    ...options.env,
  });
  const gateway: Gateway = await createGateway(config, {
    supergraphSdl: composed.supergraphSdl,
    logger: createLogger('gateway', 'silent'),
    ...options.overrides,
  });

  let users = 0;
  return {
    gateway,
    subgraphs,
    source,
    supergraphSdl: composed.supergraphSdl,
    url: gateway.url,
    /** How often the gateway asked marketplace about tokens. */
    get asked() {
      return asked;
    },
    addToken(row: Partial<TokenRow> = {}): string {
      users += 1;
      const token = `weft_${String(users).padStart(43, 'x')}`;
      const hash = hashToken(token);
      tokens.set(hash, {
        userId: `user-${users}`,
        organizations: [{ id: 'o1', role: 'OWNER' }],
        teams: [],
        expiresAt: null,
        ...row,
        hash,
      });
      return token;
    },
    revoke: (token: string) => tokens.delete(hashToken(token)),
    tokenRow: (token: string) => tokens.get(hashToken(token)),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await Promise.all(all.map((one) => one.stop()));
    },
  };
}
