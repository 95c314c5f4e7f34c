import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, GraphQLError, parse, type GraphQLSchema } from 'graphql';
import { readSupergraph } from '../federation/supergraph.js';
import type { SubgraphSource, SubgraphSources } from '../federation/subgraph-source.js';

const FEDERATION = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@external", "@inaccessible", "@shareable", "@interfaceObject", "@provides"])`;

/** A string that a subgraph's answer has a null for, whatever its schema promises. */
const BROKEN = '__NULL__';

const ANIMALS = `
  ${FEDERATION}
  type Query { zoo: Zoo! animals(first: Int = 3): [Animal!]! pet: Pet maybe: Cat cages: [[Animal]] any: [Anything] failing: String strict: Cat! }
  type Mutation { feed(id: ID!): Cat rename(id: ID!, name: String): Cat }
  type Zoo { name: String! star: Animal boss: Keeper keepers: [Keeper!] bad: Cat }
  interface Animal @key(fields: "id") { id: ID! name: String! mood: Mood friend: Animal keeper: Keeper }
  type Cat implements Animal @key(fields: "id") { id: ID! name: String! mood: Mood friend: Animal keeper: Keeper lives: Int! shape(size: Int, deep: Deep): String }
  type Dog implements Animal @key(fields: "id") { id: ID! name: String! mood: Mood friend: Animal keeper: Keeper tricks: [String!]! secret: Snake @inaccessible }
  type Snake implements Animal @key(fields: "id") @inaccessible { id: ID! name: String! mood: Mood friend: Animal keeper: Keeper }
  union Pet = Cat | Dog
  union Anything = Cat | Dog | Keeper
  enum Mood { GLAD SAD FURIOUS @inaccessible }
  input Deep { a: Int b: [Int!] }
  type Keeper @key(fields: "id") { id: ID! }
`;

const PEOPLE = `
  ${FEDERATION}
  type Query { people: [Keeper!]! keeper(id: ID!): Keeper }
  type Mutation { hire(name: String!): Keeper }
  type Keeper @key(fields: "id") { id: ID! name: String! age: Int boss: Keeper address: Address! nickname: String! extra: JSON }
  type Address @shareable { street: String city: String! }
  scalar JSON
`;

const CARE = `
  ${FEDERATION}
  type Query { costs: Float }
  type Keeper @key(fields: "id") { id: ID! name: String! @external address: Address! @external title: String! @requires(fields: "name address { city }") pay: Float loves: Animal }
  type Address @shareable { street: String city: String! }
  type Animal @key(fields: "id") @interfaceObject { id: ID! food: String weight(unit: String = "kg"): Float notes: [Note!] }
  type Note { text: String! by: Keeper }
`;

interface Cat {
  __typename: string;
  id: string;
  name: string;
  mood: string | null;
  friend: unknown;
  keeper: unknown;
}

const keeper = (id: string | null) => (id === null ? null : { __typename: 'Keeper', id });
const MOODS = ['GLAD', 'SAD', null, 'FURIOUS'];

function animal(number: number): Cat {
  const __typename = ['Cat', 'Dog', 'Cat', 'Snake'][number % 4] ?? 'Cat';
  return {
    __typename,
    id: `a${number}`,
    name: number % 7 === 6 ? BROKEN : `animal ${number}`,
    mood: MOODS[number % 4] ?? null,
    friend: number > 8 ? null : () => animal(number * 2 + 1),
    keeper: keeper(number % 3 === 2 ? null : `k${number % 3}`),
    ...(__typename === 'Cat'
      ? {
          lives: 9,
          shape: ({ size, deep }: { size?: number; deep?: unknown }) => `${size} ${JSON.stringify(deep)}`,
        }
      : { tricks: ['roll', number === 5 ? BROKEN : 'sit'] }),
  } as Cat;
}

const numberOf = (id: string): number => Number(id.slice(1));
const animals = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => animal(from + index));
const fail =
  (message: string, extensions = {}) =>
  () => {
    throw new GraphQLError(message, { extensions });
  };

function person(id: string) {
  const number = numberOf(id);
  return {
    __typename: 'Keeper',
    id,
    name: `keeper ${number}`,
    age: number === 1 ? fail('age is secret', { code: 'HIDDEN' }) : 30 + number,
    boss: () => (number > 3 ? null : person(`k${number + 1}`)),
    address: { street: number === 2 ? null : 'Main', city: number === 4 ? BROKEN : 'Bern' },
    nickname: number === 2 ? fail('no nickname') : 'nick',
    extra: { any: [1, { name: 'x', constructor: 1 }] },
  };
}

