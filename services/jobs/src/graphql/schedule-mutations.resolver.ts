import { hasScope } from '@weft/identity';
import type { Outcome } from '@weft/errors';
import { presentUserErrors, UserErrorType } from '@weft/subgraph';
import { GraphQLJSON } from 'graphql-scalars';
import { Arg, Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Ports } from '../application/ports.js';
import { runScheduleNow } from '../application/run-schedule-now.js';
import { createSchedule, updateSchedule } from '../application/save-schedule.js';
import type { SavedSchedule } from '../application/schedule-ports.js';
import type { Checking } from '../application/checking.js';
import { deleteSchedule, pauseSchedule, resumeSchedule } from '../application/switch-schedule.js';
import type { ConcurrencyPolicy, MissedPolicy, ScheduleRules } from '../domain/schedule/schedule.js';
import { presentStart, StartJobPayload } from './definition-mutations.resolver.js';
import { noScope } from './write-rights.js';
import type { JobsContext } from './jobs-context.js';
import {
  ConcurrencyPolicyEnum,
  CRON_DESCRIPTION,
  MissedPolicyEnum,
  presentSchedule,
  ScheduleType,
} from './schedule.type.js';

@InputType()
class ScheduleDetails {
  @Field(() => String, { nullable: true, description: 'Of the IANA database; UTC when left out.' })
  timeZone?: string | null;
  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'Inputs of each start: an object that fits the schema of the definition.',
  })
  inputs?: unknown;
  @Field(() => ConcurrencyPolicyEnum, { nullable: true, description: 'ALLOW when left out.' })
  concurrencyPolicy?: ConcurrencyPolicy | null;
  @Field(() => MissedPolicyEnum, { nullable: true, description: 'ONE when left out.' })
  missedRunPolicy?: MissedPolicy | null;
  @Field(() => Int, {
    nullable: true,
    description: 'How many missed runs ALL makes up for, 1 to 100; 10 when left out.',
  })
  missedRunLimit?: number | null;
  @Field(() => Int, {
    nullable: true,
    description:
      'A run that could not start for longer than this has missed its time, 1 to 86400; 300 when left out.',
  })
  startingDeadlineSeconds?: number | null;
}

@InputType('CreateScheduleInput', { description: 'When a job definition is to start by itself.' })
export class CreateScheduleInput extends ScheduleDetails {
  @Field(() => ID, { description: 'What it starts. Needs the role MAINTAINER.' })
  definitionId!: string;
  @Field(() => String, { description: CRON_DESCRIPTION })
  cron!: string;
}

@InputType('UpdateScheduleInput', {
  description: 'What is to change: what is left out stays, null takes the default.',
})
export class UpdateScheduleInput extends ScheduleDetails {
  @Field(() => ID, { description: 'Id of the schedule.' })
  id!: string;
  @Field(() => Int, {
    nullable: true,
    description: 'CONFLICT unless this is its version now; any when left out.',
  })
  ifVersion?: number | null;
  @Field(() => String, { nullable: true, description: CRON_DESCRIPTION })
  cron?: string | null;
}

@InputType('ScheduleIdInput', { description: 'Which schedule.' })
export class ScheduleIdInput {
  @Field(() => ID, { description: 'Id of the schedule.' })
  id!: string;
}

@ObjectType('SchedulePayload', { description: 'The schedule as it is now, or why it is not.' })
export class SchedulePayload {
  @Field(() => ScheduleType, { nullable: true, description: 'Null when `userErrors` says why.' })
  schedule!: ScheduleType | null;
  @Field(() => [UserErrorType], { description: 'Everything that is wrong with the input.' })
  userErrors!: UserErrorType[];
}

@ObjectType('DeleteSchedulePayload', { description: 'Which schedule is deleted, or why it is not.' })
export class DeleteSchedulePayload {
  @Field(() => ID, { nullable: true, description: 'Id of the deleted schedule.' })
  id!: string | null;
  @Field(() => [UserErrorType], { description: 'Why it is not deleted.' })
  userErrors!: UserErrorType[];
}

const DEFAULTS: ScheduleRules = {
  cron: '',
  timeZone: 'UTC',
  inputs: null,
  concurrency: 'ALLOW',
  missed: 'ONE',
  missedLimit: 10,
  startingDeadlineSeconds: 300,
};

