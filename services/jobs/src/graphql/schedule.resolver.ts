import { encodeCursor, pageRequest } from '@weft/database';
import { AppError, type Outcome } from '@weft/errors';
import type { Actor } from '@weft/identity';
import { connectionOf, presentUserErrors, UserErrorType, type ConnectionOf } from '@weft/subgraph';
import { Arg, Ctx, Field, FieldResolver, ID, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import type { ScheduleFilter, ScheduleReader } from '../application/definition-reader.js';
import { parseCron } from '../domain/schedule/cron-expression.js';
import { nextPlannedTimes } from '../domain/schedule/planned-times.js';
import { parseTimeZone } from '../domain/schedule/time-zone.js';
import { JobDefinitionType, presentDefinition } from './definition.type.js';
import { JobType } from './job.type.js';
import { requireRead, type JobsContext } from './jobs-context.js';
import { presentJob } from './present-job.js';
import { OrganizationRef, UserRef } from './references.js';
import {
  CRON_DESCRIPTION,
  presentSchedule,
  presentSlot,
  ScheduleConnectionType,
  ScheduleSlotConnectionType,
  ScheduleSlotType,
  ScheduleType,
} from './schedule.type.js';
import { AFTER, FIRST } from './paging.js';

const MAX_RUNS = 50;
const RUNS = `How many, 1 to ${MAX_RUNS}; 5 when left out.`;

export async function pageOfSchedules(
  schedules: ScheduleReader,
  actor: Actor,
  filter: ScheduleFilter,
  first: number | null | undefined,
  after: string | null | undefined,
): Promise<ConnectionOf<ScheduleType>> {
  requireRead(actor);
  const page = pageRequest(first, after, ['time', 'uuid']);
  const rows = await schedules.list(actor, filter, page);
  return connectionOf(
    rows,
    (row) => encodeCursor([row.createdAt.toISOString(), row.id]),
    presentSchedule,
    page.after !== undefined,
  );
}

/** The first planned times after an instant; or what is wrong with the rules. */
function runsAfter(
  cron: string,
  timeZone: string,
  after: number,
  first: number | null | undefined,
): Outcome<Date[]> {
  const most = first ?? 5;
  if (!Number.isInteger(most) || most < 1 || most > MAX_RUNS)
    throw new AppError('BAD_USER_INPUT', `"first" must be between 1 and ${MAX_RUNS}.`, {
      argument: 'first',
      value: most,
    });
  const [expression, zone] = [parseCron(cron, 'cron'), parseTimeZone(timeZone, 'timeZone')];
  const errors = [expression, zone].flatMap((one) => (one.ok ? [] : one.errors));
  if (!expression.ok || !zone.ok) return { ok: false, errors };
  const times = nextPlannedTimes(expression.value, zone.value, after, most);
  return { ok: true, value: times.map((time) => new Date(time)) };
}

@ObjectType('SchedulePreview', { description: 'When a schedule of these rules would run.' })
export class SchedulePreviewType {
  @Field(() => [Date], { description: 'The next planned times; empty when the rules are wrong.' })
  nextRuns!: Date[];
  @Field(() => [UserErrorType], { description: 'What is wrong, field by field.' })
  userErrors!: UserErrorType[];
}

@Resolver()
export class ScheduleQueriesResolver {
  constructor(private readonly source: ScheduleReader) {}

  @Query(() => ScheduleType, {
    nullable: true,
    description: 'One schedule; null when there is none that you may see.',
  })
  async schedule(
    @Arg('id', () => ID, { description: 'Id of the schedule.' }) id: string,
    @Ctx() context: JobsContext,
  ): Promise<ScheduleType | null> {
    requireRead(context.actor);
    const found = await context.schedules.load(id);
    return found === undefined ? null : presentSchedule(found);
  }

  @Query(() => ScheduleConnectionType, { description: 'Schedules of your organizations, the latest first.' })
  schedules(
    @Ctx() context: JobsContext,
    @Arg('organizationId', () => ID, {
      nullable: true,
      description: 'Owned by this organization; all of yours when left out.',
    })
    organizationId?: string | null,
    @Arg('paused', () => Boolean, { nullable: true, description: 'Only those that are paused, or are not.' })
    paused?: boolean | null,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<ScheduleType>> {
    const filter = { organizationId: organizationId ?? undefined, paused: paused ?? undefined };
    return pageOfSchedules(this.source, context.actor, filter, first, after);
  }

  @Query(() => SchedulePreviewType, { description: 'When a schedule would run, before there is one.' })
  schedulePreview(
    @Arg('cron', () => String, { description: CRON_DESCRIPTION }) cron: string,
    @Arg('timeZone', () => String, {
      nullable: true,
      description: 'Of the IANA database; UTC when left out.',
    })
    timeZone: string | null | undefined,
    @Arg('first', () => Int, { nullable: true, description: RUNS }) first: number | null | undefined,
    @Ctx() context: JobsContext,
  ): SchedulePreviewType {
    requireRead(context.actor);
    const runs = runsAfter(cron, timeZone ?? 'UTC', Date.now(), first);
    if (!runs.ok) return { nextRuns: [], userErrors: presentUserErrors(runs.errors) };
    return { nextRuns: runs.value, userErrors: [] };
  }
}

@Resolver(() => ScheduleType)
export class ScheduleFieldResolver {
  constructor(private readonly schedules: ScheduleReader) {}

  @FieldResolver(() => JobDefinitionType, { nullable: true, description: 'What it starts.' })
  async definition(
    @Root() { source }: ScheduleType,
    @Ctx() context: JobsContext,
  ): Promise<JobDefinitionType | null> {
    const found = await context.definitions.load(source.definitionId);
    return found === undefined ? null : presentDefinition(found);
  }

  @FieldResolver(() => OrganizationRef, { nullable: true, description: 'The organization that owns it.' })
  owner(@Root() { source }: ScheduleType): OrganizationRef {
    return { id: source.organizationId };
  }

  @FieldResolver(() => UserRef, { nullable: true, description: 'Who made it.' })
  createdBy(@Root() { source }: ScheduleType): UserRef {
    return { id: source.createdBy };
  }

  @FieldResolver(() => UserRef, {
    nullable: true,
    description: 'In whose name it starts jobs: who changed or resumed it last.',
  })
  runsAs(@Root() { source }: ScheduleType): UserRef {
    return { id: source.runsAs };
  }

  @FieldResolver(() => [Date], { description: 'The next planned times; none while it is paused.' })
  nextRuns(
    @Root() { source }: ScheduleType,
    @Arg('first', () => Int, { nullable: true, description: RUNS }) first?: number | null,
  ): Date[] {
    if (source.nextRunAt === null) return [];
    const runs = runsAfter(source.cron, source.timeZone, source.nextRunAt.getTime() - 1, first);
    return runs.ok ? runs.value : [];
  }

  @FieldResolver(() => ScheduleSlotType, {
    nullable: true,
    description: 'The last time that it started a job: how that ended is the state of its job.',
  })
  async lastRun(
    @Root() { source }: ScheduleType,
    @Ctx() context: JobsContext,
  ): Promise<ScheduleSlotType | null> {
    const found = await context.lastRuns.load(source.id);
    return found === undefined ? null : presentSlot(found);
  }

  @FieldResolver(() => ScheduleSlotConnectionType, {
    description: 'Its planned times that are decided, the latest first.',
  })
  async slots(
    @Root() { source }: ScheduleType,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<ScheduleSlotType>> {
    const page = pageRequest(first, after, ['time']);
    const before = page.after === undefined ? undefined : String(page.after[0]);
    const rows = await this.schedules.slots(source.id, before, page.first);
    return connectionOf(
      rows,
      (row) => encodeCursor([row.plannedFor.toISOString()]),
      presentSlot,
      before !== undefined,
    );
  }
}

@Resolver(() => ScheduleSlotType)
export class ScheduleSlotFieldResolver {
  @FieldResolver(() => JobType, { nullable: true, description: 'The job that it started.' })
  async job(@Root() { source }: ScheduleSlotType, @Ctx() context: JobsContext): Promise<JobType | null> {
    if (source.jobId === null) return null;
    const found = await context.jobs.load(source.jobId);
    return found === undefined ? null : presentJob(found);
  }
}