const byType = { __resolveType: ({ __typename }: Cat) => __typename };
const resolveAnimal = { __resolveReference: ({ id }: { id: string }) => animal(numberOf(id)) };
const RESOLVERS = {
  animals: {
    Query: {
      zoo: () => ({
        name: 'zoo',
        star: animal(1),
        boss: keeper('k0'),
        keepers: ['k0', 'k1', 'k0', 'k2'].map(keeper),
        bad: animal(6),
      }),
      animals: (_: unknown, { first }: { first: number }) => animals(0, first),
      pet: () => animal(0),
      maybe: () => null,
      cages: () => [animals(0, 2), null, [animal(4), null]],
      any: () => [animal(0), animal(1), keeper('k1'), null],
      failing: fail('failed', { code: 'BOOM', n: 1 }),
      strict: () => animal(6),
    },
    Mutation: { feed: (_: unknown, { id }: { id: string }) => animal(numberOf(id)), rename: () => animal(2) },
    Animal: { ...byType, ...resolveAnimal },
    Pet: byType,
    Anything: byType,
    Cat: resolveAnimal,
    Dog: resolveAnimal,
    Snake: resolveAnimal,
  },
  people: {
    Query: {
      people: () => ['k0', 'k1', 'k2'].map(person),
      keeper: (_: unknown, { id }: { id: string }) => (id === 'none' ? null : person(id)),
    },
    Mutation: { hire: () => person('k0') },
    Keeper: { __resolveReference: ({ id }: { id: string }) => (id === 'k9' ? null : person(id)) },
  },
  care: {
    Query: { costs: () => 12.5 },
    Keeper: {
      __resolveReference: (given: { id: string; name: string; address?: { city: string } }) => ({
        ...given,
        title: `${given.name} of ${given.address?.city}`,
        pay: given.id === 'k1' ? fail('pay is secret') : 7,
        loves: { __typename: 'Animal', id: 'a5' },
      }),
    },
    Animal: {
      __resolveReference: ({ id }: { id: string }) => ({
        id,
        food: id === 'a1' ? fail('hungry') : 'fish',
        weight: ({ unit }: { unit: string }) => (unit === 'kg' ? 2 : 2000),
        notes: id === 'a2' ? null : [{ text: id === 'a4' ? BROKEN : 'calm', by: keeper('k1') }],
      }),
    },
  },
};

/** A supergraph with everything that makes executing plans hard, its subgraphs in this process. */
export function openZoo() {
  const typeDefs = { animals: parse(ANIMALS), people: parse(PEOPLE), care: parse(CARE) };
  const composed = composeServices(
    Object.entries(typeDefs).map(([name, one]) => ({ name, url: `http://${name}.test/`, typeDefs: one })),
  );
  if (composed.supergraphSdl === undefined) throw new Error(composed.errors?.map(String).join('\n'));
  const sent: string[] = [];
  const byName = new Map(
    (Object.keys(typeDefs) as (keyof typeof typeDefs)[]).map((name) => {
      const module = { typeDefs: typeDefs[name], resolvers: RESOLVERS[name] } as unknown as Parameters<
        typeof buildSubgraphSchema
      >[0];
      return [name as string, sourceOf(name, buildSubgraphSchema(module), sent)];
    }),
  );
  const sources: SubgraphSources = { byName, close: () => Promise.resolve() };
  return { graph: readSupergraph(composed.supergraphSdl), sources, sent };
}

function sourceOf(name: string, schema: GraphQLSchema, sent: string[]): SubgraphSource {
  const source: SubgraphSource = {
    async send({ body }) {
      sent.push(`${name} ${body}`);
      const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
      const result = await execute({ schema, document: parse(query), variableValues: variables });
      return JSON.parse(JSON.stringify(result).replaceAll(`"${BROKEN}"`, 'null'));
    },
    fetch: ({ query, variables }, context) =>
      source.send({ body: JSON.stringify({ query, variables }), repeatable: true }, context),
    process: ({ request: { query, variables }, context }) =>
      source.fetch({ query, variables }, context as never),
  };
  return source;
}
