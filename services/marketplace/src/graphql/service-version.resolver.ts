import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type { Service } from '../domain/service.js';
import type { ServiceVersion } from '../domain/service-version.js';
import { ArtifactStub } from './artifact.stub.js';
import type { MarketplaceContext } from './marketplace-context.js';
import { ServiceType } from './service.type.js';
import { ServiceVersionType } from './service-version.type.js';

@Resolver(() => ServiceVersionType)
export class ServiceVersionResolver {
  @Query(() => ServiceVersionType, {
    nullable: true,
    description: 'A service version; null if there is none that you may see.',
  })
  serviceVersion(
    @Arg('id', () => ID, { description: 'Id of the service version.' }) id: string,
    @Ctx() context: MarketplaceContext,
  ): Promise<ServiceVersion | null> {
    return context.loaders.serviceVersion.load(id);
  }

  @FieldResolver(() => ServiceType, { nullable: true, description: 'The service that it is a version of.' })
  service(@Root() version: ServiceVersion, @Ctx() context: MarketplaceContext): Promise<Service | null> {
    return context.loaders.service.load(version.serviceId);
  }

  @FieldResolver(() => ArtifactStub, {
    nullable: true,
    description: 'Its code; what of it you may see, its owner decides.',
  })
  code(@Root() version: ServiceVersion): ArtifactStub {
    return { id: version.codeArtifactId };
  }
}
