import type { JobState } from '@weft/contracts';
import { encodeCursor, pageRequest } from '@weft/database';
import { connectionOf, type ConnectionOf } from '@weft/subgraph';
import { GraphQLJSON } from 'graphql-scalars';
import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { DefinitionReader, StoredReaders } from '../application/definition-reader.js';
import type { JobReader } from '../application/job-reader.js';
import type { StoredCommand } from '../domain/command.js';
import { JobCommandType, presentCommand } from './command.type.js';
import {
  JobDefinitionConnectionType,
  JobDefinitionType,
  JobDefinitionVersionConnectionType,
  JobDefinitionVersionType,
  JobDefinitionWebhookType,
  presentDefinition,
  presentDefinitionVersion,
} from './definition.type.js';
import { JobStateEnum } from './job-enums.js';
import { pageOfJobs } from './job-queries.resolver.js';
import { JobConnectionType, JobType } from './job.type.js';
import { requireRead, type JobsContext } from './jobs-context.js';
import { ArtifactRef, OrganizationRef, ref, ServiceVersionRef, TargetRef, UserRef } from './references.js';
import { pageOfSchedules } from './schedule.resolver.js';
import { presentSchedule, ScheduleConnectionType, ScheduleType } from './schedule.type.js';
import { shownUrl } from './webhook.resolver.js';
import { AFTER, FIRST } from './paging.js';

@Resolver()
export class DefinitionQueriesResolver {
  constructor(private readonly definitions: DefinitionReader) {}

  @Query(() => JobDefinitionType, {
    nullable: true,
    description: 'One job definition, also a deleted one; null when there is none that you may see.',
  })
  async jobDefinition(
    @Arg('id', () => ID, { description: 'Id of the definition.' }) id: string,
    @Ctx() context: JobsContext,
  ): Promise<JobDefinitionType | null> {
    requireRead(context.actor);
    const found = await context.definitions.load(id);
    return found === undefined ? null : presentDefinition(found);
  }

  @Query(() => JobDefinitionConnectionType, {
    description: 'Job definitions of your organizations, the latest first.',
  })
  async jobDefinitions(
    @Ctx() context: JobsContext,
    @Arg('organizationId', () => ID, {
      nullable: true,
      description: 'Owned by this organization; all of yours when left out.',
    })
    organizationId?: string | null,
    @Arg('name', () => String, { nullable: true, description: 'Of exactly this name.' })
    name?: string | null,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<JobDefinitionType>> {
    requireRead(context.actor);
    const page = pageRequest(first, after, ['time', 'uuid']);
    const filter = { organizationId: organizationId ?? undefined, name: name ?? undefined };
    const rows = await this.definitions.list(context.actor, filter, page);
    return connectionOf(
      rows,
      (row) => encodeCursor([row.createdAt.toISOString(), row.id]),
      presentDefinition,
      page.after !== undefined,
    );
  }
}

@Resolver(() => JobDefinitionType)
export class DefinitionFieldResolver {
  constructor(
    private readonly stored: StoredReaders,
    private readonly jobReader: JobReader,
  ) {}

  @FieldResolver(() => OrganizationRef, { nullable: true, description: 'The organization that owns it.' })
  owner(@Root() { source }: JobDefinitionType): OrganizationRef {
    return { id: source.organizationId };
  }

  @FieldResolver(() => UserRef, { nullable: true, description: 'Who made it.' })
  createdBy(@Root() { source }: JobDefinitionType): UserRef {
    return { id: source.createdBy };
  }

  @FieldResolver(() => JobDefinitionVersionType, {
    nullable: true,
    description: 'What it is now: what a start runs.',
  })
  current(
    @Root() { source }: JobDefinitionType,
    @Ctx() context: JobsContext,
  ): Promise<JobDefinitionVersionType | null> {
    return loadVersion(context, source.id, source.version);
  }

  @FieldResolver(() => JobDefinitionVersionType, {
    nullable: true,
    description: 'What it was; null when it has no such version.',
  })
  versionAt(
    @Root() { source }: JobDefinitionType,
    @Arg('number', () => Int, { description: 'From 1 to `version`.' }) number: number,
    @Ctx() context: JobsContext,
  ): Promise<JobDefinitionVersionType | null> {
    return loadVersion(context, source.id, number);
  }

