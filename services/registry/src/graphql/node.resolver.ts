import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { ProvenanceNode } from '../domain/node.js';
import { hopsConnection, PageArgs, ProvenanceHopConnectionType } from './connection.type.js';
import { ProvenanceNodeType } from './node.type.js';
import type { RegistryContext } from './registry-context.js';

/** The walk that every node offers. */
@Resolver(() => ProvenanceNodeType)
export class NodeResolver {
  @FieldResolver(() => ProvenanceHopConnectionType, { description: 'One hop towards what this came from.' })
  async upstream(
    @Root() node: ProvenanceNode,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return hopsConnection(await provenance.hops(node, 'UPSTREAM', undefined, page));
  }

  @FieldResolver(() => ProvenanceHopConnectionType, {
    description:
      "One hop towards what came of this, as far as the caller may read it, newest first. Where organizations beside the caller's have named it more than 2 000 times, of theirs only some.",
  })
  async downstream(
    @Root() node: ProvenanceNode,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return hopsConnection(await provenance.hops(node, 'DOWNSTREAM', undefined, page));
  }
}
