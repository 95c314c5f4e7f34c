import { Directive, Field, ID, InterfaceType, ObjectType } from 'type-graphql';
import {
  isItem,
  type AgentSubtype,
  type ItemSubtype,
  type NodeKind,
  type ProvenanceNode,
} from '../domain/node.js';
import { AgentSubtypeEnum, ItemCategoryEnum, ItemSubtypeEnum } from './vocabulary.js';

const TYPE_OF_KIND = { ENTITY: 'Item', ACTIVITY: 'Activity', AGENT: 'Agent' } as const;

@InterfaceType('ProvenanceNode', {
  description: 'An item, an activity or an agent: what provenance speaks of.',
  resolveType: (node: ProvenanceNode) => (isItem(node) ? 'Item' : TYPE_OF_KIND[node.kind]),
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
    'What people registered - data, models, templates, studies, people - or what the platform recorded: a result, an input, a version of a service.',
})
export class ItemType extends ProvenanceNodeType {
  @Field(() => ItemSubtypeEnum, { description: 'What it is.' })
  subtype!: ItemSubtype;

  @Field(() => ItemCategoryEnum, { name: 'category', description: 'What it is to provenance.' })
  kind!: NodeKind;

  @Field(() => Boolean, {
    description: 'Whether people registered it; else the platform recorded it by itself.',
  })
  registered!: boolean;
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
