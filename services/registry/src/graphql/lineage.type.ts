import { PageInfoType } from '@weft/subgraph';
import { ArgsType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { LineageEntry } from '../application/lineage-answer.js';
import type { Related } from '../application/lineage-ports.js';
import type { Shortfall } from '../application/walk-lineage.js';
import type { Direction } from '../domain/lineage.js';
import type { NodeKind, ProvenanceNode, Relation } from '../domain/node.js';
import { ProvenanceNodeType } from './node.type.js';
import {
  ItemCategoryEnum,
  LineageDirectionEnum,
  LineageShortfallEnum,
  ProvenanceSubtypeEnum,
  RelationEnum,
  type ProvenanceSubtype,
} from './vocabulary.js';

const FIRST = 'How many at most, 1 to 1000.';
const AFTER =
  'Cursor after which to go on: an earlier page of the same question. Each page walks anew, so what was recorded in between may be missing or shift.';
const DEPTH =
  'How many hops to go, 1 to 100; null: as far as it leads. A hidden stretch is one hop, however long it is.';

@ArgsType()
@InputType()
export class LineageArgs {
  @Field(() => LineageDirectionEnum, { description: 'Which way to go.' })
  direction!: Direction;

  @Field(() => Int, { nullable: true, description: DEPTH })
  depth?: number | null;

  @Field(() => [RelationEnum], {
    nullable: true,
    description:
      'The relations that are followed; every one when absent or null. What touches a hidden node is followed whatever its relation is.',
  })
  relations?: Relation[] | null;

  @Field(() => [ItemCategoryEnum], {
    nullable: true,
    description: 'Only nodes of these kinds are listed; it is walked through the others all the same.',
  })
  kinds?: NodeKind[] | null;

  @Field(() => [ProvenanceSubtypeEnum], {
    nullable: true,
    description: 'Only nodes of these subtypes are listed; it is walked through the others all the same.',
  })
  subtypes?: ProvenanceSubtype[] | null;

  @Field(() => Int, { nullable: true, defaultValue: 100, description: FIRST })
  first?: number | null;

  @Field(() => String, { nullable: true, description: AFTER })
  after?: string | null;
}

@InputType('LineageInput', {
  description: 'Where lineage begins, which way it goes and what of it is listed.',
})
export class LineageInput extends LineageArgs {
  @Field(() => ID, {
    description: 'Id of the node to begin at - an item, an activity or an agent -, or pid of an item.',
  })
  start!: string;
}

@ArgsType()
export class TargetArgs {
  @Field(() => Int, { nullable: true, description: DEPTH })
  depth?: number | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether to list the nodes on the ways to them, too; `isTarget` tells them apart.',
  })
  withPaths!: boolean;

  @Field(() => Int, { nullable: true, defaultValue: 100, description: FIRST })
  first?: number | null;

  @Field(() => String, { nullable: true, description: AFTER })
  after?: string | null;
}

@ObjectType('LineageEdge', { description: 'A node of a lineage.' })
export class LineageEdgeType implements LineageEntry {
  @Field(() => String, { description: 'Place in the list.' })
  cursor!: string;

  @Field(() => Int, {
    description:
      'How many hops it is from the start by the shortest way, from 1. A hidden stretch on that way is one hop, however long it is.',
  })
  hop!: number;

  @Field(() => Boolean, {
    description: 'Whether it is what was asked for; false for nodes that are only on the way to it.',
  })
  isTarget!: boolean;

  @Field(() => ProvenanceNodeType, { description: 'The node.' })
  node!: ProvenanceNode;
}

@ObjectType('LineageHopCount', { description: 'How many nodes are on a hop.' })
export class LineageHopCountType {
  @Field(() => Int, { description: 'The hop, from 1.' })
  hop!: number;

  @Field(() => Int, { description: 'How many nodes.' })
  count!: number;
}

@ObjectType('LineageKindCount', { description: 'How many nodes are of a kind.' })
export class LineageKindCountType {
  @Field(() => ItemCategoryEnum, { description: 'The kind.' })
  kind!: NodeKind;

  @Field(() => Int, { description: 'How many nodes.' })
  count!: number;
}

@ObjectType('LineageSubtypeCount', { description: 'How many nodes are of a subtype.' })
export class LineageSubtypeCountType {
  @Field(() => ItemCategoryEnum, { description: 'The kind: some subtypes are of several.' })
  kind!: NodeKind;

