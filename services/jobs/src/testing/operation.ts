// What can be done to the engine, each as one operation on the real one and the same on the model. Two may run at once:
// then the engine must have ended as if one had come before the other (job-model-run.ts).
import type { Engine } from './engine.js';
import type { Model } from './job-model.js';

export interface Operation {
  readonly name: string;
  /** Answered the same when it is sent again after an answer that was lost. */
  readonly repeatable: boolean;
  /** One job after the other, each by itself: with death in between some are done and others are not. */
  readonly stepwise?: true;
  /** Many jobs at one moment: beside one that goes from job to job it comes before that at some, and after it at others. */
  readonly ofMany?: true;
  /**
   * What it is about is chosen from the model before anything runs; nothing to choose from: undefined.
   * @param at the replica that is asked.
   */
  plan(model: Model, at: number): Deed | undefined;
}

export interface Deed {
  /** The replica that it is for, whoever was to be asked. */
  readonly at?: number;
  perform(engine: Engine): Promise<unknown>;
  /** The same on the model. Throws when what was observed cannot be. @param alone nothing else runs, here or elsewhere. */
  apply(model: Model, observed: unknown, alone: boolean): void;
}

export const TARGET_ID = 'local-process';

export const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(1, list.length)];

export const refusalOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What it is refused with; undefined when it is done. */
export const codesOf = (outcome: {
  ok: boolean;
  errors?: readonly { code: string }[];
}): string | undefined => (outcome.ok ? undefined : outcome.errors?.map((error) => error.code).join());
