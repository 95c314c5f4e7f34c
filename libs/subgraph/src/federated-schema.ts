import { buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { parse, type GraphQLResolveInfo, type GraphQLSchema } from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSON } from 'graphql-scalars';
import {
  buildSchema,
  createResolversMap,
  getMetadataStorage,
  type ContainerType,
  type NonEmptyArray,
  type PubSub,
} from 'type-graphql';
import type { RequestContext } from './request-context.js';

/** Resolves representations of one entity type: `{ __typename, <key fields> }` → the object or null. */
export type ReferenceResolver<C extends RequestContext> = (
  reference: Record<string, unknown>,
  context: C,
  info: GraphQLResolveInfo,
) => unknown;

export interface FederatedSchemaOptions<C extends RequestContext> {
  /** Resolver objects built by hand in the service's `context.ts`. */
  readonly resolvers: readonly object[];
  /** Classes of entity types that no resolver returns by itself. */
  readonly orphanedTypes?: readonly (new (...args: never[]) => object)[];
  /** Entity type name → its reference resolver. */
  readonly references: Readonly<Record<string, ReferenceResolver<C>>>;
}

export interface FederatedSchema {
  readonly schema: GraphQLSchema;
  /** The subgraph's SDL with its federation directives: what composition reads. */
  readonly sdl: string;
}

/** type-graphql asks for one, but every live field here brings its own iterator (live-iterator.ts). */
const NO_TOPICS: PubSub = {
  publish: () => undefined,
  subscribe: () => {
    throw new Error('live fields declare their own subscribe');
  },
};

/** What the scalar gets has been parsed: only the gateway has the text, and refuses what would change. */
const JSON_SAYS =
  'Any JSON value. Its numbers are doubles: whole ones are exact up to 9007199254740991, and the gateway refuses those that would become another number, or none (9007199254740993, 1e400), with BAD_USER_INPUT; send them as strings. In results of user code they are rounded.';

const HEADER = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible", "@composeDirective"])
  @link(url: "https://weft.dev/live/v1.0", import: ["@live"])
  @composeDirective(name: "@live")

"""
A resumable live field: the argument \`after\` takes a position, every payload carries its own in the field \`position\`,
and payloads may be coalesced by concatenating \`list\`, so that a slow or returning client misses nothing.
"""
directive @live(after: String!, position: String!, list: String) on FIELD_DEFINITION

`;

/** From type-graphql's classes to a federation 2 subgraph. Built once per process. */
export async function buildFederatedSchema<C extends RequestContext>(
  options: FederatedSchemaOptions<C>,
): Promise<FederatedSchema> {
  const instances = new Map<unknown, object>(
    options.resolvers.map((resolver) => [resolver.constructor, resolver]),
  );
  const container: ContainerType = { get: (wanted: unknown) => instances.get(wanted) };
  const metadata = getMetadataStorage();
  // graphql-js reads plain properties by itself; through a resolver each takes twice as long.
  for (const field of metadata.fields) field.simple ??= field.name === field.schemaName;
  const built = await buildSchema({
    resolvers: options.resolvers.map((resolver) => resolver.constructor) as unknown as NonEmptyArray<
      () => void
    >,
    orphanedTypes: [...(options.orphanedTypes ?? [])] as never,
    container,
    validate: false,
    pubSub: NO_TOPICS,
    scalarsMap: [
      { type: Date, scalar: GraphQLDateTimeISO },
      { type: Object, scalar: GraphQLJSON },
    ],
  });
  const json = built.getType('JSON');
  if (json !== undefined && json !== null) json.description = JSON_SAYS;
  const sdl = HEADER + withoutSchemaBlock(printSchemaWithDirectives(built));
  const resolvers = createResolversMap(built) as Record<string, Record<string, unknown>>;
  // As they were written, at once: type-graphql wraps them in promises, and graphql-js then waits for every node of a list.
  for (const { name, resolveType } of metadata.interfaceTypes)
    if (resolvers[name] !== undefined && resolveType) resolvers[name]['__resolveType'] = resolveType;
  for (const [type, resolve] of Object.entries(options.references)) {
    resolvers[type] = { ...resolvers[type], __resolveReference: resolve };
  }
  return { schema: buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never }), sdl };
}

const withoutSchemaBlock = (sdl: string): string => sdl.replace(/^schema\s*\{[^}]*\}\s*/m, '');
