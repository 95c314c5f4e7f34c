import { connectionOf, PageInfoType, UserErrorType, MutationPayload } from '@weft/subgraph';
import { pageOf, encodeCursor } from '@weft/database';
import { GraphQLJSON } from 'graphql-scalars';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { ListedRequest, LockEvent } from '../application/item-reader.js';
import type { Grant, ItemRole } from '../domain/access.js';
import type { AccessRequestState } from '../domain/access-request.js';
import type { ActivityWorkflow, ActivityWorkflowKind, WorkflowState } from '../domain/activity-workflow.js';
import type { ItemRevision, RevisionAction, Withdrawal } from '../domain/item.js';
import type { ProvenanceNode } from '../domain/node.js';
import type { PrincipalKind } from '../domain/principal.js';
import { JobType, UserType } from './foreign.type.js';
import {
  AccessRequestStateEnum,
  ActivityWorkflowKindEnum,
  ItemRoleEnum,
  PrincipalKindEnum,
  RevisionActionEnum,
  WorkflowStateEnum,
} from './item-enums.js';
import { ItemType } from './node.type.js';
import type { Slice } from './provenance.js';

@ObjectType('ItemWithdrawal', {
  description: 'That an item was taken out of use: what is left is a tombstone.',
})
export class WithdrawalType {
  @Field(() => Date, { description: 'When.' })
  at!: Date;
  @Field(() => String, { description: 'Why.' })
  reason!: string;
  @Field(() => UserType, { nullable: true, description: 'Who did it. Null for whom you may not see.' })
  user!: UserType;
}

export const presentWithdrawal = ({ at, by, reason }: Withdrawal): WithdrawalType => ({
  at,
  reason,
  user: { id: by },
});

@ObjectType('ItemRevision', { description: 'An item as it was after an edit in place.' })
export class RevisionType {
  @Field(() => Int, { description: 'Number of the revision, from 1.' })
  revision!: number;
  @Field(() => RevisionActionEnum, { description: 'What the edit did.' })
  action!: RevisionAction;
  @Field(() => Date, { description: 'When.' })
  at!: Date;
  @Field(() => UserType, { nullable: true, description: 'Who did it. Null for whom you may not see.' })
  user!: UserType;
  @Field(() => String, { nullable: true, description: 'Why; null for the first one and for the completion.' })
  reason!: string | null;
  @Field(() => Int, { nullable: true, description: 'The revision whose content came back, for REVERTED.' })
  revertsTo!: number | null;
  @Field(() => String, { description: 'The name it had.' })
  name!: string;
  @Field(() => Int, { description: 'Version of the schema that its metadata fits.' })
  schemaVersion!: number;
  @Field(() => GraphQLJSON, { nullable: true, description: 'The metadata it had; null while it was a seed.' })
  metadata!: ItemRevision['metadata'];
  @Field(() => [String], { description: 'The tags it had.' })
  tags!: readonly string[];
}

@ObjectType('ItemLockEvent', { description: 'That an item was locked or unlocked.' })
export class LockEventType {
  @Field(() => Boolean, { description: 'True: it was locked.' })
  locked!: boolean;
  @Field(() => Date, { description: 'When.' })
  at!: Date;
  @Field(() => UserType, { nullable: true, description: 'Who did it. Null for whom you may not see.' })
  user!: UserType;
  @Field(() => String, { description: 'Why.' })
  reason!: string;
}

@ObjectType('ItemGrant', { description: 'Roles on an item for somebody.' })
export class GrantType {
  @Field(() => PrincipalKindEnum, { description: 'To whom.' })
  kind!: PrincipalKind;
  @Field(() => ID, {
    nullable: true,
    description: 'Id of the organization, team or user; null for EVERYONE.',
  })
  principalId!: string | null;
  @Field(() => [ItemRoleEnum], { description: 'The roles.' })
  roles!: readonly ItemRole[];
  @Field(() => Date, { nullable: true, description: 'When it ends by itself; null: it stays.' })
  expiresAt!: Date | null;
}

export const presentGrant = ({ expiresAt, ...grant }: Grant): GrantType => ({
  ...grant,
  expiresAt: expiresAt == null ? null : new Date(expiresAt),
});

@ObjectType('ItemAlias', { description: 'A name that points to one version of an item and can be moved.' })
export class AliasType {
  @Field(() => String, { description: 'The name, such as `prod`.' })
  name!: string;
  @Field(() => Date, { description: 'When it was moved there.' })
  movedAt!: Date;
  @Field(() => UserType, { nullable: true, description: 'Who did it. Null for whom you may not see.' })
  movedBy!: UserType;
  /** For the resolver of `item`. */
  key!: number;
}

@ObjectType('ActivityWorkflowStep', { description: 'A job of a workflow of the registry.' })
export class WorkflowStepType {
  @Field(() => String, { description: '`register`, or `lodge`, which needs it where there is one.' })
  key!: string;
  @Field(() => WorkflowStateEnum, { description: 'Where it stands, as far as the registry has heard.' })
  state!: WorkflowState;
  @Field(() => JobType, {
    nullable: true,
    description:
      'The job; null for the moment until the jobs service has heard of it. After a retry, the one that has the last word.',
  })
  job!: JobType | null;
}

