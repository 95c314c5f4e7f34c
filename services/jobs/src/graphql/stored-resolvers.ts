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
  const { definitions, schedules } = parts.stored;
  return [
    new DefinitionQueriesResolver(definitions),
    new DefinitionMutationsResolver(parts.ports, parts.checking, parts.defaultTargetId),
    new DefinitionFieldResolver(parts.stored, parts.reader),
    new DefinitionVersionFieldResolver(),
    new ScheduleQueriesResolver(schedules),
    new ScheduleMutationsResolver(parts.ports, parts.checking),
    new ScheduleFieldResolver(schedules),
    new ScheduleSlotFieldResolver(),
    new JobOriginResolver(),
  ];
}
