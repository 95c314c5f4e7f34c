import { payload } from '@weft/subgraph';
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { ProvenanceRecord } from '../application/record-reader.js';
import type { ProvenanceNode } from '../domain/node.js';
import type { Notation } from '../domain/prov-document.js';
import { PageArgs } from './connection.type.js';
import { readerOf, valueOf } from './export.resolver.js';
import { JobType, OrganizationType, pointer, UserType } from './foreign.type.js';
import { presentSlice } from './item.type.js';
import { ItemType } from './node.type.js';
import { NotationEnum } from './prov-document.type.js';
import type { Slice } from './provenance.js';
import {
  ImportProvenanceInput,
  ImportProvenancePayload,
  ProvenanceRecordType,
  RecordConnectionType,
  RecordWithdrawalType,
  WithdrawRecordInputType,
  WithdrawRecordPayload,
} from './record.type.js';
import type { RegistryContext } from './registry-context.js';

const connection = (slice: Slice<ProvenanceRecord>) =>
  presentSlice(
    slice,
    ({ id }) => [id],
    (record) => record,
  );

@Resolver(() => ProvenanceRecordType)
export class RecordResolver {
  @Query(() => ProvenanceRecordType, {
    nullable: true,
    description: 'A record by its id; null when there is none that the caller may read.',
  })
  record(
    @Arg('id', () => ID, { description: 'Id of the record.' }) id: string,
    @Ctx() { records }: RegistryContext,
  ) {
    return records.record(id);
  }

  @Query(() => RecordConnectionType, {
    description:
      'Records of an organization that the caller may read: those that were lodged, the newest first, and then those of its jobs, the newest first.',
  })
  async records(
    @Arg('organizationId', () => ID, { description: 'Id of the organization.' }) organizationId: string,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { records }: RegistryContext,
  ) {
    return connection(await records.ofOrganization(organizationId, page));
  }

  @Mutation(() => ImportProvenancePayload, {
    description:
      'Keeps a document of W3C PROV as a record, each bundle of it as one more, and what they speak of as nodes: an IRI is one node of the organization, a pid or id of this registry that the caller may read is what it names here. Says nothing of what the platform recorded itself. Needs the role MAINTAINER in the organization. Refused with PROV_MALFORMED (with the place), PROV_INVALID, PROV_TOO_EXPENSIVE, PAYLOAD_TOO_LARGE, IDEMPOTENCY_CONFLICT.',
  })
  async importProvenance(
    @Arg('input', () => ImportProvenanceInput, { description: 'The document.' }) input: ImportProvenanceInput,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    const outcome = await context.exchange.importProvenance(context, input);
    context.provenance.forget();
    context.records.forget();
    const record = outcome.ok ? await context.records.record(outcome.value.recordId) : null;
    return payload(Promise.resolve(outcome), ({ repeated }) => ({ record, repeated }));
  }

  @Mutation(() => WithdrawRecordPayload, {
    description:
      'Takes an import back, with its bundles: what only it asserts leaves the graph and every answer, what others assert stays. The record stays and tells who, when and why; its text is not imported again. Doing it again changes nothing. Needs the role MAINTAINER in its organization. Refused with NOT_FOUND, FORBIDDEN, BAD_USER_INPUT (a bundle alone, no reason).',
  })
  async withdrawRecord(
    @Arg('input', () => WithdrawRecordInputType, { description: 'Which import, and why.' })
    input: WithdrawRecordInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    const outcome = await context.exchange.withdrawRecord(context, input);
    context.provenance.forget();
    context.records.forget();
    const record = outcome.ok ? await context.records.record(outcome.value.recordId) : null;
    return payload(Promise.resolve(outcome), () => ({ record }));
  }

  @FieldResolver(() => RecordWithdrawalType, {
    nullable: true,
    description: 'Of an import that was taken back: when, by whom and why. Its document is still told.',
  })
  withdrawn(@Root() { withdrawn }: ProvenanceRecord): RecordWithdrawalType | null {
    return withdrawn && { at: new Date(withdrawn.at), reason: withdrawn.reason, user: { id: withdrawn.by } };
  }

  @FieldResolver(() => Int, {
    description:
      'How many statements it holds. Of an imported document its own, without those of its bundles; of other records relations between what the caller may read, of a job 10 000 at most.',
  })
  statementCount(@Root() record: ProvenanceRecord, @Ctx() { records }: RegistryContext): Promise<number> {
    return records.statementsOf(record);
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who lodged it; of a job who submitted that. Null for whom you may not see.',
  })
  lodgedBy(@Root() record: ProvenanceRecord) {
    return pointer(record.lodgedBy);
  }

  @FieldResolver(() => OrganizationType, {
    nullable: true,
    description: 'The organization whose record it is. Null where you may not see it.',
  })
  organization(@Root() record: ProvenanceRecord) {
    return pointer(record.organizationId);
  }

  @FieldResolver(() => JobType, {
    nullable: true,
    description: 'The job that lodged it, or of which it tells; null for an import.',
  })
  job(@Root() record: ProvenanceRecord) {
    return pointer(record.jobId);
  }

  @FieldResolver(() => ProvenanceRecordType, {
    nullable: true,
    description: 'Of a bundle of an imported document: the record of the document.',
  })
  parent(@Root() { parentId }: ProvenanceRecord, @Ctx() { records }: RegistryContext) {
    return parentId === null ? null : records.record(parentId);
  }

  @FieldResolver(() => RecordConnectionType, {
    description: 'Of an imported document the records of its bundles; of all else none.',
  })
  async bundles(
    @Root() record: ProvenanceRecord,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { records }: RegistryContext,
  ) {
    return connection(await records.bundlesOf(record, page));
  }

  @FieldResolver(() => String, {
    description:
      'What it states, in a notation. Of an import the very statements of the document with its bundles, or of the bundle; of other records those whose ends the caller may read, at most 10 000.',
  })
  async document(
    @Root() record: ProvenanceRecord,
    @Arg('notation', () => NotationEnum, { description: 'The notation.' }) notation: Notation,
    @Ctx() { actor, exchange }: RegistryContext,
  ): Promise<string> {
    return valueOf(await exchange.recordDocument(readerOf(actor), record, notation));
  }
}

@Resolver(() => ItemType)
export class ItemRecordsResolver {
  @FieldResolver(() => RecordConnectionType, {
    description:
      'Records that speak of the item and that the caller may read: those that were lodged, the newest first, and then those of jobs that used or made it, the newest first.',
  })
  async records(
    @Root() node: ProvenanceNode,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { records }: RegistryContext,
  ) {
    return connection(await records.ofNode(node, page));
  }
}
