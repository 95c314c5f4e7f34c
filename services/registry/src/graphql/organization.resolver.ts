import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { itemConnection, ItemConnectionType, PageArgs } from './connection.type.js';
import { OrganizationType } from './foreign.type.js';
import type { RegistryContext } from './registry-context.js';

@Resolver(() => OrganizationType)
export class OrganizationResolver {
  @FieldResolver(() => ItemConnectionType, {
    description: 'Its items that the caller may read, newest first.',
  })
  async items(
    @Root() organization: OrganizationType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return itemConnection(await provenance.itemsOfOrganization(organization.id, page));
  }
}
