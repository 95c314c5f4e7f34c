import { graphqlEnum, MutationPayload } from '@weft/subgraph';
import { Field, ID, ObjectType } from 'type-graphql';
import type { ProvenanceNode, Relation } from '../domain/node.js';
import type { DiffAction, DiffActionKind } from '../domain/statement-diff.js';
import { JobType } from './foreign.type.js';
import { LineageConnectionType } from './lineage.type.js';
import { ItemType, ProvenanceNodeType } from './node.type.js';
import { RelationEnum } from './vocabulary.js';

export const DiffActionEnum = graphqlEnum<DiffActionKind>(
  'ProvenanceDiffAction',
  'What a change does to the graph of provenance. A node or a statement goes with the last record that asserts it.',
  {
    ADD_NODE: 'A node comes into the graph.',
    REMOVE_NODE: 'A node leaves the graph.',
    ADD_EDGE: 'A statement comes into the graph.',
    REMOVE_EDGE: 'A statement leaves the graph.',
    ADD_RECORD_TO_NODE: 'A record mentions a node.',
    REMOVE_RECORD_FROM_NODE: 'A record mentions a node no longer.',
    ADD_RECORD_TO_EDGE: 'A record asserts a statement.',
    REMOVE_RECORD_FROM_EDGE: 'A record asserts a statement no longer.',
  },
);

@ObjectType('ProvenanceDiffStatement', {
  description: 'A relation of two nodes, from the later to the earlier.',
})
export class DiffStatementType {
  @Field(() => ID, { description: 'Id of the later.' })
  fromId!: string;
  @Field(() => ID, { description: 'Id of the earlier.' })
  toId!: string;
  @Field(() => RelationEnum, { description: 'The relation.' })
  relation!: Relation;
  @Field(() => String, { nullable: true, description: 'Part played in the relation.' })
  role!: string | null;
}

@ObjectType('ProvenanceDiffEntry', { description: 'One thing that a change does to the graph.' })
export class DiffEntryType {
  @Field(() => DiffActionEnum, { description: 'What.' })
  action!: DiffActionKind;
  @Field(() => ID, { nullable: true, description: 'The record; null for what is done to the graph itself.' })
  recordId!: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the node; null where it is about a statement.' })
  nodeId!: string | null;
  @Field(() => DiffStatementType, {
    nullable: true,
    description: 'The statement; null where it is about a node.',
  })
  statement!: DiffStatementType | null;
}

export const presentAction = ({ action, record, node, edge }: DiffAction): DiffEntryType => ({
  action,
  recordId: record,
  nodeId: node,
  statement: edge && {
    fromId: edge.from,
    toId: edge.to,
    relation: edge.relation,
    role: edge.role === '' ? null : edge.role,
  },
});

@ObjectType('ChangeModelRunPayload', { description: 'What a change of a run does, or why it was refused.' })
export class ChangeModelRunPayload extends MutationPayload {
  @Field(() => ItemType, {
    nullable: true,
    description: 'The run as it is now; null when it was refused.',
  })
  item?: ProvenanceNode | null;

  @Field(() => [DiffEntryType], {
    nullable: true,
    description:
      'What the graph is told, or would be, in the order in which it is done; empty when nothing of it changes, null when it was refused.',
  })
  diff?: readonly DiffEntryType[] | null;

  @Field(() => JobType, {
    nullable: true,
    description:
      'The last job of the run: the one that applies the diff, unless it was a trial or changed nothing.',
  })
  job?: JobType | null;
}

@ObjectType('ItemImpact', {
  description:
    'What depends on an item, and may be wrong when it is changed. What the caller may not read is told only as hidden parts.',
})
export class ImpactType {
  @Field(() => ProvenanceNodeType, { description: 'The item.' })
  item!: ProvenanceNode;

  @Field(() => LineageConnectionType, {
    description: 'Everything that came of it, with counts, within the limits of lineage.',
  })
  dependents!: unknown;

  @Field(() => LineageConnectionType, {
    description:
      'The runs of models among that, the nearest first: for a run, those that used what it made; for a template, those that follow it.',
  })
  modelRuns!: unknown;
}
