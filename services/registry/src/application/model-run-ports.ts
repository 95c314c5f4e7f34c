// What the use cases of model runs need of the world.
import type { RegisteredItem } from '../domain/item.js';
import type { ToldRun } from '../domain/model-run.js';
import type { NamedItem } from '../domain/model-run-rules.js';
import type { AssertionChange, RecordedGraph, Standing } from '../domain/statement-diff.js';
import type { NodeStatement } from '../domain/statement.js';
import type { ActivityWork } from './activity-ports.js';
import type { BulkWork } from './bulk-ports.js';
import type { NewItem, FoundBy } from './item-ports.js';

/** What is kept of a run beside its item. */
export interface RunState {
  readonly told: ToldRun;
  /** The run was deleted: it shall assert nothing. */
  readonly removed: boolean;
  /** The revision of the item that the graph speaks of; null: none. */
  readonly lodged: number | null;
}

export interface KeptRun {
  readonly told: ToldRun;
  /** Of what it says, in one form. */
  readonly hash: string;
}

export interface NewRun {
  readonly item: NewItem;
  readonly foundBy: FoundBy;
  readonly run: KeptRun;
  /** Its statements are lodged in the same transaction. */
  readonly lodged: boolean;
}

export interface InsertedRun {
  readonly item: RegisteredItem;
  /** False: another run of the organization says the same. The transaction must not be committed then. */
  readonly isFirst: boolean;
  /** Outputs that another run generates. With any, the transaction must not be committed. */
  readonly taken: readonly string[];
}

/** A dataset that a run generates, locked. */
export interface LockedOutput {
  readonly id: string;
  readonly pid: string;
  readonly organizationId: string;
  readonly readers: readonly string[];
}

export interface RecordHead {
  readonly id: string;
  readonly organizationId: string;
  readonly itemId: string;
  readonly name: string;
  readonly lodgedBy: string;
  readonly jobId: string;
  readonly readers: readonly string[];
}

export interface ModelRunWork extends ActivityWork, BulkWork {
  /**
   * Those of these ids and pids that one of the principals may read, with what judging a run needs to know of them.
   * @param runId the run that may have generated them, if it is there already.
   */
  named(
    references: readonly string[],
    principals: readonly string[],
    runId: string | null,
  ): Promise<NamedItem[]>;
  /** New items, with what they say and generate; nothing is told of them. */
  insertRuns(runs: readonly NewRun[]): Promise<InsertedRun[]>;
  /** @throws Overtaken another run of the organization says the same. */
  rewriteRun(item: RegisteredItem, run: KeptRun): Promise<void>;
  /** The run, and no other, generates these from now on. Gives those that another one has. */
  takeOutputs(item: RegisteredItem, datasetIds: readonly string[]): Promise<readonly string[]>;
  runState(item: RegisteredItem): Promise<RunState | undefined>;
  removeRun(item: RegisteredItem): Promise<void>;
  setLodged(item: RegisteredItem, revision: number | null): Promise<void>;

  /** Nobody else changes statements that records share. `adding`: others may add at the same time. */
  lockStatements(how: 'adding' | 'changing'): Promise<void>;
  /** These datasets, and those that the records say were generated. */
  lockOutputs(recordIds: readonly string[], datasetIds: readonly string[]): Promise<LockedOutput[]>;
  /** The records, and those that tell of the registration of the datasets that these generate or shall generate. */
  recorded(recordIds: readonly string[], datasetIds: readonly string[]): Promise<RecordedGraph>;
  /** How many stand behind what the changes touch. */
  standing(changes: readonly AssertionChange[]): Promise<Standing>;
  keepRecords(records: readonly RecordHead[]): Promise<void>;
  applyChanges(changes: readonly AssertionChange[], nodes: readonly NodeStatement[]): Promise<void>;
}

export interface ModelRunPorts {
  readonly transact: <T>(work: (tx: ModelRunWork) => Promise<T>) => Promise<T>;
  readonly newId: () => string;
  readonly mintPid: () => string;
  readonly sha256: (text: string) => string;
  /** The public id of what has this identity. */
  readonly idOf: (identity: string) => string;
}
