import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, ID, InputType, Int } from 'type-graphql';
import type { CloneItemInput, CreateItemVersionInput } from '../application/copy-item.js';
import type { CreateItemInput } from '../application/create-item.js';
import type { CompleteItemInput, EditItemInput, RevertItemInput } from '../application/edit-item.js';
import type {
  LockItemInput,
  MoveItemAliasInput,
  TransferItemInput,
  WithdrawItemInput,
} from '../application/govern-item.js';
import type { DecideItemAccessInput, RequestItemAccessInput } from '../application/request-access.js';
import type { Grant, ItemRole } from '../domain/access.js';
import type { RegisterJobResultInput } from '../application/register-job-result.js';
import type { RegisteredSubtype } from '../domain/node.js';
import type { PrincipalKind } from '../domain/principal.js';
import { DatasetDataInputType } from './dataset-data.input.js';
import { ItemRoleEnum, PrincipalKindEnum, RegisteredSubtypeEnum } from './item-enums.js';

const ID_OR_PID = 'Id or pid of the item.';
const METADATA =
  'JSON that fits the schema of the type, up to 256 kB; `itemType(subtype)` has the schema, `checkItemMetadata` tries it.';
const TAGS = 'Up to 50 words of 1 to 64 characters; white space around them is left out, each is kept once.';
const REASON = 'Why, in 1 to 2 000 characters; others will read it.';
const EXPECTED =
  'The revision that the change starts from: CONFLICT when the item has moved on since. Left out: whatever it is.';

const DATA = 'Of a dataset: the file or data pool that it holds. Later by `setDatasetData`, once.';

type Json = Readonly<Record<string, unknown>>;

@InputType('CreateItemInput', { description: 'What is to be registered.' })
export class CreateItemInputType implements CreateItemInput {
  @Field(() => ID, {
    nullable: true,
    description: 'Who will own it; your personal organization when left out. Needs the role MAINTAINER.',
  })
  organizationId?: string | null;
  @Field(() => RegisteredSubtypeEnum, { description: 'What it is.' })
  subtype!: RegisteredSubtype;
  @Field(() => String, {
    nullable: true,
    description: 'Name for people, 1 to 200 characters; made of the metadata when left out.',
  })
  name?: string | null;
  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: `${METADATA} Left out: a seed, which has its persistent identifier at once and its content by \`completeItem\`.`,
  })
  metadata?: Json | null;
  @Field(() => Int, { nullable: true, description: 'Version of the schema; the current one when left out.' })
  schemaVersion?: number | null;
  @Field(() => [String], { nullable: true, description: TAGS })
  tags?: string[] | null;
  @Field(() => String, {
    nullable: true,
    description:
      'Unique in the organization: repeating a request under it gives the same item, a different one under it is IDEMPOTENCY_CONFLICT.',
  })
  idempotencyKey?: string | null;
  @Field(() => DatasetDataInputType, { nullable: true, description: DATA })
  data?: DatasetDataInputType | null;
}

@InputType('RegisterJobResultInput', { description: 'Which result of a job becomes a dataset.' })
export class RegisterJobResultInputType implements RegisterJobResultInput {
  @Field(() => ID, { description: 'The job that made it, which has ended.' })
  jobId!: string;
  @Field(() => Int, {
    nullable: true,
    description: 'Which item of the job made it, from 0; the first when left out.',
  })
  itemIndex?: number | null;
  @Field(() => String, {
    nullable: true,
    description: 'Name for people, 1 to 200 characters; made of the metadata when left out.',
  })
  name?: string | null;
  @Field(() => GraphQLJSONObject, {
    description: `What a dataset has: \`itemType(subtype: DATASET)\`. ${METADATA}`,
  })
  metadata!: Json;
  @Field(() => Int, { nullable: true, description: 'Version of the schema; the current one when left out.' })
  schemaVersion?: number | null;
  @Field(() => [String], { nullable: true, description: TAGS })
  tags?: string[] | null;
  @Field(() => String, {
    nullable: true,
    description:
      'Unique in the organization: repeating a request under it gives the same item, a different one under it is IDEMPOTENCY_CONFLICT.',
  })
  idempotencyKey?: string | null;
}

