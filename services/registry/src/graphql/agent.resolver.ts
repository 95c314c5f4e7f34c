import { FieldResolver, Resolver, Root } from 'type-graphql';
import type { Agent } from '../domain/node.js';
import { pointer, UserType } from './foreign.type.js';
import { AgentType } from './node.type.js';

@Resolver(() => AgentType)
export class AgentResolver {
  @FieldResolver(() => UserType, { nullable: true, description: 'The user, when it is a person.' })
  user(@Root() agent: Agent) {
    return pointer(agent.facts.userId);
  }

  @FieldResolver(() => String, { nullable: true, description: 'The worker, when it is a program.' })
  workerId(@Root() agent: Agent) {
    return agent.facts.workerId ?? null;
  }
}
