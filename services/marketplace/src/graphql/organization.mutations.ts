import { payload } from '@weft/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { MarketplaceContext } from './marketplace-context.js';
import {
  AddMemberInput,
  CreateOrganizationInput,
  MemberPayload,
  OrganizationPayload,
  RemoveMemberInput,
  UpdateMemberRoleInput,
} from './organization.input.js';

@Resolver()
export class OrganizationMutations {
  @Mutation(() => OrganizationPayload, {
    description: 'Makes an organization that people can share. You become its owner.',
  })
  createOrganization(
    @Arg('input', () => CreateOrganizationInput, { description: 'The new organization.' })
    input: CreateOrganizationInput,
    @Ctx() context: MarketplaceContext,
  ): Promise<object> {
    return payload(context.useCases.createOrganization(context, input), (organization) => ({ organization }));
  }

  @Mutation(() => MemberPayload, {
    description: 'Makes a user a member of an organization. Needs the role OWNER.',
  })
  addMember(
    @Arg('input', () => AddMemberInput, { description: 'Who, where and as what.' }) input: AddMemberInput,
    @Ctx() context: MarketplaceContext,
  ): Promise<object> {
    return payload(context.useCases.addMember(context, input), (member) => ({ member }));
  }

  @Mutation(() => MemberPayload, {
    description: 'Gives a member another role. Needs the role OWNER; the last owner stays one.',
  })
  updateMemberRole(
    @Arg('input', () => UpdateMemberRoleInput, { description: 'Whose role, and which.' })
    input: UpdateMemberRoleInput,
    @Ctx() context: MarketplaceContext,
  ): Promise<object> {
    return payload(context.useCases.updateMemberRole(context, input), (member) => ({ member }));
  }

  @Mutation(() => OrganizationPayload, {
    description:
      'Ends a membership, and with it those in teams of the organization. Needs the role OWNER, except for leaving; the last owner stays.',
  })
  removeMember(
    @Arg('input', () => RemoveMemberInput, { description: 'Who, and where.' }) input: RemoveMemberInput,
    @Ctx() context: MarketplaceContext,
  ): Promise<object> {
    return payload(context.useCases.removeMember(context, input), (organization) => ({ organization }));
  }
}