  @FieldResolver(() => JobDefinitionVersionConnectionType, { description: 'Its versions, the latest first.' })
  async versions(
    @Root() { source }: JobDefinitionType,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<JobDefinitionVersionType>> {
    const page = pageRequest(first, after, ['integer']);
    const before = page.after === undefined ? undefined : Number(page.after[0]);
    const rows = await this.stored.definitions.versions(source.id, before, page.first);
    return connectionOf(
      rows,
      (row) => encodeCursor([row.version]),
      presentDefinitionVersion,
      before !== undefined,
    );
  }

  @FieldResolver(() => JobConnectionType, { description: 'Jobs that it started, the latest first.' })
  jobs(
    @Root() { source }: JobDefinitionType,
    @Ctx() context: JobsContext,
    @Arg('states', () => [JobStateEnum], {
      nullable: true,
      description: 'In one of these states; all when left out.',
    })
    states?: JobState[] | null,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<JobType>> {
    const filter = { definitionId: source.id, states: states ?? undefined };
    return pageOfJobs(this.jobReader, context.actor, filter, first, after);
  }

  @FieldResolver(() => ScheduleConnectionType, { description: 'When it starts by itself.' })
  schedules(
    @Root() { source }: JobDefinitionType,
    @Ctx() context: JobsContext,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<ScheduleType>> {
    return pageOfSchedules(this.stored.schedules, context.actor, { definitionId: source.id }, first, after);
  }
}

@Resolver(() => JobDefinitionVersionType)
export class DefinitionVersionFieldResolver {
  @FieldResolver(() => GraphQLJSON, { nullable: true, description: 'Data of its jobs by value.' })
  async data(@Root() version: JobDefinitionVersionType, @Ctx() context: JobsContext): Promise<unknown> {
    return (await loadValues(context, version))?.data ?? null;
  }

  @FieldResolver(() => GraphQLJSON, { nullable: true, description: 'Params of its jobs, before the inputs.' })
  async params(@Root() version: JobDefinitionVersionType, @Ctx() context: JobsContext): Promise<unknown> {
    return (await loadValues(context, version))?.params ?? null;
  }

  @FieldResolver(() => ServiceVersionRef, {
    nullable: true,
    description: 'The version of the service that its jobs run; null where it is of kind COMMAND.',
  })
  serviceVersion(@Root() { source }: JobDefinitionVersionType): ServiceVersionRef | null {
    return ref(source.template.serviceVersionId);
  }

  @FieldResolver(() => JobCommandType, {
    nullable: true,
    description: 'What its jobs run, where it is of kind COMMAND; of its secrets only the names are shown.',
  })
  async command(
    @Root() version: JobDefinitionVersionType,
    @Ctx() context: JobsContext,
  ): Promise<JobCommandType | null> {
    if (version.kind !== 'COMMAND') return null;
    const { codeArtifactId } = version.source.template;
    const values = await loadValues(context, version);
    return presentCommand(values && { command: values.command, codeArtifactId });
  }

  @FieldResolver(() => JobDefinitionWebhookType, {
    nullable: true,
    description: 'Whom its jobs tell that they have ended; null without one.',
  })
  async webhook(
    @Root() { source }: JobDefinitionVersionType,
    @Ctx() context: JobsContext,
  ): Promise<JobDefinitionWebhookType | null> {
    const { webhook } = source.template;
    if (webhook === null) return null;
    const definition = await context.definitions.load(source.definitionId);
    return definition === undefined
      ? null
      : { url: shownUrl(webhook.url, context.actor, definition.organizationId) };
  }

  @FieldResolver(() => TargetRef, { nullable: true, description: 'What its jobs run on.' })
  target(@Root() { source }: JobDefinitionVersionType): TargetRef | null {
    return ref(source.template.targetId);
  }

  @FieldResolver(() => ArtifactRef, { nullable: true, description: 'Data of its jobs by reference.' })
  dataArtifact(@Root() { source }: JobDefinitionVersionType): ArtifactRef | null {
    return ref(source.template.dataArtifactId);
  }

  @FieldResolver(() => UserRef, { nullable: true, description: 'Who made this version.' })
  createdBy(@Root() { source }: JobDefinitionVersionType): UserRef {
    return { id: source.createdBy };
  }
}

/** What started a job. */
@Resolver(() => JobType)
export class JobOriginResolver {
  @FieldResolver(() => JobDefinitionType, {
    nullable: true,
    description:
      'The definition that it was started from, also a deleted one; null when it was submitted as such.',
  })
  async definition(
    @Root() { source }: JobType,
    @Ctx() context: JobsContext,
  ): Promise<JobDefinitionType | null> {
    if (source.definitionId === null) return null;
    const found = await context.definitions.load(source.definitionId);
    return found === undefined ? null : presentDefinition(found);
  }

  @FieldResolver(() => JobDefinitionVersionType, {
    nullable: true,
    description: 'What the definition was when the job was started.',
  })
  async definitionVersion(
    @Root() { source }: JobType,
    @Ctx() context: JobsContext,
  ): Promise<JobDefinitionVersionType | null> {
    if (source.definitionId === null || source.definitionVersion === null) return null;
    return loadVersion(context, source.definitionId, source.definitionVersion);
  }

  @FieldResolver(() => ScheduleType, {
    nullable: true,
    description: 'The schedule that started it; null where none did, or it is deleted.',
  })
  async schedule(@Root() { source }: JobType, @Ctx() context: JobsContext): Promise<ScheduleType | null> {
    if (source.plannedFor === null) return null;
    const found = await context.startersOfJobs.load(source.id);
    return found === undefined ? null : presentSchedule(found);
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description: 'The time for which a schedule planned it; also its code is told, as `context.plannedFor`.',
  })
  plannedFor(@Root() { source }: JobType): Date | null {
    return source.plannedFor;
  }
}

async function loadVersion(
  context: JobsContext,
  definitionId: string,
  version: number,
): Promise<JobDefinitionVersionType | null> {
  const found = await context.definitionVersions.load(`${definitionId}:${version}`);
  return found === undefined ? null : presentDefinitionVersion(found);
}

async function loadValues(
  context: JobsContext,
  { source }: JobDefinitionVersionType,
): Promise<{ data: unknown; params: unknown; command: StoredCommand | null } | undefined> {
  const parsed = (text: string | null): unknown => (text === null ? null : JSON.parse(text));
  const found = await context.definitionValues.load(`${source.definitionId}:${source.version}`);
  return found && { data: parsed(found.data), params: parsed(found.params), command: found.command };
}
