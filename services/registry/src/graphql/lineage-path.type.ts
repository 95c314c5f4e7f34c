import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { ShownPart } from '../application/lineage-answer.js';
import type { Direction } from '../domain/lineage.js';
import type { ProvenanceNode } from '../domain/node.js';
import { LineageLinkType, LineageStubType, LineageTruncationType } from './lineage.type.js';
import { ProvenanceNodeType } from './node.type.js';
import { LineageDirectionEnum } from './vocabulary.js';

@InputType('LineagePathInput', { description: 'Two nodes, and which way leads from the one to the other.' })
export class LineagePathInput {
  @Field(() => ID, { description: 'Id of the node to begin at, or pid of an item.' })
  from!: string;

  @Field(() => ID, { description: 'Id of the node to come to, or pid of an item.' })
  to!: string;

  @Field(() => LineageDirectionEnum, { description: 'Which way to go from the one to the other.' })
  direction!: Direction;

  @Field(() => Int, {
    nullable: true,
    description:
      'The longest way that is looked for, in hops, 1 to 100; null: any. A hidden stretch is one hop.',
  })
  maxDepth?: number | null;
}

@ObjectType('LineagePathStep', { description: 'A node on a way, or a stub where the way is hidden.' })
export class LineagePathStepType {
  @Field(() => ProvenanceNodeType, { nullable: true, description: 'The node; null where the way is hidden.' })
  node!: ProvenanceNode | null;

  @Field(() => LineageStubType, {
    nullable: true,
    description: 'Stands for the hidden stretch; null where the node can be read.',
  })
  stub!: LineageStubType | null;
}

@ObjectType('LineagePath', { description: 'A shortest way from one node to another.' })
export class LineagePathType {
  /** For its document. */
  shown!: ShownPart;

  @Field(() => Int, {
    nullable: true,
    description: 'How many hops it is; a hidden stretch is one. Null when there is no way.',
  })
  hops!: number | null;

  @Field(() => [LineagePathStepType], {
    description:
      'From the one node to the other, both with them; empty when there is no way. Of several shortest ways, one.',
  })
  steps!: LineagePathStepType[];

  @Field(() => [LineageLinkType], {
    description: 'The relations along the way, from the later to the earlier.',
  })
  links!: LineageLinkType[];

  @Field(() => LineageTruncationType, {
    nullable: true,
    description: 'Not null: none was found, and the search ended at a limit.',
  })
  truncation!: LineageTruncationType | null;
}