@ObjectType('ActivityWorkflow', {
  description:
    'How the registry writes down by itself how an item came to be: a job registers the activity, a second lodges its provenance. Of a model run, one job lodges its provenance.',
})
export class ActivityWorkflowType {
  @Field(() => ID, {
    description: 'Id of the workflow, also in the jobs service: `workflow(id)`, `workflowChanged(id)`.',
  })
  id!: string;
  @Field(() => ActivityWorkflowKindEnum, { description: 'What it writes down.' })
  kind!: ActivityWorkflowKind;
  @Field(() => WorkflowStateEnum, { description: 'What its steps add up to.' })
  state!: WorkflowState;
  @Field(() => Date, { description: 'When the item, or its version, was made.' })
  requestedAt!: Date;
  @Field(() => [WorkflowStepType], { description: 'Its jobs, in their order.' })
  steps!: WorkflowStepType[];
  /** For the resolver of `activity`. */
  activityId!: ActivityWorkflow['activityId'];
}

@ObjectType('ItemAccessRequest', { description: 'That somebody asked for roles on an item.' })
export class AccessRequestType {
  @Field(() => ID, { description: 'Id of the request.' })
  id!: string;
  @Field(() => UserType, { nullable: true, description: 'Who asks. Null for whom you may not see.' })
  user!: UserType;
  @Field(() => [ItemRoleEnum], { description: 'The roles asked for.' })
  roles!: readonly ItemRole[];
  @Field(() => String, { description: 'What for.' })
  note!: string;
  @Field(() => Date, { nullable: true, description: 'Until when; null: for good.' })
  expiresAt!: Date | null;
  @Field(() => AccessRequestStateEnum, { description: 'What became of it.' })
  state!: AccessRequestState;
  @Field(() => Date, { description: 'When it was asked.' })
  requestedAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When it was decided or cancelled.' })
  decidedAt!: Date | null;
  @Field(() => UserType, {
    nullable: true,
    description: 'Who decided or cancelled it. Null for whom you may not see.',
  })
  decidedBy!: UserType | null;
  @Field(() => String, { nullable: true, description: 'What the decision was accompanied by.' })
  decisionNote!: string | null;
  /** For the resolver of `item`. */
  itemId!: string;
}

export const presentRequest = ({ decision, userId, ...request }: ListedRequest): AccessRequestType => ({
  ...request,
  user: { id: userId },
  decidedAt: decision?.at ?? null,
  decidedBy: decision === null ? null : { id: decision.by },
  decisionNote: decision?.note ?? null,
});

/** A connection of values that are presented as they are listed. */
export function listOf(name: string, node: () => unknown, what: string) {
  @ObjectType(`${name}Edge`, { description: `One of ${what}, with its place in the list.` })
  class Edge {
    @Field(() => String, { description: 'Place in the list.' })
    cursor!: string;
    @Field(node as never, { description: 'What stands there.' })
    node!: unknown;
  }
  @ObjectType(`${name}Connection`, { description: `A page of ${what}.` })
  class Connection {
    @Field(() => [Edge], { description: 'The entries of this page.' })
    edges!: Edge[];
    @Field(() => PageInfoType, { description: 'Where the page ends.' })
    pageInfo!: PageInfoType;
  }
  return Connection;
}

export const RevisionConnectionType = listOf(
  'ItemRevision',
  () => RevisionType,
  'the edits of an item, the last first',
);
export const LockEventConnectionType = listOf(
  'ItemLockEvent',
  () => LockEventType,
  'locks and unlocks, the last first',
);
export const VersionConnectionType = listOf(
  'ItemVersion',
  () => ItemType,
  'the versions of an item, the last first',
);
export const AccessRequestConnectionType = listOf(
  'ItemAccessRequest',
  () => AccessRequestType,
  'requests for access, the last first',
);

/** A page of a list, each row as `present` shows it. */
export const presentSlice = <Row, Node>(
  { rows, first, continued }: Slice<Row>,
  key: (row: Row) => readonly (string | number)[],
  present: (row: Row) => Node,
) => connectionOf(pageOf(rows, first), (row) => encodeCursor(key(row)), present, continued);

export const presentRevision = ({ userId, ...revision }: ItemRevision): RevisionType => ({
  ...revision,
  user: { id: userId },
});

export const presentLock = ({ action, at, reason, userId }: LockEvent): LockEventType => ({
  locked: action === 'LOCK',
  at,
  reason,
  user: { id: userId },
});

@ObjectType('ItemPayload', { description: 'The item, or why it was refused.' })
export class ItemPayload extends MutationPayload {
  @Field(() => ItemType, { nullable: true, description: 'The item as it is now; null when it was refused.' })
  item?: ProvenanceNode | null;
}

@ObjectType('CreateItemPayload', { description: 'The new item, or why it was refused.' })
export class CreateItemPayload extends ItemPayload {
  @Field(() => Boolean, {
    nullable: true,
    description: 'The idempotency key had been used for the same input: this is the item of the first time.',
  })
  repeated?: boolean | null;
}

@ObjectType('ItemAccessRequestPayload', { description: 'The request, or why it was refused.' })
export class AccessRequestPayload extends MutationPayload {
  @Field(() => ID, { nullable: true, description: 'Id of the request; null when it was refused.' })
  requestId?: string | null;
}

@ObjectType('ItemMetadataCheck', { description: 'What is wrong with metadata.' })
export class MetadataCheckType {
  @Field(() => Boolean, { description: 'Whether an item could be registered with it.' })
  valid!: boolean;
  @Field(() => [UserErrorType], { description: 'Everything that is wrong, each with its path.' })
  userErrors!: UserErrorType[];
}

@ObjectType('ItemChanged', { description: 'An item as it is after a change.' })
export class ItemChangedType {
  @Field(() => Int, {
    description: 'Position of this payload; pass the last one as `after` to go on from there.',
  })
  seq!: number;
  @Field(() => ItemType, { description: 'The item with all it has.' })
  item!: ProvenanceNode;
}
