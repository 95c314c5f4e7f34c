// What the use cases of workflows need from the store, and what readers ask of it.
import type { StepOutcome } from '../domain/workflow/result-references.js';
import type { FailurePolicy, StepNow } from '../domain/workflow/workflow.js';
import type { JobInput, LockedJob } from './ports.js';

export interface KeptStep {
  readonly index: number;
  readonly key: string;
  readonly needs: readonly number[];
  /** Its input as it was submitted: results are not in it. */
  readonly inputId: string;
}

export interface WorkflowNow {
  readonly onFailure: FailurePolicy;
  /** Cancellation was asked for and has not reached every step yet. */
  readonly cancelling: boolean;
  readonly steps: readonly (StepNow & { readonly key: string; readonly jobId: string | null })[];
}

export interface WorkflowStore {
  keepSteps(workflowId: string, steps: readonly KeptStep[]): Promise<void>;
  /** Workflows of which steps have ended since somebody looked, the longest first. */
  news(most: number): Promise<string[]>;
  /** Somebody has to look at this one. */
  tellNews(workflowId: string): Promise<void>;
  /** What is committed by now is looked at in this transaction. */
  takeNews(workflowId: string): Promise<void>;
  /** All of it as of one moment. */
  now(workflowId: string): Promise<WorkflowNow | undefined>;
  /** Of these steps the jobs that wait for what they need, by their places. */
  lockWaiting(workflowId: string, indexes: readonly number[]): Promise<LockedJob[]>;
  /** Of these steps the jobs that have the last word and have ended, by their places. */
  lockEnded(workflowId: string, indexes: readonly number[]): Promise<LockedJob[]>;
  /** What came of these steps, by key, as far as they belong to this organization. */
  outcomes(
    workflowId: string,
    organizationId: string,
    indexes: readonly number[],
  ): Promise<Map<string, StepOutcome>>;
  keepInput(input: JobInput): Promise<void>;
}

export interface WorkflowStepView {
  readonly workflowId: string;
  readonly index: number;
  readonly key: string;
  readonly needs: readonly string[];
  /** The job that has the last word; null when it was deleted. */
  readonly jobId: string | null;
}

export interface WorkflowReader {
  /** By workflow, in the order of the steps; without a look at rights: the workflow was read before. */
  steps(workflowIds: readonly string[]): Promise<WorkflowStepView[][]>;
}