@InputType('CompleteItemInput', { description: 'The content of a seed.' })
export class CompleteItemInputType implements CompleteItemInput {
  @Field(() => ID, { description: ID_OR_PID })
  id!: string;
  @Field(() => String, {
    nullable: true,
    description: 'Name for people; made of the metadata when left out.',
  })
  name?: string | null;
  @Field(() => GraphQLJSONObject, { description: METADATA })
  metadata!: Json;
  @Field(() => Int, { nullable: true, description: 'Version of the schema; the current one when left out.' })
  schemaVersion?: number | null;
  @Field(() => [String], { nullable: true, description: TAGS })
  tags?: string[] | null;
  @Field(() => Int, { nullable: true, description: EXPECTED })
  expectedRevision?: number | null;
  @Field(() => DatasetDataInputType, { nullable: true, description: `${DATA} Needs DATA_WRITE.` })
  data?: DatasetDataInputType | null;
}

@InputType('EditItemInput', { description: 'What is to change; all that is left out stays.' })
export class EditItemInputType implements EditItemInput {
  @Field(() => ID, { description: ID_OR_PID })
  id!: string;
  @Field(() => String, {
    nullable: true,
    description: 'Another name for people. Left out beside new metadata: made of these.',
  })
  name?: string | null;
  @Field(() => GraphQLJSONObject, { nullable: true, description: `The whole new metadata. ${METADATA}` })
  metadata?: Json | null;
  @Field(() => Int, { nullable: true, description: 'Another version of the schema than the item has.' })
  schemaVersion?: number | null;
  @Field(() => [String], { nullable: true, description: `All tags it is to have. ${TAGS}` })
  tags?: string[] | null;
  @Field(() => Int, { nullable: true, description: EXPECTED })
  expectedRevision?: number | null;
  @Field(() => String, { description: REASON })
  reason!: string;
}

@InputType('RevertItemInput', { description: 'Which content is to come back.' })
export class RevertItemInputType implements RevertItemInput {
  @Field(() => ID, { description: ID_OR_PID })
  id!: string;
  @Field(() => Int, { description: 'The revision whose content comes back, as a new revision.' })
  revision!: number;
  @Field(() => Int, { nullable: true, description: EXPECTED })
  expectedRevision?: number | null;
  @Field(() => String, { description: REASON })
  reason!: string;
}

@InputType('CreateItemVersionInput', { description: 'Of what a new version is to be made.' })
export class CreateItemVersionInputType implements CreateItemVersionInput {
  @Field(() => ID, { description: 'Id or pid of the latest version.' })
  id!: string;
  @Field(() => String, { description: REASON })
  reason!: string;
  @Field(() => DatasetDataInputType, {
    nullable: true,
    description: 'Of a dataset: what it holds from this version on; left out, what it held before.',
  })
  data?: DatasetDataInputType | null;
}

@InputType('CloneItemInput', { description: 'What is to be copied.' })
export class CloneItemInputType implements CloneItemInput {
  @Field(() => ID, { description: ID_OR_PID })
  id!: string;
  @Field(() => ID, {
    nullable: true,
    description: 'Who will own the copy; your personal organization when left out.',
  })
  organizationId?: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Name of the copy; that of the original when left out.',
  })
  name?: string | null;
}

@InputType('LockItemInput', { description: 'Which item is locked or unlocked, and why.' })
export class LockItemInputType implements LockItemInput {
  @Field(() => ID, { description: ID_OR_PID })
  id!: string;
  @Field(() => String, { description: REASON })
  reason!: string;
}

@InputType('ItemGrantInput', { description: 'Roles on an item for somebody.' })
export class GrantInputType {
  @Field(() => PrincipalKindEnum, { description: 'To whom.' })
  kind!: PrincipalKind;
  @Field(() => ID, {
    nullable: true,
    description: 'Id of the organization, team or user; left out for EVERYONE.',
  })
  principalId?: string | null;
  @Field(() => [ItemRoleEnum], { description: 'At least one role.' })
  roles!: ItemRole[];
  @Field(() => Date, {
    nullable: true,
    description:
      'When it ends by itself; left out: it stays. Somebody may have one grant for good and others for a while. Not for EVERYONE.',
  })
  expiresAt?: Date | null;
}

