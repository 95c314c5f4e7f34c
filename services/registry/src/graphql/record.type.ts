import { graphqlEnum, MutationPayload, PageInfoType } from '@weft/subgraph';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { ImportInput } from '../application/import-provenance.js';
import type { ProvenanceRecord, RecordKind } from '../application/record-reader.js';
import type { WithdrawRecordInput } from '../application/withdraw-record.js';
import type { ReadNotation } from '../domain/prov-document.js';
import { UserType } from './foreign.type.js';
import { ReadNotationEnum } from './prov-document.type.js';

export const RecordKindEnum = graphqlEnum<RecordKind>('ProvenanceRecordKind', 'What a record tells of.', {
  CREATE: 'How an item came to be.',
  VERSION: 'How a new version of an item came to be.',
  MODEL_RUN: 'A model run.',
  IMPORT: 'What a document of others states, or a bundle in it.',
  JOB: 'What the platform recorded of a job: whoever ran it, what it used and what it made.',
});

@ObjectType('ProvenanceRecord', {
  description:
    'Statements that were lodged together, or that the platform recorded of a job: a bundle of PROV.',
})
export class ProvenanceRecordType {
  @Field(() => ID, { description: 'Id of the record.' })
  id!: string;

  @Field(() => RecordKindEnum, { description: 'What it tells of.' })
  kind!: RecordKind;

  @Field(() => String, { description: 'Name for people.' })
  name!: string;

  @Field(() => Date, { description: 'When it was lodged; of a job when that ended.' })
  lodgedAt!: Date;

  @Field(() => String, {
    nullable: true,
    description: 'IRI of the bundle of an imported document that it is; null for all else.',
  })
  bundle!: string | null;
}

@InputType('WithdrawRecordInput', { description: 'Which import is taken back, and why.' })
export class WithdrawRecordInputType implements WithdrawRecordInput {
  @Field(() => ID, { description: 'Id of the record of the document; its bundles go with it.' })
  id!: string;

  @Field(() => String, { description: 'Why, 1 to 2000 characters; the record tells it.' })
  reason!: string;
}

@ObjectType('WithdrawRecordPayload', { description: 'The record as a tombstone.' })
export class WithdrawRecordPayload extends MutationPayload {
  @Field(() => ProvenanceRecordType, { nullable: true, description: 'The record; null when it was refused.' })
  record!: ProvenanceRecord | null;
}

@ObjectType('ProvenanceRecordWithdrawal', {
  description: 'That an import was taken back: what is left of it is its record.',
})
export class RecordWithdrawalType {
  @Field(() => Date, { description: 'When.' })
  at!: Date;

  @Field(() => String, { description: 'Why.' })
  reason!: string;

  @Field(() => UserType, { nullable: true, description: 'Who did it. Null for whom you may not see.' })
  user!: UserType;
}

@ObjectType('ProvenanceRecordEdge', { description: 'A record in a list.' })
class RecordEdge {
  @Field(() => String, { description: 'Place in the list.' })
  cursor!: string;

  @Field(() => ProvenanceRecordType, { description: 'The record.' })
  node!: ProvenanceRecord;
}

@ObjectType('ProvenanceRecordConnection', {
  description:
    'A page of records: those that were lodged, the newest first, and then those of jobs, the newest first.',
})
export class RecordConnectionType {
  @Field(() => [RecordEdge], { description: 'The records of this page.' })
  edges!: RecordEdge[];

  @Field(() => PageInfoType, { description: 'Where the page ends.' })
  pageInfo!: PageInfoType;
}

@InputType({ description: 'A document of W3C PROV to be kept as a record.' })
export class ImportProvenanceInput implements ImportInput {
  @Field(() => ID, {
    nullable: true,
    description: "The organization whose record it will be; the caller's personal one when left out.",
  })
  organizationId?: string | null;

  @Field(() => String, {
    description: 'The document: at most 1 MB of UTF-8, 20 000 statements and 1 000 bundles.',
  })
  text!: string;

  @Field(() => ReadNotationEnum, { description: 'How it is written.' })
  notation!: ReadNotation;

  @Field(() => String, { description: 'Name of the record for people, 1 to 200 characters.' })
  name!: string;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Import it though it contradicts PROV-CONSTRAINTS; else it is refused with PROV_INVALID.',
  })
  allowInvalid?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Chosen by the caller, 1 to 200 characters: another document under the same key is refused. The same document is one record with and without a key.',
  })
  idempotencyKey?: string | null;
}

@ObjectType('ImportProvenancePayload', { description: 'The record of an imported document.' })
export class ImportProvenancePayload extends MutationPayload {
  @Field(() => ProvenanceRecordType, { nullable: true, description: 'The record; null when it was refused.' })
  record!: ProvenanceRecord | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the organization had imported this very text before: it is the record of then.',
  })
  repeated!: boolean | null;
}
