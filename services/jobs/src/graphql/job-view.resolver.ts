// Saved views: a filter and an order under a name, of one's own or shared in an organization.
import { encodeCursor, pageRequest } from '@weft/database';
import { hasScope } from '@weft/identity';
import { connectionOf, presentUserErrors, UserErrorType, type ConnectionOf } from '@weft/subgraph';
import { GraphQLJSON } from 'graphql-scalars';
import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import type { JobOrder } from '../application/job-list.js';
import type { JobReader } from '../application/job-reader.js';
import type { Ports } from '../application/ports.js';
import type { JobView, RecordReader } from '../application/record-ports.js';
import { deleteView, saveView } from '../application/save-view.js';
import { checkFilter, filterOf, JobFilterInput, JobOrderEnum } from './job-filter.input.js';
import { pageOfJobs } from './job-queries.resolver.js';
import { JobConnectionType, type JobType } from './job.type.js';
import { requireRead, type JobsContext } from './jobs-context.js';
import { OrganizationRef, UserRef } from './references.js';
import { AFTER, FIRST, connection } from './paging.js';
import { noScope } from './write-rights.js';

@ObjectType('JobView', { description: 'A filter and an order of jobs, kept under a name.' })
export class JobViewType {
  source!: JobView;
  @Field(() => ID, { description: 'Id of the view.' })
  id!: string;
  @Field(() => String, { description: 'Its name, unique among the views of its owner in the organization.' })
  name!: string;
  @Field(() => Boolean, { description: 'Whether every member of the organization sees it.' })
  shared!: boolean;
  @Field(() => GraphQLJSON, { description: 'The conditions, by the names of the fields of `JobFilter`.' })
  filter!: unknown;
  @Field(() => JobOrderEnum, { description: 'The order.' })
  orderBy!: JobOrder;
  @Field(() => Date, { description: 'When it was last changed.' })
  updatedAt!: Date;
}

const JobViewConnectionType = connection('JobView', () => JobViewType, 'view').connection;

@InputType('SaveJobViewInput', { description: 'A view to keep; one of the same name is replaced.' })
export class SaveJobViewInput {
  @Field(() => ID, { description: 'The organization to which it belongs.' })
  organizationId!: string;
  @Field(() => String, { description: 'Its name, 1 to 100 characters.' })
  name!: string;
  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether every member sees it, which needs the role MAINTAINER; false when left out.',
  })
  shared?: boolean | null;
  @Field(() => JobFilterInput, { nullable: true, description: 'Which jobs; all when left out.' })
  filter?: JobFilterInput | null;
  @Field(() => JobOrderEnum, { nullable: true, description: 'NEWEST when left out.' })
  orderBy?: JobOrder | null;
}

@InputType('DeleteJobViewInput', { description: 'Which view to delete.' })
export class DeleteJobViewInput {
  @Field(() => ID, { description: 'Id of the view.' })
  id!: string;
}

@ObjectType('SaveJobViewPayload', { description: 'The view, or why it was refused.' })
export class SaveJobViewPayload {
  @Field(() => JobViewType, { nullable: true, description: 'The view as it is kept.' })
  view!: JobViewType | null;
  @Field(() => [UserErrorType], { description: 'Everything that is wrong with the input.' })
  userErrors!: UserErrorType[];
}

@ObjectType('DeleteJobViewPayload', { description: 'What was deleted, or why it was refused.' })
export class DeleteJobViewPayload {
  @Field(() => ID, { nullable: true, description: 'Id of the view that is gone.' })
  deletedViewId!: string | null;
  @Field(() => [UserErrorType], { description: 'Everything that is wrong with the input.' })
  userErrors!: UserErrorType[];
}

const presentView = (view: JobView): JobViewType => ({
  source: view,
  id: view.id,
  name: view.name,
  shared: view.shared,
  filter: view.filter,
  orderBy: view.orderBy,
  updatedAt: view.updatedAt,
});

@Resolver(() => JobViewType)
export class JobViewResolver {
  constructor(
    private readonly ports: Ports,
    private readonly records: RecordReader,
    private readonly reader: JobReader,
  ) {}

  @Mutation(() => SaveJobViewPayload, { description: 'Keeps a view, up to 100 a user and organization.' })
  async saveJobView(
    @Arg('input', () => SaveJobViewInput, { description: 'The view.' }) input: SaveJobViewInput,
    @Ctx() { actor }: JobsContext,
  ): Promise<SaveJobViewPayload> {
    const wrong = checkFilter(input.filter);
    if (wrong.length > 0) return { view: null, userErrors: presentUserErrors(wrong) };
    const view = {
      organizationId: input.organizationId,
      name: input.name,
      shared: input.shared ?? false,
      filter: filterOf(input.filter),
      orderBy: input.orderBy ?? 'NEWEST',
    };
    const outcome = hasScope(actor, 'write') ? await saveView(this.ports, actor, view) : noScope;
    if (!outcome.ok) return { view: null, userErrors: presentUserErrors(outcome.errors) };
    const kept = await this.records.view(actor, outcome.value.id);
    return { view: kept === undefined ? null : presentView(kept), userErrors: [] };
  }

  @Mutation(() => DeleteJobViewPayload, {
    description: 'Deletes a view of your own; an OWNER also deletes shared ones.',
  })
  async deleteJobView(
    @Arg('input', () => DeleteJobViewInput, { description: 'Which view.' }) input: DeleteJobViewInput,
    @Ctx() { actor }: JobsContext,
  ): Promise<DeleteJobViewPayload> {
    const outcome = hasScope(actor, 'write') ? await deleteView(this.ports, actor, input.id) : noScope;
    return outcome.ok
      ? { deletedViewId: outcome.value.id, userErrors: [] }
      : { deletedViewId: null, userErrors: presentUserErrors(outcome.errors) };
  }

  @Query(() => JobViewType, {
    nullable: true,
    description: 'One view; null when there is none that you may see.',
  })
  async jobView(
    @Arg('id', () => ID, { description: 'Id of the view.' }) id: string,
    @Ctx() { actor }: JobsContext,
  ): Promise<JobViewType | null> {
    requireRead(actor);
    const view = await this.records.view(actor, id);
    return view === undefined ? null : presentView(view);
  }

  @Query(() => JobViewConnectionType, {
    description: 'Your views and those shared in your organizations, the oldest first.',
  })
  async jobViews(
    @Ctx() { actor }: JobsContext,
    @Arg('organizationId', () => ID, { nullable: true, description: 'Of this organization only.' })
    organizationId?: string | null,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<JobViewType>> {
    requireRead(actor);
    const page = pageRequest(first, after, ['uuid']);
    const rows = await this.records.views(actor, organizationId ?? undefined, page);
    return connectionOf(rows, (row) => encodeCursor([row.id]), presentView, page.after !== undefined);
  }

  @FieldResolver(() => OrganizationRef, {
    nullable: true,
    description: 'The organization to which it belongs.',
  })
  organization(@Root() view: JobViewType): OrganizationRef {
    return { id: view.source.organizationId };
  }

  @FieldResolver(() => UserRef, { nullable: true, description: 'Who keeps it.' })
  owner(@Root() view: JobViewType): UserRef {
    return { id: view.source.ownerId };
  }

  @FieldResolver(() => JobConnectionType, { description: 'The jobs that it shows, in its order.' })
  jobs(
    @Root() view: JobViewType,
    @Ctx() { actor }: JobsContext,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<JobType>> {
    const { filter, orderBy } = view.source;
    return pageOfJobs(this.reader, actor, filter, first, after, orderBy);
  }
}
