import { Arg, Ctx, FieldResolver, ID, Resolver, Root } from 'type-graphql';
import type { ProvenanceNode } from '../domain/node.js';
import { ArtifactType, ServiceVersionType, TargetType } from './foreign.type.js';
import { AgentType, ItemType } from './node.type.js';
import type { RegistryContext } from './registry-context.js';

/** The way from things of other subgraphs to what provenance says of them. */
@Resolver(() => ArtifactType)
export class ArtifactProvenanceResolver {
  @FieldResolver(() => ItemType, {
    nullable: true,
    description:
      'The file in the graph of provenance: as its owner calls it, else as jobs of an organization of the caller do, else the dataset that holds it. Null when no job has used or made it and it is no data of anything, and when the caller may not read of it.',
  })
  provenance(
    @Root() { id }: ArtifactType,
    @Ctx() { provenance }: RegistryContext,
  ): Promise<ProvenanceNode | null> {
    return provenance.ofArtifact(id);
  }
}

@Resolver(() => ServiceVersionType)
export class ServiceVersionProvenanceResolver {
  @FieldResolver(() => ItemType, {
    nullable: true,
    description:
      'The service version in the graph of provenance, with the jobs that used it; null for a moment after it was made, and when the caller may not read it.',
  })
  provenance(
    @Root() { id }: ServiceVersionType,
    @Ctx() { provenance }: RegistryContext,
  ): Promise<ProvenanceNode | null> {
    return provenance.ofServiceVersion(id);
  }
}

@Resolver(() => TargetType)
export class TargetProvenanceResolver {
  @FieldResolver(() => AgentType, {
    nullable: true,
    description:
      'The target in the graph of provenance, with the jobs that ran on it. Each organization has a node of its own for it, to which only its own jobs lead; null until a job of it has run there and ended, and when the caller may not read it.',
  })
  provenance(
    @Root() { id }: TargetType,
    @Arg('organizationId', () => ID, {
      nullable: true,
      description: 'Whose; without it the first of the organizations of the caller that has one.',
    })
    organizationId: string | null | undefined,
    @Ctx() { provenance }: RegistryContext,
  ): Promise<ProvenanceNode | null> {
    return provenance.ofTarget(id, organizationId ?? null);
  }
}
