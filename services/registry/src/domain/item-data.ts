// What a dataset holds, beside what is said of it.

/** A stored file. It never changes: other data are another version of the dataset. */
export interface DataFile {
  readonly kind: 'FILE';
  readonly artifactId: string;
  readonly size: number;
  readonly sha256: string;
}

/** A data pool, which has files and rights of its own. */
export interface DataOfPool {
  readonly kind: 'POOL';
  readonly dataPoolId: string;
}

/** A value that a job made and still has: a job of the registry makes a file of it. */
export interface DataOfResult {
  readonly kind: 'RESULT';
  readonly jobId: string;
  readonly itemIndex: number;
}

export type ItemData = DataFile | DataOfPool | DataOfResult;

/** What people name as the data of a dataset: one of the two. */
export interface NamedData {
  readonly artifactId?: string | null;
  readonly dataPoolId?: string | null;
}
