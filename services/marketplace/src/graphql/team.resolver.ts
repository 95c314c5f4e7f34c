import type { ConnectionOf } from '@weft/subgraph';
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type { Organization } from '../domain/organization.js';
import type { Team, TeamMember } from '../domain/team.js';
import type { User } from '../domain/user.js';
import type { MarketplaceContext } from './marketplace-context.js';
import { OrganizationType } from './organization.type.js';
import { connectionById, PageArgs } from './page-args.js';
import { TeamMemberConnection, TeamMemberType, TeamType } from './team.type.js';
import { UserType } from './user.type.js';

@Resolver(() => TeamType)
export class TeamResolver {
  @Query(() => TeamType, {
    nullable: true,
    description: 'A team of one of your organizations; null for any other id.',
  })
  team(
    @Arg('id', () => ID, { description: 'Id of the team.' }) id: string,
    @Ctx() context: MarketplaceContext,
  ): Promise<Team | null> {
    return context.loaders.team.load(id);
  }

  @FieldResolver(() => OrganizationType, {
    nullable: true,
    description: 'The organization whose team it is; null once you are no member of it any more.',
  })
  organization(@Root() team: Team, @Ctx() context: MarketplaceContext): Promise<Organization | null> {
    return context.loaders.organization.load(team.organizationId);
  }

  @FieldResolver(() => TeamMemberConnection, {
    description: 'Who is in it, for the members of its organization to see; at most 1000.',
  })
  async members(
    @Root() team: Team,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: MarketplaceContext,
  ): Promise<ConnectionOf<TeamMember>> {
    const page = PageArgs.read(args);
    return connectionById(await context.reads.teamMembers(team.id, page), (member) => member.userId, page);
  }
}

@Resolver(() => TeamMemberType)
export class TeamMemberResolver {
  @FieldResolver(() => UserType, { nullable: true, description: 'Who it is.' })
  user(@Root() member: TeamMember, @Ctx() context: MarketplaceContext): Promise<User | null> {
    return context.loaders.user.load(member.userId);
  }
}
