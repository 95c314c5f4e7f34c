import type { FinalJobState } from '@weft/contracts';

/** CREATE: how an item came to be. VERSION: how a new version of one did. */
export const ACTIVITY_WORKFLOW_KINDS = ['CREATE', 'VERSION'] as const;
export type ActivityWorkflowKind = (typeof ACTIVITY_WORKFLOW_KINDS)[number];

/** PENDING: no job of it runs yet. IN_PROGRESS: one does, or did. The rest is how it ended. */
export const WORKFLOW_STATES = ['PENDING', 'IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type WorkflowState = 'PENDING' | 'IN_PROGRESS' | FinalJobState;

/** *register* writes the activity down as an item, *lodge* its provenance; the second needs the first. */
export const STEP_KEYS = ['register', 'lodge'] as const;
export type StepKey = (typeof STEP_KEYS)[number];

/** What the registry's own worker is asked to do, by kind and step. */
export const OPERATIONS = {
  CREATE: { register: 'REGISTER_CREATE_ACTIVITY', lodge: 'LODGE_CREATE_ACTIVITY' },
  VERSION: { register: 'REGISTER_VERSION_ACTIVITY', lodge: 'LODGE_VERSION_ACTIVITY' },
} as const satisfies Record<ActivityWorkflowKind, Record<StepKey, string>>;
export type Operation = (typeof OPERATIONS)[ActivityWorkflowKind][StepKey];

/** Ids are made with the item, so that it names its jobs from the first moment. */
export interface RequestedWorkflow {
  readonly id: string;
  readonly kind: ActivityWorkflowKind;
  readonly jobIds: Readonly<Record<StepKey, string>>;
}

export interface WorkflowStep {
  readonly key: StepKey;
  /** The job that has the last word: a retry of an ended one takes its place. */
  readonly jobId: string;
  /** As far as the registry has heard. */
  readonly state: WorkflowState;
}

export interface ActivityWorkflow {
  readonly id: string;
  readonly kind: ActivityWorkflowKind;
  readonly userId: string;
  readonly requestedAt: Date;
  readonly steps: readonly WorkflowStep[];
  /** Public id of the registered activity; null until it is registered. */
  readonly activityId: string | null;
}

/** What its steps add up to. */
export function stateOfWorkflow(steps: readonly Pick<WorkflowStep, 'state'>[]): WorkflowState {
  const states = steps.map(({ state }) => state);
  for (const ended of ['FAILED', 'CANCELLED'] as const) if (states.includes(ended)) return ended;
  if (states.every((state) => state === 'SUCCEEDED')) return 'SUCCEEDED';
  return states.every((state) => state === 'PENDING') ? 'PENDING' : 'IN_PROGRESS';
}

export function requestWorkflow(kind: ActivityWorkflowKind, newId: () => string): RequestedWorkflow {
  return { id: newId(), kind, jobIds: { register: newId(), lodge: newId() } };
}
