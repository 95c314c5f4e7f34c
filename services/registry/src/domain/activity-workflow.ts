import type { FinalJobState } from '@weft/contracts';

/**
 * CREATE: how an item came to be. VERSION: how a new version of one did. MODEL_RUN: what a run of a model used and made.
 * MODEL_RUN_UPDATE: the same after the run was edited or deleted.
 */
export const ACTIVITY_WORKFLOW_KINDS = ['CREATE', 'VERSION', 'MODEL_RUN', 'MODEL_RUN_UPDATE'] as const;
export type ActivityWorkflowKind = (typeof ACTIVITY_WORKFLOW_KINDS)[number];
/** Those that register an activity; of the others the item itself is the activity. */
export type CreationKind = Extract<ActivityWorkflowKind, 'CREATE' | 'VERSION'>;

/** PENDING: no job of it runs yet. IN_PROGRESS: one does, or did. The rest is how it ended. */
export const WORKFLOW_STATES = ['PENDING', 'IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type WorkflowState = 'PENDING' | 'IN_PROGRESS' | FinalJobState;

/**
 * *register* writes the activity down as an item, *lodge* its provenance; the second needs the first, where there is one.
 * *store* makes a file of the value that a dataset is, where it is one.
 */
export const STEP_KEYS = ['register', 'lodge', 'store'] as const;
export type StepKey = (typeof STEP_KEYS)[number];

/** What the registry's own worker is asked to do, by kind and step. */
export const OPERATIONS = {
  CREATE: { register: 'REGISTER_CREATE_ACTIVITY', lodge: 'LODGE_CREATE_ACTIVITY', store: 'STORE_RESULT' },
  VERSION: { register: 'REGISTER_VERSION_ACTIVITY', lodge: 'LODGE_VERSION_ACTIVITY' },
  MODEL_RUN: { lodge: 'MODEL_RUN_LODGE' },
  MODEL_RUN_UPDATE: { lodge: 'MODEL_RUN_UPDATE' },
} as const satisfies Record<ActivityWorkflowKind, Partial<Record<StepKey, string>>>;

/** A run that is one of many: registered and lodged by the one job of its row. */
export const BULK_OPERATION = 'REGISTER_MODEL_RUN';

/** The steps of a workflow in their order, each with what its job is to do. */
export const stepsOf = (
  kind: ActivityWorkflowKind,
): { readonly key: StepKey; readonly operation: string; readonly needs: readonly StepKey[] }[] => {
  const operations: Partial<Record<StepKey, string>> = OPERATIONS[kind];
  return STEP_KEYS.flatMap((key) => {
    const operation = operations[key];
    if (operation === undefined) return [];
    return [
      { key, operation, needs: key === 'lodge' && operations.register !== undefined ? ['register'] : [] },
    ];
  });
};

/** Ids are made with the item, so that it names its jobs from the first moment. */
export interface RequestedWorkflow {
  readonly id: string;
  readonly kind: ActivityWorkflowKind;
  readonly jobIds: Readonly<Partial<Record<StepKey, string>>>;
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

/** @param storing there is a value that becomes a file. */
export function requestWorkflow(
  kind: ActivityWorkflowKind,
  newId: () => string,
  storing = false,
): RequestedWorkflow {
  const steps = stepsOf(kind).filter(({ key }) => storing || key !== 'store');
  return { id: newId(), kind, jobIds: Object.fromEntries(steps.map(({ key }) => [key, newId()])) };
}
