import 'reflect-metadata';
export {
  buildFederatedSchema,
  type FederatedSchema,
  type FederatedSchemaOptions,
  type ReferenceResolver,
} from './federated-schema.js';
export { graphqlEnum } from './graphql-enum.js';
export {
  connectionOf,
  PageInfoType,
  presentUserErrors,
  UserErrorType,
  type ConnectionOf,
} from './graphql-types.js';
export { MutationPayload, ofArguments, payload } from './mutation-payload.js';
export { readBody, sendError, sendJson } from './http.js';
export { LiveIterator } from './live-iterator.js';
export type { RequestContext } from './request-context.js';
export { serveSubgraph, type Subgraph, type SubgraphOptions } from './serve-subgraph.js';
