import { buildFederatedSchema, type FederatedSchema } from '@weft/subgraph';
import type { MarketplaceContext } from './marketplace-context.js';
import { MemberResolver } from './member.resolver.js';
import { OrganizationMutations } from './organization.mutations.js';
import { OrganizationResolver } from './organization.resolver.js';
import { PersonalTokenResolver } from './personal-token.resolver.js';
import { ServiceMutations } from './service.mutations.js';
import { ServiceResolver } from './service.resolver.js';
import { ServiceVersionResolver } from './service-version.resolver.js';
import { TeamMutations } from './team.mutations.js';
import { TeamMemberResolver, TeamResolver } from './team.resolver.js';
import { TokenActorResolver } from './token-actor.resolver.js';
import { UserMutations } from './user.mutations.js';
import { UserResolver } from './user.resolver.js';

/** The marketplace's subgraph. Resolvers find everything in the request's context, so it is built without a database. */
export const buildMarketplaceSchema = (): Promise<FederatedSchema> =>
  buildFederatedSchema<MarketplaceContext>({
    resolvers: [
      new UserResolver(),
      new UserMutations(),
      new OrganizationResolver(),
      new OrganizationMutations(),
      new MemberResolver(),
      new TeamResolver(),
      new TeamMemberResolver(),
      new TeamMutations(),
      new PersonalTokenResolver(),
      new ServiceResolver(),
      new ServiceMutations(),
      new ServiceVersionResolver(),
      new TokenActorResolver(),
    ],
    references: {
      User: ({ id }, { loaders }) => loaders.user.load(String(id)),
      Organization: ({ id }, { loaders }) => loaders.organization.load(String(id)),
      Team: ({ id }, { loaders }) => loaders.team.load(String(id)),
      Service: ({ id }, { loaders }) => loaders.service.load(String(id)),
      ServiceVersion: ({ id }, { loaders }) => loaders.serviceVersion.load(String(id)),
    },
  });
