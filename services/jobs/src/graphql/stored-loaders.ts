import type { Actor } from '@weft/identity';
import DataLoader from 'dataloader';
import type { DefinitionVersionView, StoredReaders } from '../application/definition-reader.js';
import type { DefinitionValues, JobDefinition } from '../domain/definition/definition.js';
import type { Schedule, Slot } from '../domain/schedule/schedule.js';

/** One request's loaders of definitions and schedules. */
export interface StoredLoaders {
  readonly definitions: DataLoader<string, JobDefinition | undefined>;
  /** By `<definition id>:<version>`, of definitions that were loaded for the actor. */
  readonly definitionVersions: DataLoader<string, DefinitionVersionView | undefined>;
  readonly definitionValues: DataLoader<string, DefinitionValues | undefined>;
  readonly schedules: DataLoader<string, Schedule | undefined>;
  readonly lastRuns: DataLoader<string, Slot | undefined>;
  readonly startersOfJobs: DataLoader<string, Schedule | undefined>;
}

export function createStoredLoaders({ definitions, schedules }: StoredReaders, actor: Actor): StoredLoaders {
  const loader = <Value>(load: (keys: readonly string[]) => Promise<Value[]>): DataLoader<string, Value> =>
    new DataLoader(load, { cache: false });
  return {
    definitions: loader((ids) => definitions.byIds(actor, ids)),
    definitionVersions: loader((keys) => definitions.versionsByKeys(keys)),
    definitionValues: loader((keys) => definitions.valuesByKeys(keys)),
    schedules: loader((ids) => schedules.byIds(actor, ids)),
    lastRuns: loader((ids) => schedules.lastRuns(ids)),
    startersOfJobs: loader((ids) => schedules.startersOf(actor, ids)),
  };
}
