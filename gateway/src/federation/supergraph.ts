import { AppError } from '@weft/errors';
import { Supergraph, type Schema } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { parse } from 'graphql';

export interface SubgraphAddress {
  readonly name: string;
  readonly url: URL;
}

/**
 * One composed supergraph, read once: its schemas, its planner and where its subgraphs live.
 * Queries and live fields share it, so that there is one planner and one copy of the schema.
 */
export interface FederatedGraph {
  readonly sdl: string;
  /** The supergraph's own definitions, directives of the subgraphs included. */
  readonly document: DocumentNode;
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly apiSchema: Schema;
  readonly supergraphSchema: GraphQLSchema;
  readonly planner: QueryPlanner;
  readonly subgraphs: readonly SubgraphAddress[];
}

/** Reads a supergraph; `urls` overrides the addresses that composition wrote into it. */
export function readSupergraph(sdl: string, urls: Readonly<Record<string, string>> = {}): FederatedGraph {
  const supergraph = Supergraph.build(sdl, { validateSupergraph: false });
  const apiSchema = supergraph.apiSchema();
  const subgraphs = supergraph
    .subgraphsMetadata()
    .map(({ name, url }) => ({ name, url: address(name, urls[name] ?? url) }));
  const unknown = Object.keys(urls).filter((name) => !subgraphs.some((one) => one.name === name));
  if (unknown.length > 0) {
    throw new AppError(
      'CONFIG_INVALID',
      `SUBGRAPH_URLS names subgraphs that the supergraph has not: ${unknown.join(', ')}`,
    );
  }
  return {
    sdl,
    document: parse(sdl, { noLocation: true }),
    schema: apiSchema.toGraphQLJSSchema(),
    apiSchema,
    supergraphSchema: supergraph.schema.toGraphQLJSSchema(),
    planner: new QueryPlanner(supergraph),
    subgraphs,
  };
}

function address(name: string, url: string): URL {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url);
  throw new AppError('CONFIG_INVALID', `SUBGRAPH_URLS must name an http(s) address for subgraph "${name}"`, {
    name,
    url,
  });
}
