// What the use cases of data pools need of the world.
import type { ArtifactStored } from '@weft/contracts';
import type { PoolChange } from '../domain/data-pool-change.js';
import type { DataPool, DataPoolChange, DataPoolFile, ReleaseAction } from '../domain/data-pool.js';

export type NewDataPool = Pick<
  DataPool,
  'id' | 'organizationId' | 'ownerId' | 'name' | 'description' | 'licence' | 'tags' | 'grants' | 'createdBy'
>;

/** A stored file that the registry has heard of. */
export interface KnownArtifact {
  readonly id: string;
  /** Who owns it now; null: it went with the job that made it. */
  readonly organizationId: string | null;
  /** By which provenance knows it: never changes. */
  readonly identity: string;
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  readonly sha256: string;
}

/** What an item of a job made, as far as one of the principals may know of it. */
export interface JobResult {
  readonly jobId: string;
  readonly itemIndex: number;
  /** Null: it is a value, which the jobs service keeps. */
  readonly artifactId: string | null;
}

export type NewFile = Omit<DataPoolFile, 'version' | 'current' | 'addedAt' | 'poolId'>;

/** The data pools of one open transaction. */
export interface DataPoolWork {
  /** The time of the database, which is the platform's clock. */
  now(): Promise<Date>;
  /** Whether another pool of the organization has the name; until the end of the transaction nobody else takes one there. */
  nameIsTaken(organizationId: string, name: string, except: DataPool | null): Promise<boolean>;
  countPools(organizationId: string): Promise<number>;
  insert(pool: NewDataPool): Promise<DataPool>;
  /** Locked, as far as one of these principals may see it. */
  lock(id: string, principals: readonly string[]): Promise<DataPool | undefined>;
  /** Locked, whoever may see it. */
  lockUnseen(id: string): Promise<DataPool | undefined>;
  /** One that grants something whose time is over, locked. What somebody else has locked is passed over. */
  lockOneWithEndedGrants(): Promise<DataPool | undefined>;
  /** Writes the pool as it is now, one `seq` further; what it says of rights also where provenance shows it. */
  save(pool: DataPool): Promise<DataPool>;
  delete(pool: DataPool, userId: string, reason: string): Promise<DataPool>;
  /** Undefined: not heard of yet, or there is none. */
  artifact(id: string): Promise<KnownArtifact | undefined>;
  result(jobId: string, itemIndex: number, principals: readonly string[]): Promise<JobResult | undefined>;
  /** Whether a dataset that stands names it as its data. */
  isNamed(pool: DataPool): Promise<boolean>;
  /** Of all versions that were not taken out. */
  countFiles(pool: DataPool): Promise<number>;
  currentFile(pool: DataPool, name: string): Promise<DataPoolFile | undefined>;
  /** The current ones, by name. */
  currentFiles(pool: DataPool): Promise<DataPoolFile[]>;
  /** The next version of its name; provenance knows the file from now on. */
  addFile(pool: DataPool, file: NewFile, artifact: KnownArtifact): Promise<DataPoolFile>;
  /** Takes every version of a name out, or the earlier versions of all names. */
  takeOut(
    pool: DataPool,
    what: { readonly name: string } | 'EARLIER',
    userId: string,
  ): Promise<DataPoolFile[]>;
  /** Keeps what was changed of a pool that others rely on. */
  noteChange(pool: DataPool, change: Omit<PoolChange, 'number' | 'at'>): Promise<void>;
  noteRelease(
    pool: DataPool,
    event: {
      readonly action: ReleaseAction;
      readonly userId: string;
      readonly reviewerId: string;
      readonly note: string;
    },
  ): Promise<void>;
  /** Makes the pool known to provenance, with its files as members, as the word of this user; once. */
  register(pool: DataPool, manifestSha256: string, userId: string): Promise<void>;
  /** The news, in the outbox of this transaction. */
  tell(pool: DataPool, change: DataPoolChange, correlationId: string): Promise<void>;
  tellFiles(files: readonly DataPoolFile[], removed: boolean, correlationId: string): Promise<void>;
}

/** A small copy of what execution says. Hearing it twice or late changes nothing. */
export interface DataPoolNews {
  keepArtifact(fact: ArtifactStored): Promise<void>;
}

export interface DataPoolPorts {
  readonly transact: <T>(work: (tx: DataPoolWork) => Promise<T>) => Promise<T>;
  readonly newId: () => string;
  readonly sha256: (text: string) => string;
  /** Waits a little for news; false: long enough (law 1: a reference that is not known yet waits up to 10 s). */
  readonly patience: () => () => Promise<boolean>;
}
