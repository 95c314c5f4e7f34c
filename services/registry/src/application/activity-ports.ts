// What writing down a Create or Version activity needs of the world.
import type {
  ActivityWorkflowKind,
  CreationKind,
  StepKey,
  WorkflowState,
} from '../domain/activity-workflow.js';
import type { RegisteredItem } from '../domain/item.js';
import type { LodgedEdge } from '../domain/lodged-activity.js';
import type { NodeStatement } from '../domain/statement.js';
import type { ItemWork } from './item-ports.js';

export interface LockedWorkflow {
  readonly id: string;
  readonly kind: ActivityWorkflowKind;
  readonly userId: string;
  readonly requestedAt: Date;
  readonly item: RegisteredItem;
  /** The version before the item, for VERSION. */
  readonly previousId: string | null;
  readonly activityId: string | null;
  /** Of the registered activity. */
  readonly activityPid: string | null;
  readonly recordId: string | null;
  /** The registered person that the user is. */
  readonly personId: string | null;
}

export interface NewRecord {
  readonly id: string;
  readonly organizationId: string;
  readonly kind: CreationKind;
  readonly itemId: string;
  readonly name: string;
  readonly lodgedBy: string;
  readonly jobId: string;
  readonly readers: readonly string[];
}

export interface ActivityWork extends ItemWork {
  /** The workflow with its item, locked: its jobs come one after the other, however often they are tried. */
  lockWorkflow(workflowId: string): Promise<LockedWorkflow | undefined>;
  /** @param at when it took place: it has no duration. */
  setActivity(workflowId: string, activity: RegisteredItem, at: Date): Promise<void>;
  /** The job runs the step: a retry of an ended one takes its place, never the other way round. True: this was not known. */
  stepRuns(workflowId: string, step: StepKey, jobId: string): Promise<boolean>;
  /** What came of the job of a step. The item of its workflow; undefined when it is no step's job, or known already. */
  stepEnded(jobId: string, retryOf: string | null, state: WorkflowState): Promise<RegisteredItem | undefined>;
  /** Writes the nodes that are mentioned, the statements, and that this record asserts them; once for an id. */
  lodge(record: NewRecord, nodes: readonly NodeStatement[], edges: readonly LodgedEdge[]): Promise<void>;
  /** Whether a run or a job has generated the item. */
  isGenerated(item: RegisteredItem): Promise<boolean>;
  firstHearing(consumer: string, messageId: string): Promise<boolean>;
}

export interface ActivityPorts {
  readonly transact: <T>(work: (tx: ActivityWork) => Promise<T>) => Promise<T>;
  readonly mintPid: () => string;
  /** The public id of what has this identity. */
  readonly idOf: (identity: string) => string;
}
