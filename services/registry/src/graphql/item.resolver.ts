import { GraphQLJSONObject } from 'graphql-scalars';
import {
  Arg,
  Args,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { isItem, type Item, type ItemSubtype } from '../domain/node.js';
import {
  hopsConnection,
  itemConnection,
  ItemConnectionType,
  PageArgs,
  RelatedActivityConnectionType,
} from './connection.type.js';
import { DataPoolType } from './data-pool.type.js';
import {
  ArtifactType,
  JobDefinitionType,
  JobType,
  OrganizationType,
  pointer,
  ServiceVersionType,
} from './foreign.type.js';
import { nodeIdOf } from './item-reads.js';
import { ActivityType, ItemType } from './node.type.js';
import type { RegistryContext } from './registry-context.js';
import { normalizeReference, type RecordType } from '../domain/item.js';
import type { ItemOrder } from '../application/ports.js';
import { ItemOrderEnum, RecordTypeEnum } from './item-enums.js';
import { ItemSubtypeEnum, ServiceRuntimeEnum } from './vocabulary.js';

@InputType('ItemFilter', { description: 'Which items to list; what is given must all hold.' })
export class ItemFilterInput {
  @Field(() => ID, { nullable: true, description: 'Items of this organization only.' })
  organizationId?: string | null;

  @Field(() => ItemSubtypeEnum, { nullable: true, description: 'Items of this subtype only.' })
  subtype?: ItemSubtype | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Results of this job only, whosever it is: those that the caller may read.',
  })
  jobId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Words as `searchItems` takes them: of the name, of registered items of all that they say; quotes keep words together, a minus excludes one.',
  })
  text?: string | null;

  @Field(() => RecordTypeEnum, {
    nullable: true,
    description: 'Registered items that are as far as this only. Not beside `jobId`.',
  })
  recordType?: RecordType | null;

  @Field(() => String, {
    nullable: true,
    description: 'Registered items with this tag only. Not beside `jobId`.',
  })
  tag?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'Id or pid of an item that you may see: registered items that name it in their metadata only, such as the runs of a workflow template or of a person. Not beside `jobId`.',
  })
  references?: string | null;
}

@Resolver(() => ItemType)
export class ItemResolver {
  @Query(() => ItemType, {
    nullable: true,
    description: 'An item by its id or pid; null when there is none that the caller may see.',
  })
  async item(
    @Arg('id', () => ID, { description: 'Id of the item, or its pid in any way to write it.' }) id: string,
    @Ctx() { provenance, items }: RegistryContext,
  ) {
    const node = await provenance.node(await nodeIdOf(items, id));
    return node !== null && isItem(node) ? node : null;
  }

