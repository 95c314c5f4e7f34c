// What the use cases of items need of the world.
import type { Actor } from '@weft/identity';
import type { DataPool } from '../domain/data-pool.js';
import type { DataFile, ItemData } from '../domain/item-data.js';
import type { KnownArtifact } from './data-pool-ports.js';
import type { Grant, ItemRole } from '../domain/access.js';
import type { AccessRequest, AccessRequestState } from '../domain/access-request.js';
import type {
  ItemChange,
  ItemContent,
  ItemRevision,
  RegisteredItem,
  RevisionAction,
  Withdrawal,
} from '../domain/item.js';
import type { ActivityWorkflowKind, RequestedWorkflow } from '../domain/activity-workflow.js';
import type { SearchTexts } from '../domain/item-types/index.js';
import type { SayingRun } from './run-twin.js';

/** Who asks, and under which correlation id. */
export interface Caller {
  readonly actor: Actor;
  readonly correlationId: string;
}

/** By what an item is found: its texts by their weight in the search, and the items that it names. */
export interface FoundBy extends SearchTexts {
  /** Normalized ids and pids, as metadata has them. */
  readonly mentions: readonly string[];
}

export type NewItem = Omit<
  RegisteredItem,
  'key' | 'createdAt' | 'updatedAt' | 'nextKey' | 'seq' | 'revision' | 'locked' | 'withdrawn'
>;

export interface Edit {
  readonly action: RevisionAction;
  readonly userId: string;
  readonly reason: string | null;
  readonly revertsTo?: number;
}

/** An item that somebody names in metadata, as far as he may see it. */
export interface KnownItem {
  readonly key: number;
  readonly id: string;
  readonly pid: string;
  readonly subtype: string;
  readonly isComplete: boolean;
  readonly isWithdrawn: boolean;
}

/** A result of a job, as provenance has it. */
export interface RecordedResult {
  readonly key: number;
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  /** It is an item already. */
  readonly registered: boolean;
  /** Null: it is a value, which the job has. */
  readonly artifactId: string | null;
  /** Null: the job made nothing. */
  readonly sha256: string | null;
  /** Its job is gone, and with it the value or the file. */
  readonly isGone: boolean;
}

export interface ItemRequestKey {
  readonly organizationId: string;
  readonly key: string;
  readonly inputHash: string;
}

/** What datasets hold, in one open transaction. */
export interface ItemDataWork {
  /** A stored file; undefined: not heard of yet, or there is none. */
  artifact(id: string): Promise<KnownArtifact | undefined>;
  /** A data pool, as far as one of these principals may see it; it stays until the end of the transaction. */
  pool(id: string, principals: readonly string[]): Promise<DataPool | undefined>;
  /** Once for an item. */
  keepData(item: Pick<RegisteredItem, 'key'>, data: ItemData): Promise<void>;
  /** The value that the dataset was is a file now, of which nobody else has told yet. */
  dataStored(
    item: Pick<RegisteredItem, 'key'>,
    file: DataFile,
    artifact: Pick<KnownArtifact, 'name'> & { readonly organizationId: string },
  ): Promise<void>;
}

