// Definitions and schedules on the test engine.
import type { Outcome } from '@weft/errors';
import { createDefinition, updateDefinition } from '../application/save-definition.js';
import { createSchedule } from '../application/save-schedule.js';
import type { DefinitionDraft } from '../domain/definition/draft.js';
import type { ScheduleRules } from '../domain/schedule/schedule.js';
import { checks } from './checks.js';
import type { Engine } from './engine.js';

export { checking, checks } from './checks.js';

export function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.errors));
  return outcome.value;
}

export const codesOf = (outcome: Outcome<unknown>): string[] =>
  outcome.ok ? [] : outcome.errors.map((error) => `${error.code} ${error.path.join('.')}`);

export const INPUTS = {
  type: 'object',
  required: ['day'],
  additionalProperties: false,
  properties: { day: { type: 'string' }, depth: { type: 'integer', minimum: 1, default: 3 } },
};

export const aContent = (
  engine: Engine,
  {
    template,
    ...overrides
  }: Partial<Omit<DefinitionDraft, 'template'>> & {
    template?: Partial<DefinitionDraft['template']>;
  } = {},
): DefinitionDraft => ({
  name: 'nightly',
  description: '',
  inputs: null,
  ...overrides,
  template: {
    serviceVersionId: engine.version.id,
    command: null,
    size: null,
    image: null,
    targetId: 'local-process',
    data: '{"n":1}',
    dataArtifactId: null,
    params: null,
    priority: 0,
    tags: [],
    maxAttempts: 1,
    timeoutSeconds: null,
    deadlineSeconds: null,
    concurrency: null,
    webhook: null,
    ...template,
  },
});

export const aDefinition = async (
  engine: Engine,
  overrides: Parameters<typeof aContent>[1] = {},
): Promise<string> =>
  valueOf(
    await createDefinition(
      engine.ports,
      checks.typedInputs,
      engine.user,
      engine.organizationId,
      aContent(engine, overrides),
    ),
  ).definitionId;

export const limitDefinition = async (
  { ports, user }: Engine,
  id: string,
  concurrency: number | null,
): Promise<unknown> =>
  valueOf(
    await updateDefinition(ports, checks.typedInputs, user, id, null, (present) => ({
      ...present,
      template: { ...present.template, concurrency },
    })),
  );

export const theRules = (overrides: Partial<ScheduleRules> = {}): ScheduleRules => ({
  cron: '0 * * * *',
  timeZone: 'UTC',
  inputs: null,
  concurrency: 'ALLOW',
  missed: 'ONE',
  missedLimit: 1,
  startingDeadlineSeconds: 300,
  ...overrides,
});

export const aSchedule = async (
  engine: Engine,
  definitionId: string,
  overrides: Partial<ScheduleRules> = {},
): Promise<string> =>
  valueOf(
    await createSchedule(engine.ports, checks.typedInputs, engine.user, definitionId, theRules(overrides)),
  ).scheduleId;