  @Query(() => ItemConnectionType, {
    description:
      'Items that the caller may read, newest first unless ordered otherwise; of what the platform recorded, those of his organizations. A cursor goes on in the order in which it was given.',
  })
  async items(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => ItemFilterInput, { nullable: true, description: 'Which ones; all when absent.' })
    filter: ItemFilterInput | null | undefined,
    @Arg('orderBy', () => ItemOrderEnum, { nullable: true, description: 'NEWEST when left out.' })
    orderBy: ItemOrder | null | undefined,
    @Ctx() { provenance }: RegistryContext,
  ) {
    const { organizationId, subtype, jobId, text, recordType, tag, references } = filter ?? {};
    const wanted = {
      organizationId: organizationId ?? undefined,
      subtype: subtype ?? undefined,
      jobId: jobId ?? undefined,
      text: text ?? undefined,
      recordType: recordType ?? undefined,
      tag: tag ?? undefined,
      references: references == null ? undefined : normalizeReference(references),
    };
    return itemConnection(await provenance.items(wanted, orderBy ?? 'NEWEST', page));
  }

  @FieldResolver(() => OrganizationType, { nullable: true, description: 'The organization that owns it.' })
  organization(@Root() item: Item) {
    return pointer(item.organizationId);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'SHA-256 (hex) of the value, of the file, or of a service version of the file of its code, where it is known.',
  })
  sha256(@Root() item: Item) {
    return item.facts.sha256 ?? null;
  }

  @FieldResolver(() => ServiceRuntimeEnum, {
    nullable: true,
    description: 'What the code of a service version is written for; null for everything else.',
  })
  runtime(@Root() item: Item) {
    return item.facts.runtime ?? null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Of an ENVIRONMENT: SHA-256 (hex) of `environment` as JSON with ordered keys and no spaces. Jobs with the same digest ran in the same environment.',
  })
  environmentDigest(@Root() item: Item) {
    return item.facts.environmentDigest ?? null;
  }

  @FieldResolver(() => GraphQLJSONObject, {
    nullable: true,
    description:
      'Of an ENVIRONMENT: runtime and version, image, sandbox, platform, version of the worker and limits (bytes, seconds). Null until a worker has told it, seconds after the first job that ran in it.',
  })
  environment(@Root() item: Item) {
    return item.facts.environment ?? null;
  }

  @FieldResolver(() => ArtifactType, {
    nullable: true,
    description:
      'The stored file that it is or, of a dataset, that it holds, with its content (`downloadUrl`, `download`). Of a dataset null without the role DATA_READ, for a moment after that was granted, while a value is being stored, and once it is withdrawn.',
  })
  async artifact(@Root() item: Item, @Ctx() { items }: RegistryContext) {
    const record = item.registered ? await items.record(item) : null;
    if (record?.data == null) return record?.withdrawn ? null : pointer(item.facts.artifactId);
    const isOpen = record.withdrawn === null && items.roles(record).has('DATA_READ');
    return isOpen && record.data.kind === 'FILE' ? pointer(record.data.artifactId) : null;
  }

  @FieldResolver(() => DataPoolType, {
    nullable: true,
    description:
      'Of a dataset, the data pool that it names as its data; null when the caller may not see that.',
  })
  async dataPool(@Root() item: Item, @Ctx() { items, dataPools }: RegistryContext) {
    const record = item.registered ? await items.record(item) : null;
    return record?.data?.kind === 'POOL' ? dataPools.pool(record.data.dataPoolId) : null;
  }

  @FieldResolver(() => ServiceVersionType, {
    nullable: true,
    description: 'The service version, when it is one.',
  })
  serviceVersion(@Root() item: Item) {
    return pointer(item.facts.serviceVersionId);
  }

  @FieldResolver(() => JobDefinitionType, {
    nullable: true,
    description: 'The job definition, when it is a version of one.',
  })
  jobDefinition(@Root() item: Item) {
    return pointer(item.facts.definitionId);
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'Of a version of a job definition its number; null for everything else.',
  })
  jobDefinitionVersion(@Root() item: Item) {
    return item.facts.definitionVersion ?? null;
  }

  @FieldResolver(() => JobType, {
    nullable: true,
    description: 'The job that made it; null when no job did, or the caller may not see the job.',
  })
  job(@Root() item: Item, @Ctx() { provenance }: RegistryContext) {
    return provenance.jobOf(item.facts.jobId);
  }

  @FieldResolver(() => ActivityType, {
    nullable: true,
    description: 'The activity that made it; null when none is known.',
  })
  async wasGeneratedBy(@Root() item: Item, @Ctx() { provenance }: RegistryContext) {
    const { rows } = await provenance.hops(item, 'UPSTREAM', 'WAS_GENERATED_BY', { first: 1 });
    return rows[0]?.node ?? null;
  }

  @FieldResolver(() => RelatedActivityConnectionType, {
    description:
      "Activities that used it and that the caller may read, newest first. Of something that organizations beside the caller's have named more than 2 000 times, of theirs only some.",
  })
  async usedBy(
    @Root() item: Item,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return hopsConnection(await provenance.hops(item, 'DOWNSTREAM', 'USED', page));
  }
}
