import type { ConnectionOf } from '@weft/subgraph';
import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { Organization } from '../domain/organization.js';
import type { Team } from '../domain/team.js';
import type { User } from '../domain/user.js';
import type { MarketplaceContext } from './marketplace-context.js';
import { OrganizationType } from './organization.type.js';
import { connectionById, PageArgs } from './page-args.js';
import { TeamConnection } from './team.type.js';
import { UserType } from './user.type.js';

/** A user as a resolver hands it on; the one who has just been created brings the personal organization along. */
export interface ShownUser extends User {
  readonly shownOrganization?: Organization;
}

@Resolver(() => UserType)
export class UserResolver {
  @Query(() => UserType, { nullable: true, description: 'The user who asks.' })
  me(@Ctx() context: MarketplaceContext): Promise<User | null> {
    return context.loaders.user.load(context.reads.viewerId);
  }

  @FieldResolver(() => [String], {
    nullable: true,
    description: 'Platform roles, such as `operator`; null for users other than oneself.',
  })
  roles(@Root() user: ShownUser, @Ctx() context: MarketplaceContext): readonly string[] | null {
    return user.id === context.reads.viewerId ? user.roles : null;
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description: 'When the user was made; null for users other than oneself.',
  })
  createdAt(@Root() user: ShownUser, @Ctx() context: MarketplaceContext): Date | null {
    return user.id === context.reads.viewerId ? user.createdAt : null;
  }

  @FieldResolver(() => OrganizationType, {
    nullable: true,
    description:
      "The organization that is this user's alone to begin with; null for users other than oneself.",
  })
  async personalOrganization(
    @Root() user: ShownUser,
    @Ctx() context: MarketplaceContext,
  ): Promise<Organization | null> {
    if (user.shownOrganization !== undefined) return user.shownOrganization;
    return user.id === context.reads.viewerId ? ((await context.reads.personalOrganization()) ?? null) : null;
  }

  @FieldResolver(() => TeamConnection, {
    description:
      'The teams that the user is in, of organizations that you are a member of, oldest first; at most 100.',
  })
  async teams(
    @Root() user: ShownUser,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: MarketplaceContext,
  ): Promise<ConnectionOf<Team>> {
    const page = PageArgs.read(args);
    return connectionById(await context.reads.teamsOfUser(user.id, page), (team) => team.id, page);
  }
}