/** What is left out stays as it is; null takes the default. */
function changed(
  present: ScheduleRules,
  input: ScheduleDetails & { readonly cron?: string | null },
): ScheduleRules {
  const or = <K extends keyof ScheduleRules>(
    given: ScheduleRules[K] | null | undefined,
    key: K,
  ): ScheduleRules[K] => (given === undefined ? present[key] : (given ?? DEFAULTS[key]));
  return {
    cron: input.cron ?? present.cron,
    timeZone: or(input.timeZone, 'timeZone'),
    inputs: input.inputs === undefined ? present.inputs : input.inputs,
    concurrency: or(input.concurrencyPolicy, 'concurrency'),
    missed: or(input.missedRunPolicy, 'missed'),
    missedLimit: or(input.missedRunLimit, 'missedLimit'),
    startingDeadlineSeconds: or(input.startingDeadlineSeconds, 'startingDeadlineSeconds'),
  };
}

@Resolver()
export class ScheduleMutationsResolver {
  constructor(
    private readonly ports: Ports,
    private readonly checking: Checking,
  ) {}

  @Mutation(() => SchedulePayload, { description: 'Lets a job definition start by itself.' })
  async createSchedule(
    @Arg('input', () => CreateScheduleInput, { description: 'When.' }) input: CreateScheduleInput,
    @Ctx() context: JobsContext,
  ): Promise<SchedulePayload> {
    return this.present(context, () =>
      this.checking(({ typedInputs }) =>
        createSchedule(this.ports, typedInputs, context.actor, input.definitionId, changed(DEFAULTS, input)),
      ),
    );
  }

  @Mutation(() => SchedulePayload, {
    description:
      'Changes a schedule. It goes on with the next time that the new rules plan; nothing counts as missed.',
  })
  async updateSchedule(
    @Arg('input', () => UpdateScheduleInput, { description: 'What is to change.' })
    input: UpdateScheduleInput,
    @Ctx() context: JobsContext,
  ): Promise<SchedulePayload> {
    return this.present(context, () =>
      this.checking(({ typedInputs }) =>
        updateSchedule(this.ports, typedInputs, context.actor, input.id, input.ifVersion ?? null, (present) =>
          changed(present, input),
        ),
      ),
    );
  }

  @Mutation(() => SchedulePayload, { description: 'Lets a schedule start nothing until it is resumed.' })
  async pauseSchedule(
    @Arg('input', () => ScheduleIdInput, { description: 'Which one.' }) input: ScheduleIdInput,
    @Ctx() context: JobsContext,
  ): Promise<SchedulePayload> {
    return this.present(context, () => pauseSchedule(this.ports, context.actor, input.id));
  }

  @Mutation(() => SchedulePayload, {
    description: 'Goes on with the next planned time; what was planned meanwhile does not count as missed.',
  })
  async resumeSchedule(
    @Arg('input', () => ScheduleIdInput, { description: 'Which one.' }) input: ScheduleIdInput,
    @Ctx() context: JobsContext,
  ): Promise<SchedulePayload> {
    return this.present(context, () => resumeSchedule(this.ports, context.actor, input.id));
  }

  @Mutation(() => DeleteSchedulePayload, {
    description: 'Deletes a schedule and the history of its planned times; its jobs stay.',
  })
  async deleteSchedule(
    @Arg('input', () => ScheduleIdInput, { description: 'Which one.' }) input: ScheduleIdInput,
    @Ctx() context: JobsContext,
  ): Promise<DeleteSchedulePayload> {
    const outcome = hasScope(context.actor, 'write')
      ? await deleteSchedule(this.ports, context.actor, input.id)
      : noScope;
    if (!outcome.ok) return { id: null, userErrors: presentUserErrors(outcome.errors) };
    return { id: outcome.value.scheduleId, userErrors: [] };
  }

  @Mutation(() => StartJobPayload, {
    description: 'Starts what a schedule starts, now: also while it is paused, and beside what still runs.',
  })
  async runScheduleNow(
    @Arg('input', () => ScheduleIdInput, { description: 'Which one.' }) input: ScheduleIdInput,
    @Ctx() context: JobsContext,
  ): Promise<StartJobPayload> {
    return presentStart(
      context,
      hasScope(context.actor, 'write')
        ? await this.checking((checks) =>
            runScheduleNow(this.ports, checks, context.actor, context.correlationId, input.id),
          )
        : noScope,
    );
  }

  private async present(
    context: JobsContext,
    work: () => Promise<Outcome<SavedSchedule>>,
  ): Promise<SchedulePayload> {
    const outcome = hasScope(context.actor, 'write') ? await work() : noScope;
    if (!outcome.ok) return { schedule: null, userErrors: presentUserErrors(outcome.errors) };
    const found = await context.schedules.load(outcome.value.scheduleId);
    return { schedule: found === undefined ? null : presentSchedule(found), userErrors: [] };
  }
}
