import { graphqlEnum, UserErrorType } from '@weft/subgraph';
import { GraphQLJSON } from 'graphql-scalars';
import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import type {
  ConcurrencyPolicy,
  MissedPolicy,
  PauseReason,
  Schedule,
  Slot,
  SlotOutcome,
} from '../domain/schedule/schedule.js';
import { connection } from './paging.js';

export const ConcurrencyPolicyEnum = graphqlEnum<ConcurrencyPolicy>(
  'ScheduleConcurrencyPolicy',
  'What happens at a planned time while a job that the same schedule started is not final.',
  {
    ALLOW: 'Another one starts beside it.',
    FORBID: 'The planned time is passed over.',
    REPLACE: 'It is cancelled, and another one starts at once; what runs may take a while to end.',
  },
);

export const MissedPolicyEnum = graphqlEnum<MissedPolicy>(
  'ScheduleMissedRunPolicy',
  'What happens with planned times that passed while the platform could not start them.',
  {
    SKIP: 'They are passed over. A run is late, not missed, within `startingDeadlineSeconds`.',
    ONE: 'One run makes up for all of them: the last one.',
    ALL: 'Each is made up for: at most the last `missedRunLimit` of them.',
  },
);

export const PauseReasonEnum = graphqlEnum<PauseReason>('SchedulePauseReason', 'Why a schedule is paused.', {
  REQUESTED: 'By `pauseSchedule`.',
  DEFINITION_DELETED: 'Its job definition was deleted; it cannot be resumed.',
  ACCESS_LOST: 'The service version, target or data of its definition is no longer for this organization.',
  NOT_UNDERSTOOD: 'Its expression or time zone is not known to this release any more.',
});

export const SlotOutcomeEnum = graphqlEnum<SlotOutcome>(
  'ScheduleSlotOutcome',
  'What became of a planned time.',
  {
    STARTED: 'A job was started.',
    SKIPPED_OVERLAP: 'Passed over, because an earlier run was not final (FORBID).',
    SKIPPED_MISSED: 'Passed over, because nobody could start it in time.',
    REFUSED: 'The job was refused; `errors` says why.',
  },
);

const RULE =
  'Five fields - minute, hour, day of month, month, day of week - of numbers, names (JAN, MON), lists, ranges and steps (`*/15`, `9-17/2`), `L` for the last day of the month; or @hourly, @daily, @weekly, @monthly, @yearly. When both day fields are restricted, either suffices. ' +
  'At a change of the clocks: an expression that names hours runs each of its times once, one that is leapt over right after the leap (several of them as one), one that comes twice the first time only; with `*` for the hour it runs whenever the clock shows a named minute.';

export const CRON_DESCRIPTION = `When, on the clock of \`timeZone\`. ${RULE}`;

@ObjectType('ScheduleSlot', { description: 'A planned time of a schedule, and what became of it.' })
export class ScheduleSlotType {
  source!: Slot;
  @Field(() => Date, { description: 'The planned time; of a run now, when it was asked for.' })
  plannedFor!: Date;
  @Field(() => Boolean, { description: 'By `runScheduleNow`.' })
  manual!: boolean;
  @Field(() => SlotOutcomeEnum, { description: 'What became of it.' })
  outcome!: SlotOutcome;
  @Field(() => Int, {
    description:
      'How many planned times it stands for: those missed together are told as one, the last of them; counted up to 1000.',
  })
  times!: number;
  @Field(() => [UserErrorType], { description: 'Why the job was refused.' })
  errors!: UserErrorType[];
  @Field(() => Date, { description: 'When that was decided.' })
  decidedAt!: Date;
}

@Directive('@key(fields: "id")')
@ObjectType('Schedule', {
  description:
    'When a job definition starts by itself. Each planned time starts at most one job, whatever fails.',
})
export class ScheduleType {
  source!: Schedule;
  @Field(() => ID, { description: 'Id of the schedule.' })
  id!: string;
  @Field(() => String, { description: CRON_DESCRIPTION })
  cron!: string;
  @Field(() => String, { description: 'Of the IANA database, e.g. `Europe/Paris`.' })
  timeZone!: string;
  @Field(() => GraphQLJSON, { nullable: true, description: 'Inputs of each start.' })
  inputs!: unknown;
  @Field(() => ConcurrencyPolicyEnum, { description: 'While an earlier run is not final.' })
  concurrencyPolicy!: ConcurrencyPolicy;
  @Field(() => MissedPolicyEnum, { description: 'For planned times that passed.' })
  missedRunPolicy!: MissedPolicy;
  @Field(() => Int, { description: 'How many missed runs ALL makes up for, 1 to 100.' })
  missedRunLimit!: number;
  @Field(() => Int, { description: 'A run that could not start for longer than this has missed its time.' })
  startingDeadlineSeconds!: number;
  @Field(() => Boolean, { description: 'Whether it starts nothing by itself.' })
  paused!: boolean;
  @Field(() => Date, { nullable: true, description: 'Since when it is paused.' })
  pausedAt!: Date | null;
  @Field(() => PauseReasonEnum, { nullable: true, description: 'Why it is paused.' })
  pauseReason!: PauseReason | null;
  @Field(() => Date, { nullable: true, description: 'The next planned time; null while it is paused.' })
  nextRunAt!: Date | null;
  @Field(() => Int, { description: 'Counts its changes; pass it as `ifVersion` when you change it.' })
  version!: number;
  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;
  @Field(() => Date, { description: 'When it was changed last.' })
  updatedAt!: Date;
}

export const ScheduleConnectionType = connection('Schedule', () => ScheduleType, 'schedule').connection;
export const ScheduleSlotConnectionType = connection(
  'ScheduleSlot',
  () => ScheduleSlotType,
  'planned time',
).connection;

export const presentSchedule = (schedule: Schedule): ScheduleType => ({
  source: schedule,
  id: schedule.id,
  cron: schedule.cron,
  timeZone: schedule.timeZone,
  inputs: schedule.inputs,
  concurrencyPolicy: schedule.concurrency,
  missedRunPolicy: schedule.missed,
  missedRunLimit: schedule.missedLimit,
  startingDeadlineSeconds: schedule.startingDeadlineSeconds,
  paused: schedule.pausedAt !== null,
  pausedAt: schedule.pausedAt,
  pauseReason: schedule.pauseReason,
  nextRunAt: schedule.nextRunAt,
  version: schedule.version,
  createdAt: schedule.createdAt,
  updatedAt: schedule.updatedAt,
});

export const presentSlot = (slot: Slot): ScheduleSlotType => ({
  source: slot,
  plannedFor: slot.plannedFor,
  manual: slot.manual,
  outcome: slot.outcome,
  times: slot.times,
  errors: slot.errors.map((error) => ({ ...error, path: [...error.path] })),
  decidedAt: slot.decidedAt,
});