/** The items of one open transaction. */
export interface ItemWork extends ItemDataWork {
  /** The time of the database, which is the platform's clock. */
  now(): Promise<Date>;
  /** @param recorded key of a node that is there and becomes the item. */
  insert(item: NewItem, edit: Edit, foundBy: FoundBy, recorded?: number): Promise<RegisteredItem>;
  /** What the job made at this place, as far as one of these principals may read it; locked. */
  lockResult(
    jobId: string,
    itemIndex: number,
    principals: readonly string[],
  ): Promise<RecordedResult | undefined>;
  /** By id or pid, locked, as far as one of these principals may read it. */
  lock(reference: string, principals: readonly string[]): Promise<RegisteredItem | undefined>;
  /** One that grants something whose time is over, locked. What somebody else has locked is passed over. */
  lockOneWithEndedGrants(): Promise<RegisteredItem | undefined>;
  revision(key: number, revision: number): Promise<ItemRevision | undefined>;
  /** Those of these ids and pids that one of the principals may read. */
  known(references: readonly string[], principals: readonly string[]): Promise<KnownItem[]>;
  edit(
    item: RegisteredItem,
    content: ItemContent & Pick<RegisteredItem, 'recordType'>,
    edit: Edit,
    foundBy: FoundBy,
  ): Promise<RegisteredItem>;
  /** Of a run of a model, the one of this organization that says the same. */
  twinIn(
    organizationId: string,
    item: RegisteredItem,
    principals: readonly string[],
  ): Promise<SayingRun | undefined>;
  /** @throws Overtaken its new organization has a run that says the same. */
  setAccess(
    item: RegisteredItem,
    access: { organizationId: string; ownerId: string; grants: readonly Grant[] },
  ): Promise<RegisteredItem>;
  /** Of a run of a model that was edited: the graph says of the new revision what it said of this one, if it did. */
  keepLodged(item: RegisteredItem): Promise<void>;
  setLock(item: RegisteredItem, locked: boolean, userId: string, reason: string): Promise<RegisteredItem>;
  withdraw(item: RegisteredItem, withdrawal: Omit<Withdrawal, 'at'>): Promise<RegisteredItem>;
  /** Somebody has to hear that it changed, though nothing of the item itself did. */
  touch(item: RegisteredItem): Promise<RegisteredItem>;
  moveAlias(item: RegisteredItem, alias: string, userId: string): Promise<void>;
  /** False: the series has no such alias. */
  removeAlias(item: RegisteredItem, alias: string): Promise<boolean>;
  /** The id of the item that was made under this key, with the hash of what was asked then. */
  takeRequestKey(
    key: ItemRequestKey,
  ): Promise<{ readonly itemId: string; readonly inputHash: string } | undefined>;
  keepRequestKey(key: ItemRequestKey, item: RegisteredItem): Promise<void>;
  /** @param item the one it is about. */
  insertAccessRequest(
    request: Omit<AccessRequest, 'requestedAt' | 'decision'>,
    item: RegisteredItem,
  ): Promise<boolean>;
  /** Locked, with the item it is about. */
  lockAccessRequest(id: string): Promise<{ request: AccessRequest; itemId: string } | undefined>;
  decideAccessRequest(
    id: string,
    state: Exclude<AccessRequestState, 'PENDING'>,
    by: string,
    note: string | null,
  ): Promise<void>;
  /** Key of the person that the user is, and the user that the person is; nobody links either until the transaction ends. */
  personLinks(
    userId: string,
    person: RegisteredItem,
  ): Promise<{ readonly person: number | null; readonly user: string | null }>;
  linkPerson(userId: string, item: RegisteredItem): Promise<void>;
  unlinkPerson(userId: string): Promise<void>;
  /** The person of this id or pid, locked, when the user is linked with it. */
  lockPersonOf(userId: string, reference: string): Promise<RegisteredItem | undefined>;
  insertWorkflow(item: RegisteredItem, workflow: RequestedWorkflow, userId: string): Promise<void>;
  /** What everybody may read the world is told of, with the activity that made it, where a registrar is set up; of all else not even the name. */
  publishPid(item: RegisteredItem): Promise<void>;
  retirePid(item: RegisteredItem, reason: string): Promise<void>;
  /** The news of it, in the outbox of this transaction. */
  tell(item: RegisteredItem, change: ItemChange, correlationId: string): Promise<void>;
  tellWorkflow(
    item: RegisteredItem,
    workflow: RequestedWorkflow,
    userId: string,
    correlationId: string,
  ): Promise<void>;
}

/** One transaction: committed when `work` resolves, rolled back when it rejects, repeated when it met a deadlock. */
export type TransactItems = <T>(work: (tx: ItemWork) => Promise<T>) => Promise<T>;

/** Mints a persistent identifier. Never gives the same twice. */
export type MintPid = () => string;

export interface ItemPorts {
  readonly transact: TransactItems;
  readonly newId: () => string;
  readonly mintPid: MintPid;
  readonly sha256: (text: string) => string;
  /** Waits a little for news; false: long enough (law 1). */
  readonly patience: () => () => Promise<boolean>;
}

export interface ItemFacts {
  readonly item: RegisteredItem;
  readonly roles: ReadonlySet<ItemRole>;
}

export type { ActivityWorkflowKind };