/** As it is kept. */
export const grantOfInput = ({ principalId, expiresAt, ...grant }: GrantInputType): Grant => ({
  ...grant,
  principalId: principalId ?? null,
  ...(expiresAt == null ? {} : { expiresAt: expiresAt.toISOString() }),
});

@InputType('SetItemAccessInput', { description: 'Who is to have which roles.' })
export class SetItemAccessInputType {
  @Field(() => ID, { description: ID_OR_PID })
  id!: string;
  @Field(() => Int, {
    nullable: true,
    description:
      'The `Item.seq` that came with the access you read: CONFLICT when anything of the item has changed since, such as a grant by an approved request. Left out: whatever it is.',
  })
  expectedSeq?: number | null;
  @Field(() => [GrantInputType], {
    description:
      'All grants that it is to have, at most 100. The owner and the OWNERs of its organization need none.',
  })
  grants!: GrantInputType[];
}

@InputType('TransferItemInput', { description: 'To whom an item is given.' })
export class TransferItemInputType implements TransferItemInput {
  @Field(() => ID, { description: ID_OR_PID })
  id!: string;
  @Field(() => ID, {
    nullable: true,
    description: 'The organization that is to own it, in which you have the role MAINTAINER.',
  })
  organizationId?: string | null;
  @Field(() => ID, {
    nullable: true,
    description: 'The user who is to own it; you, when only the organization changes.',
  })
  ownerId?: string | null;
}

@InputType('WithdrawItemInput', { description: 'Which item is taken out of use, and why.' })
export class WithdrawItemInputType implements WithdrawItemInput {
  @Field(() => ID, { description: ID_OR_PID })
  id!: string;
  @Field(() => String, { description: REASON })
  reason!: string;
}

@InputType('ItemAliasInput', { description: 'A name that is to point to a version.' })
export class AliasInputType implements MoveItemAliasInput {
  @Field(() => ID, {
    description: 'Id or pid of the version; to remove an alias, of any version of the series.',
  })
  id!: string;
  @Field(() => String, {
    description:
      'The name, with or without `@`: 1 to 40 lower-case letters, digits, `-` and `_`, a letter first; not `latest`.',
  })
  alias!: string;
}

@InputType('RequestItemAccessInput', { description: 'Roles that you ask for.' })
export class RequestAccessInputType implements RequestItemAccessInput {
  @Field(() => ID, { description: ID_OR_PID })
  id!: string;
  @Field(() => [ItemRoleEnum], { description: 'The roles; those that you have already are left out.' })
  roles!: ItemRole[];
  @Field(() => String, { description: 'What you need them for, in 1 to 2 000 characters.' })
  note!: string;
  @Field(() => Date, { nullable: true, description: 'Until when you need them; left out: for good.' })
  expiresAt?: Date | null;
}

@InputType('DecideItemAccessInput', { description: 'What becomes of a request.' })
export class DecideAccessInputType implements DecideItemAccessInput {
  @Field(() => ID, { description: 'Id of the request.' })
  requestId!: string;
  @Field(() => Boolean, { description: 'Whether the roles are given.' })
  approve!: boolean;
  @Field(() => String, {
    nullable: true,
    description: 'A word for the one who asked, up to 2 000 characters.',
  })
  note?: string | null;
  @Field(() => Date, {
    nullable: true,
    description: 'Until when the roles are given. Left out: as was asked; null: for good.',
  })
  expiresAt?: Date | null;
}

@InputType('CheckItemMetadataInput', { description: 'Metadata that is to be tried.' })
export class CheckMetadataInputType {
  @Field(() => RegisteredSubtypeEnum, { description: 'The type of the item.' })
  subtype!: RegisteredSubtype;
  @Field(() => Int, { nullable: true, description: 'Version of the schema; the current one when left out.' })
  schemaVersion?: number | null;
  @Field(() => GraphQLJSONObject, { description: METADATA })
  metadata!: Json;
}
