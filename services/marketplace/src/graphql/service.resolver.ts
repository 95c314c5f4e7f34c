import type { ConnectionOf } from '@weft/subgraph';
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type { Organization } from '../domain/organization.js';
import type { Service } from '../domain/service.js';
import type { ServiceVersion } from '../domain/service-version.js';
import type { User } from '../domain/user.js';
import type { MarketplaceContext } from './marketplace-context.js';
import { OrganizationType } from './organization.type.js';
import { connectionById, PageArgs } from './page-args.js';
import { ServiceFilterInput, serviceFilter } from './service.input.js';
import { ServiceConnection, ServiceType } from './service.type.js';
import { ServiceVersionConnection, ServiceVersionType } from './service-version.type.js';
import { UserType } from './user.type.js';

@Resolver(() => ServiceType)
export class ServiceResolver {
  @Query(() => ServiceConnection, {
    description: 'The services of your organizations and all published ones, newest first.',
  })
  async services(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => ServiceFilterInput, {
      nullable: true,
      description: 'Narrows the list; all conditions must hold.',
    })
    filter: ServiceFilterInput | null,
    @Ctx() context: MarketplaceContext,
  ): Promise<ConnectionOf<Service>> {
    const page = PageArgs.read(args);
    return connectionById(
      await context.reads.services(serviceFilter(filter), page),
      (service) => service.id,
      page,
    );
  }

  @Query(() => ServiceType, {
    nullable: true,
    description: 'A service; null if there is none that you may see.',
  })
  service(
    @Arg('id', () => ID, { description: 'Id of the service.' }) id: string,
    @Ctx() context: MarketplaceContext,
  ): Promise<Service | null> {
    return context.loaders.service.load(id);
  }

  @Query(() => ServiceType, {
    nullable: true,
    description: 'A service by its name; null if there is none that you may see.',
  })
  async serviceByName(
    @Arg('organizationId', () => ID, { description: 'Id of the organization that offers it.' })
    organizationId: string,
    @Arg('name', () => String, { description: 'Its name in that organization.' }) name: string,
    @Ctx() context: MarketplaceContext,
  ): Promise<Service | null> {
    return (await context.reads.serviceByName(organizationId, name)) ?? null;
  }

  @FieldResolver(() => OrganizationType, {
    nullable: true,
    description: 'Who offers it; null unless you are a member.',
  })
  organization(@Root() service: Service, @Ctx() context: MarketplaceContext): Promise<Organization | null> {
    return context.loaders.organization.load(service.organizationId);
  }

  @FieldResolver(() => String, { description: 'Name of the organization that offers it.' })
  async providerName(@Root() service: Service, @Ctx() context: MarketplaceContext): Promise<string> {
    return (await context.loaders.organizationName.load(service.organizationId))?.name ?? '';
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who made it; null unless you share an organization.',
  })
  createdBy(@Root() service: Service, @Ctx() context: MarketplaceContext): Promise<User | null> {
    return context.loaders.user.load(service.createdBy);
  }

  @FieldResolver(() => ServiceVersionConnection, {
    description: 'Its versions that you may see, newest first.',
  })
  async versions(
    @Root() service: Service,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: MarketplaceContext,
  ): Promise<ConnectionOf<ServiceVersion>> {
    const page = PageArgs.read(args);
    return connectionById(await context.reads.versions(service.id, page), (version) => version.id, page);
  }

  @FieldResolver(() => ServiceVersionType, {
    nullable: true,
    description: 'The newest of its versions that you may see.',
  })
  latestVersion(
    @Root() service: Service,
    @Ctx() context: MarketplaceContext,
  ): Promise<ServiceVersion | null> {
    return context.loaders.latestVersion.load(service.id);
  }
}
