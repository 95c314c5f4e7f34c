import { payload } from '@weft/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { MarketplaceContext } from './marketplace-context.js';
import {
  AddServiceVersionInput,
  CreateServiceInput,
  CreateServicePayload,
  PublishServiceVersionInput,
  ServiceVersionPayload,
} from './service.input.js';

@Resolver()
export class ServiceMutations {
  @Mutation(() => CreateServicePayload, {
    description: 'Makes a service, at first without versions. Needs the role MAINTAINER.',
  })
  createService(
    @Arg('input', () => CreateServiceInput, { description: 'The new service.' }) input: CreateServiceInput,
    @Ctx() context: MarketplaceContext,
  ): Promise<object> {
    return payload(context.useCases.createService(context, input), (service) => ({ service }));
  }

  @Mutation(() => ServiceVersionPayload, {
    description:
      'Adds a version that the organization may try before it is published. Needs the role MAINTAINER.',
  })
  addServiceVersion(
    @Arg('input', () => AddServiceVersionInput, { description: 'The new version.' })
    input: AddServiceVersionInput,
    @Ctx() context: MarketplaceContext,
  ): Promise<object> {
    return payload(context.useCases.addServiceVersion(context, input), (serviceVersion) => ({
      serviceVersion,
    }));
  }

  @Mutation(() => ServiceVersionPayload, {
    description:
      'Lets everybody see and run a version, for ever. Needs the role MAINTAINER. May be repeated.',
  })
  publishServiceVersion(
    @Arg('input', () => PublishServiceVersionInput, { description: 'Which version.' })
    input: PublishServiceVersionInput,
    @Ctx() context: MarketplaceContext,
  ): Promise<object> {
    return payload(context.useCases.publishServiceVersion(context, input), (serviceVersion) => ({
      serviceVersion,
    }));
  }
}
