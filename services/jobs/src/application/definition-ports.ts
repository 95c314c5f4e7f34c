import type { DefinitionVersion, JobDefinition } from '../domain/definition/definition.js';

/** A definition and its last version. */
export interface CurrentDefinition {
  readonly definition: JobDefinition;
  readonly current: DefinitionVersion;
}

export interface DefinitionStore {
  /** Also a deleted one. */
  current(id: string): Promise<CurrentDefinition | undefined>;
  /** The same under its row lock. */
  lock(id: string): Promise<CurrentDefinition | undefined>;
  /** Whoever else wants this name in the organization waits from here on; tells which definition has it, under its row lock. */
  lockName(organizationId: string, name: string): Promise<CurrentDefinition | undefined>;
  insert(definition: JobDefinition, first: DefinitionVersion): Promise<void>;
  addVersion(version: DefinitionVersion): Promise<void>;
  /** With its schedules, which run as this user from now on. */
  transfer(id: string, organizationId: string, runsAs: string, at: Date): Promise<void>;
  /** Marks it deleted and pauses its schedules. */
  delete(id: string, at: Date): Promise<void>;
}
