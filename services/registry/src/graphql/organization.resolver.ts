import { Arg, Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { itemConnection, ItemConnectionType, PageArgs } from './connection.type.js';
import { OrganizationType } from './foreign.type.js';
import type { ItemOrder } from '../application/ports.js';
import { ItemOrderEnum } from './item-enums.js';
import type { RegistryContext } from './registry-context.js';

@Resolver(() => OrganizationType)
export class OrganizationResolver {
  @FieldResolver(() => ItemConnectionType, {
    description: 'Its items that the caller may read, newest first unless ordered otherwise.',
  })
  async items(
    @Root() organization: OrganizationType,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('orderBy', () => ItemOrderEnum, { nullable: true, description: 'NEWEST when left out.' })
    orderBy: ItemOrder | null | undefined,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return itemConnection(await provenance.itemsOfOrganization(organization.id, orderBy ?? 'NEWEST', page));
  }
}
