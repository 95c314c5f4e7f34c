import {
  DefinitionFieldResolver,
  DefinitionQueriesResolver,
  DefinitionVersionFieldResolver,
  JobOriginResolver,
} from './definition.resolver.js';
import { DefinitionMutationsResolver } from './definition-mutations.resolver.js';
import {
  ScheduleFieldResolver,
  ScheduleQueriesResolver,
  ScheduleSlotFieldResolver,
} from './schedule.resolver.js';
import { ScheduleMutationsResolver } from './schedule-mutations.resolver.js';
import type { SchemaParts } from './schema.js';

/** Definitions and schedules in the graph. */
export function storedResolvers(parts: SchemaParts): object[] {
  const checks = { schemas: parts.schemas, typedInputs: parts.typedInputs };
  const { definitions, schedules } = parts.stored;
  return [
    new DefinitionQueriesResolver(definitions),
    new DefinitionMutationsResolver(parts.ports, checks, parts.defaultTargetId),
    new DefinitionFieldResolver(parts.stored, parts.reader),
    new DefinitionVersionFieldResolver(),
    new ScheduleQueriesResolver(schedules),
    new ScheduleMutationsResolver(parts.ports, checks),
    new ScheduleFieldResolver(schedules),
    new ScheduleSlotFieldResolver(),
    new JobOriginResolver(),
  ];
}
