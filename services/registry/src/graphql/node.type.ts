import { Directive, Field, ID, InterfaceType, ObjectType } from 'type-graphql';
import type { AgentSubtype, ItemSubtype, ProvenanceNode } from '../domain/node.js';
import { AgentSubtypeEnum, ItemSubtypeEnum } from './vocabulary.js';

const TYPE_OF_KIND = { ENTITY: 'Item', ACTIVITY: 'Activity', AGENT: 'Agent' } as const;

@InterfaceType('ProvenanceNode', {
  description: 'An item, an activity or an agent: what provenance speaks of.',
  resolveType: (node: ProvenanceNode) => TYPE_OF_KIND[node.kind],
})
export abstract class ProvenanceNodeType {
  @Field(() => ID, { description: 'Id of the node in the registry.' })
  id!: string;

  @Field(() => String, { description: 'Name for people.' })
  name!: string;

  @Field(() => Date, { description: 'When the registry first recorded it.' })
  createdAt!: Date;
}

@Directive('@key(fields: "id")')
@ObjectType('Item', {
  implements: ProvenanceNodeType,
  description:
    'Something registered, whose origin and use are known: a result, an input, a version of a service.',
})
export class ItemType extends ProvenanceNodeType {
  @Field(() => ItemSubtypeEnum, { description: 'What it is.' })
  subtype!: ItemSubtype;
}

@ObjectType('Activity', {
  implements: ProvenanceNodeType,
  description: 'Something that happened over a time: a job, whether it succeeded or not.',
})
export class ActivityType extends ProvenanceNodeType {}

@ObjectType('Agent', {
  implements: ProvenanceNodeType,
  description: 'A person or a program that bears responsibility for activities.',
})
export class AgentType extends ProvenanceNodeType {
  @Field(() => AgentSubtypeEnum, { description: 'What it is.' })
  subtype!: AgentSubtype;
}
