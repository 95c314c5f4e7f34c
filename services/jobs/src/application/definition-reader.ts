// The read side of definitions and schedules, scoped to the actor inside the query.
import type { Actor } from '@weft/identity';
import type {
  DefinitionValues,
  DefinitionVersion,
  JobDefinition,
  SubmissionTemplate,
} from '../domain/definition/definition.js';
import type { Schedule, Slot } from '../domain/schedule/schedule.js';
import type { PageAt, PageOf } from './job-reader.js';

/** A version without its values, which can be large. */
export type DefinitionVersionView = Omit<DefinitionVersion, 'template'> & {
  readonly template: Omit<SubmissionTemplate, keyof DefinitionValues>;
};

export interface DefinitionFilter {
  readonly organizationId?: string | undefined;
  readonly name?: string | undefined;
}

export interface DefinitionReader {
  /** In the order of the ids; `undefined` where there is none that the actor may see. Also deleted ones. */
  byIds(actor: Actor, ids: readonly string[]): Promise<(JobDefinition | undefined)[]>;
  /** Those that are not deleted, the latest first. */
  list(actor: Actor, filter: DefinitionFilter, page: PageAt): Promise<PageOf<JobDefinition>>;
  /** Of definitions that the actor was already given, by `<definition id>:<version>`. */
  versionsByKeys(keys: readonly string[]): Promise<(DefinitionVersionView | undefined)[]>;
  /** The values of the same. */
  valuesByKeys(keys: readonly string[]): Promise<(DefinitionValues | undefined)[]>;
  /** The latest first. */
  versions(
    definitionId: string,
    before: number | undefined,
    first: number,
  ): Promise<PageOf<DefinitionVersionView>>;
}

export interface ScheduleFilter {
  readonly organizationId?: string | undefined;
  readonly definitionId?: string | undefined;
  readonly paused?: boolean | undefined;
}

export interface ScheduleReader {
  byIds(actor: Actor, ids: readonly string[]): Promise<(Schedule | undefined)[]>;
  /** The latest first. */
  list(actor: Actor, filter: ScheduleFilter, page: PageAt): Promise<PageOf<Schedule>>;
  /** Of schedules that the actor was already given: the latest first. */
  slots(scheduleId: string, before: string | undefined, first: number): Promise<PageOf<Slot>>;
  /** The last slot of each that started a job. */
  lastRuns(scheduleIds: readonly string[]): Promise<(Slot | undefined)[]>;
  /** The schedule that started each of these jobs. */
  startersOf(actor: Actor, jobIds: readonly string[]): Promise<(Schedule | undefined)[]>;
}

export interface StoredReaders {
  readonly definitions: DefinitionReader;
  readonly schedules: ScheduleReader;
}
