import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Member } from '../domain/member.js';
import type { Organization } from '../domain/organization.js';
import type { User } from '../domain/user.js';
import type { MarketplaceContext } from './marketplace-context.js';
import { MemberType } from './member.type.js';
import { OrganizationType } from './organization.type.js';
import { UserType } from './user.type.js';

@Resolver(() => MemberType)
export class MemberResolver {
  @FieldResolver(() => UserType, { nullable: true, description: 'Who it is.' })
  user(@Root() member: Member, @Ctx() context: MarketplaceContext): Promise<User | null> {
    return context.loaders.user.load(member.userId);
  }

  @FieldResolver(() => OrganizationType, { nullable: true, description: 'Where they are a member.' })
  organization(@Root() member: Member, @Ctx() context: MarketplaceContext): Promise<Organization | null> {
    return context.loaders.organization.load(member.organizationId);
  }
}
