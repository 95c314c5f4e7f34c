import type { ConnectionOf } from '@weft/subgraph';
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type { MemberRole } from '../domain/member.js';
import type { Member } from '../domain/member.js';
import type { Organization } from '../domain/organization.js';
import type { Team } from '../domain/team.js';
import type { Service } from '../domain/service.js';
import { MemberRoleEnum } from './enums.js';
import type { MarketplaceContext } from './marketplace-context.js';
import { MemberConnection } from './member.type.js';
import { OrganizationConnection, OrganizationType } from './organization.type.js';
import { connectionById, PageArgs } from './page-args.js';
import { ServiceConnection } from './service.type.js';
import { TeamConnection } from './team.type.js';

@Resolver(() => OrganizationType)
export class OrganizationResolver {
  @Query(() => OrganizationType, {
    nullable: true,
    description: 'One of your organizations; null for any other id.',
  })
  organization(
    @Arg('id', () => ID, { description: 'Id of the organization.' }) id: string,
    @Ctx() context: MarketplaceContext,
  ): Promise<Organization | null> {
    return context.loaders.organization.load(id);
  }

  @Query(() => OrganizationConnection, {
    description: 'The organizations that you are a member of, oldest first.',
  })
  async organizations(
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: MarketplaceContext,
  ): Promise<ConnectionOf<Organization>> {
    const page = PageArgs.read(args);
    return connectionById(await context.reads.organizations(page), (organization) => organization.id, page);
  }

  @FieldResolver(() => Boolean, { description: 'Whether it is the personal organization of a user.' })
  personal(@Root() organization: Organization): boolean {
    return organization.personalUserId !== null;
  }

  @FieldResolver(() => MemberRoleEnum, { nullable: true, description: 'Your own role in it.' })
  async viewerRole(
    @Root() organization: Organization,
    @Ctx() context: MarketplaceContext,
  ): Promise<MemberRole | null> {
    return (await context.loaders.membership.load(organization.id))?.role ?? null;
  }

  @FieldResolver(() => MemberConnection, { description: 'Who belongs to it, for its members to see.' })
  async members(
    @Root() organization: Organization,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: MarketplaceContext,
  ): Promise<ConnectionOf<Member>> {
    const page = PageArgs.read(args);
    return connectionById(
      await context.reads.members(organization.id, page),
      (member) => member.userId,
      page,
    );
  }

  @FieldResolver(() => TeamConnection, {
    description: 'Its teams, oldest first, for its members to see; at most 1000.',
  })
  async teams(
    @Root() organization: Organization,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: MarketplaceContext,
  ): Promise<ConnectionOf<Team>> {
    const page = PageArgs.read(args);
    return connectionById(await context.reads.teams(organization.id, page), (team) => team.id, page);
  }

  @FieldResolver(() => ServiceConnection, { description: 'The services that it offers, newest first.' })
  async services(
    @Root() organization: Organization,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: MarketplaceContext,
  ): Promise<ConnectionOf<Service>> {
    const page = PageArgs.read(args);
    return connectionById(
      await context.reads.services({ organizationId: organization.id }, page),
      (service) => service.id,
      page,
    );
  }
}