  @Field(() => ProvenanceSubtypeEnum, { description: 'The subtype.' })
  subtype!: string;

  @Field(() => Int, { description: 'How many nodes.' })
  count!: number;
}

@ObjectType('LineageCounts', {
  description:
    'How much is listed over all pages, without the start. What the caller may not read is counted nowhere here but in `hiddenParts`. Asked for alone, it reads no nodes.',
})
export class LineageCountsType {
  @Field(() => Int, { description: 'Nodes that are listed.' })
  total!: number;

  @Field(() => Int, {
    description:
      'Connected parts that the caller may not read and that the walk went through, whatever is listed; of how many nodes they are is not told. No more than 1000 are counted.',
  })
  hiddenParts!: number;

  @Field(() => [LineageHopCountType], { description: 'By hop, the nearest first.' })
  byHop!: LineageHopCountType[];

  @Field(() => [LineageKindCountType], { description: 'By kind; kinds without any are left out.' })
  byKind!: LineageKindCountType[];

  @Field(() => [LineageSubtypeCountType], {
    description: 'By kind and subtype; those without any are left out.',
  })
  bySubtype!: LineageSubtypeCountType[];
}

@ObjectType('LineageStub', {
  description:
    'Stands for one connected part of the lineage that the caller may not read: not what it is, how much it is nor of when. The links say between which nodes it lies.',
})
export class LineageStubType {
  @Field(() => String, {
    description:
      'Name in this answer, such as `hidden-1`: the order in which its neighbours are listed. Another question may give it to another part.',
  })
  name!: string;
}

@ObjectType('LineageLink', {
  description:
    'How two of what is shown are related, from the later to the earlier. Two nodes may have several links. A link to a stub says nothing but that there is one.',
})
export class LineageLinkType {
  @Field(() => ID, { description: 'The later: id of a node that is listed or the start, or name of a stub.' })
  from!: string;

  @Field(() => ID, {
    description: 'The earlier: id of a node that is listed or the start, or name of a stub.',
  })
  to!: string;

  @Field(() => RelationEnum, { nullable: true, description: 'The relation; null with a stub.' })
  relation!: Relation | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Part played in the relation, such as `data` or `submitter`; null where there is none, and with a stub.',
  })
  role!: string | null;

  readonly related!: Related | null;
}

@ObjectType('LineageTruncation', {
  description: 'That an answer is not all there is, and how to come to more.',
})
export class LineageTruncationType {
  @Field(() => LineageShortfallEnum, { description: 'Which limit was met.' })
  reason!: Shortfall;

  @Field(() => Int, {
    description: 'Up to this hop nothing is missing; 0: even of the first hop something may be.',
  })
  completeHops!: number;

  @Field(() => String, { description: 'What to do for more, in one sentence for people.' })
  advice!: string;
}

@ObjectType('LineageConnection', {
  description:
    'A page of what a node came from, or of what came of it: hop by hop, within a hop the newest first. The walk goes through what the caller may not read; each connected part of that is one stub. An answer has at most 10000 nodes over all its pages.',
})
export class LineageConnectionType {
  @Field(() => ProvenanceNodeType, { description: 'The node that it begins at; it is not listed.' })
  start!: ProvenanceNode;

  @Field(() => [LineageEdgeType], { description: 'The nodes of this page.' })
  edges!: LineageEdgeType[];

  @Field(() => PageInfoType, { description: 'Where the page ends.' })
  pageInfo!: PageInfoType;

  @Field(() => LineageCountsType, { description: 'How much there is, over all pages.' })
  counts!: LineageCountsType;

  @Field(() => [LineageLinkType], {
    description:
      'Relations between the nodes that are listed, the start and stubs. Each is on the page of that of its nodes which is listed later, so all pages together have every link once. At most 20000 a page.',
  })
  links!: LineageLinkType[];

  @Field(() => Boolean, {
    description: 'Whether `links` are all the links of this page; if not, ask for a smaller page or depth.',
  })
  linksComplete!: boolean;

  @Field(() => [LineageStubType], {
    description: 'What is hidden and linked with a node of this page, or, on the first page, with the start.',
  })
  stubs!: LineageStubType[];

  @Field(() => LineageTruncationType, {
    nullable: true,
    description: 'Null: nothing is left out of the answer.',
  })
  truncation!: LineageTruncationType | null;
}
