import type { Actor } from '@weft/identity';
import { done, refused, userError, type Outcome, type UserError } from '@weft/errors';
import { canonicalJson } from '../domain/canonical-json.js';
import type { TypedInputs } from '../domain/definition/typed-inputs.js';
import { parseCron } from '../domain/schedule/cron-expression.js';
import { nextPlannedTime } from '../domain/schedule/planned-times.js';
import { checkRules, type Schedule, type ScheduleRules } from '../domain/schedule/schedule.js';
import { parseTimeZone } from '../domain/schedule/time-zone.js';
import type { CurrentDefinition } from './definition-ports.js';
import type { Ports } from './ports.js';
import { mayChange } from './save-definition.js';
import type { SavedSchedule } from './schedule-ports.js';
import { findSchedule } from './switch-schedule.js';

export const MAX_SCHEDULES = 100;

export function createSchedule(
  ports: Ports,
  typedInputs: TypedInputs,
  actor: Actor,
  definitionId: string,
  rules: ScheduleRules,
): Promise<Outcome<SavedSchedule>> {
  return ports.transact(async (tx) => {
    // Under the definition's lock: it is not deleted meanwhile, and its schedules are counted once.
    const found = await tx.definitions.lock(definitionId);
    const denied = mayChange(actor, found);
    if (found === undefined || denied !== undefined)
      return refused({ ...(denied as UserError), path: ['input', 'definitionId'] });
    if ((await tx.schedules.count(definitionId)) >= MAX_SCHEDULES)
      return refused(
        userError(
          'CONFLICT',
          `A job definition has at most ${MAX_SCHEDULES} schedules.`,
          'input',
          'definitionId',
        ),
      );
    const now = await tx.jobs.now();
    const checked = checkSchedule(typedInputs, found, rules, now);
    if (!checked.ok) return checked;
    const id = ports.chance.newId();
    await tx.schedules.insert({
      ...checked.value,
      id,
      organizationId: found.definition.organizationId,
      definitionId,
      version: 1,
      createdBy: actor.id,
      runsAs: actor.id,
      createdAt: now,
      updatedAt: now,
      pausedAt: null,
      pauseReason: null,
      decidedUntil: now,
    });
    return done({ scheduleId: id });
  });
}

/** What changes nothing makes no version. What was planned under the old rules and is not started yet is planned no more; nothing counts as missed. */
export function updateSchedule(
  ports: Ports,
  typedInputs: TypedInputs,
  actor: Actor,
  id: string,
  ifVersion: number | null,
  change: (present: ScheduleRules) => ScheduleRules,
): Promise<Outcome<SavedSchedule>> {
  return ports.transact(async (tx) => {
    const found = await findSchedule(tx, actor, id);
    if (!found.ok) return found;
    const schedule = found.value;
    if (ifVersion !== null && ifVersion !== schedule.version)
      return refused(
        userError(
          'CONFLICT',
          `It was changed since: it has version ${schedule.version} now. Look at that one and try again.`,
          'input',
          'ifVersion',
        ),
      );
    const definition = await tx.definitions.current(schedule.definitionId);
    if (definition === undefined) throw new Error(`schedule ${id} has no definition`);
    const now = await tx.jobs.now();
    const checked = checkSchedule(typedInputs, definition, change(schedule), now);
    if (!checked.ok) return checked;
    if (schedule.runsAs === actor.id && rulesText(checked.value) === rulesText(schedule))
      return done({ scheduleId: id });
    await tx.schedules.save({
      ...schedule,
      ...checked.value,
      nextRunAt: schedule.pausedAt === null ? checked.value.nextRunAt : null,
      version: schedule.version + 1,
      runsAs: actor.id,
      updatedAt: now,
      decidedUntil: now,
    });
    return done({ scheduleId: id });
  });
}

const rulesText = ({
  cron,
  timeZone,
  inputs,
  concurrency,
  missed,
  missedLimit,
  startingDeadlineSeconds,
}: ScheduleRules): string =>
  canonicalJson([cron, timeZone, inputs, concurrency, missed, missedLimit, startingDeadlineSeconds]);

type Checked = ScheduleRules & Pick<Schedule, 'nextRunAt'>;

function checkSchedule(
  typedInputs: TypedInputs,
  { definition, current }: CurrentDefinition,
  rules: ScheduleRules,
  now: Date,
): Outcome<Checked> {
  const cron = parseCron(rules.cron, 'input', 'cron');
  const zone = parseTimeZone(rules.timeZone, 'input', 'timeZone');
  const key = `${definition.id}:${definition.version}`;
  const inputs = typedInputs.fill(definition.organizationId, key, current.inputs, rules.inputs);
  const errors = [cron, zone, inputs].flatMap((one) => (one.ok ? [] : one.errors));
  errors.push(...checkRules(rules));
  if (!cron.ok || !zone.ok || errors.length > 0) return refused(...errors);
  return done({
    cron: rules.cron.trim(),
    timeZone: zone.value.id,
    // As they were given: what was left out takes the default that the definition has when it starts.
    inputs: rules.inputs ?? null,
    concurrency: rules.concurrency,
    missed: rules.missed,
    missedLimit: rules.missedLimit,
    startingDeadlineSeconds: rules.startingDeadlineSeconds,
    nextRunAt: new Date(nextPlannedTime(cron.value, zone.value, now.getTime())),
  });
}
