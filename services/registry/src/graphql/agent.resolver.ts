import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { isItem, type Agent } from '../domain/node.js';
import { hopsConnection, PageArgs, RelatedAgentConnectionType } from './connection.type.js';
import { OrganizationType, pointer, TargetType, UserType } from './foreign.type.js';
import { AgentType, ItemType } from './node.type.js';
import type { RegistryContext } from './registry-context.js';

@Resolver(() => AgentType)
export class AgentResolver {
  @FieldResolver(() => UserType, { nullable: true, description: 'The user, when it is a person.' })
  user(@Root() agent: Agent) {
    return pointer(agent.facts.userId);
  }

  @FieldResolver(() => OrganizationType, {
    nullable: true,
    description: 'The organization of this platform, when it is one.',
  })
  organization(@Root() agent: Agent) {
    return agent.subtype === 'OWNING_ORGANIZATION' ? pointer(agent.facts.organizationId) : null;
  }

  @FieldResolver(() => String, { nullable: true, description: 'The worker, when it is a program.' })
  workerId(@Root() agent: Agent) {
    return agent.facts.workerId ?? null;
  }

  @FieldResolver(() => TargetType, { nullable: true, description: 'The target, when it is one.' })
  target(@Root() agent: Agent) {
    return pointer(agent.facts.targetId);
  }

  @FieldResolver(() => ItemType, {
    nullable: true,
    description:
      'The registered person that a user has said he is (`linkPerson`); null when he has not, or the caller may not see it.',
  })
  async person(@Root() agent: Agent, @Ctx() { provenance }: RegistryContext) {
    if (agent.subtype !== 'USER') return null;
    const { rows } = await provenance.hops(agent, 'UPSTREAM', 'SPECIALIZATION_OF', { first: 1 });
    const node = rows[0]?.node;
    return node !== undefined && isItem(node) ? node : null;
  }

  @FieldResolver(() => RelatedAgentConnectionType, {
    description:
      'For whom it acts: a worker for the users whose jobs it ran, a user for the organization in which he works.',
  })
  async actsFor(
    @Root() agent: Agent,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return hopsConnection(await provenance.hops(agent, 'UPSTREAM', 'ACTED_ON_BEHALF_OF', page));
  }
}
