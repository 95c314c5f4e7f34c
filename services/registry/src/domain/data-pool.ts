import type { ItemAccess } from './access.js';

export const RELEASE_STATES = ['NOT_RELEASED', 'PENDING', 'RELEASED'] as const;
export type ReleaseState = (typeof RELEASE_STATES)[number];

export const RELEASE_ACTIONS = ['REQUEST', 'APPROVE', 'REJECT'] as const;
export type ReleaseAction = (typeof RELEASE_ACTIONS)[number];

/** What was said about its release, in order. */
export interface ReleaseEvent {
  readonly number: number;
  readonly action: ReleaseAction;
  readonly at: Date;
  readonly userId: string;
  /** Who is to decide, or was. */
  readonly reviewerId: string;
  readonly note: string;
}

export interface Seal {
  readonly at: Date;
  readonly by: string;
}

/** What people say of a pool. */
export interface DataPoolDescription {
  /** Unique in the organization. */
  readonly name: string;
  readonly description: string;
  /** SPDX id or web address. */
  readonly licence: string | null;
  readonly tags: readonly string[];
}

/** A shared container of files. */
export interface DataPool extends DataPoolDescription, ItemAccess {
  /** Surrogate key, never shown. */
  readonly key: number;
  readonly id: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Counts the changes of the pool, also of rights and release; those of its files are their own. */
  readonly seq: number;
  readonly release: ReleaseState;
  readonly releaseRequestedBy: string | null;
  readonly reviewerId: string | null;
  readonly releasedAt: Date | null;
  readonly sealed: Seal | null;
  /** SHA-256 of its manifest, once it is released or sealed. */
  readonly manifestSha256: string | null;
}

/** A file as it came into a pool; written again under its name it is another version. */
export interface DataPoolFile {
  readonly id: string;
  readonly poolId: string;
  readonly name: string;
  readonly version: number;
  /** False: the name was written again. */
  readonly current: boolean;
  readonly artifactId: string;
  readonly size: number;
  readonly sha256: string;
  readonly mediaType: string;
  /** What is in it beyond its media type, such as `QUBO` or `NetCDF-4`. */
  readonly format: string | null;
  /** Its own; null: that of the pool. */
  readonly licence: string | null;
  readonly description: string;
  readonly addedBy: string;
  readonly addedAt: Date;
  /** The item of a job that it is the result of. */
  readonly source: { readonly jobId: string; readonly itemIndex: number } | null;
}

/** The kinds of news about a pool. */
export type DataPoolChange =
  | 'CREATED'
  | 'UPDATED'
  | 'ACCESS_CHANGED'
  | 'TRANSFERRED'
  | 'DELETED'
  | 'RELEASE_REQUESTED'
  | 'RELEASED'
  | 'RELEASE_REJECTED'
  | 'SEALED';

export const MOST_POOLS = 1_000;
/** Of one pool, earlier versions counted. */
export const MOST_FILES = 10_000;

/** One line for each file, `<sha256> <size> <name>`, in the order of the bytes of their names: its SHA-256 stands for the pool. */
export const manifestOf = (
  files: readonly { readonly name: string; readonly sha256: string; readonly size: number }[],
): string =>
  files
    .map(({ name, sha256, size }) => ({ bytes: Buffer.from(name), line: `${sha256} ${size} ${name}\n` }))
    .toSorted((one, other) => Buffer.compare(one.bytes, other.bytes))
    .map(({ line }) => line)
    .join('');

/**
 * Whether this user may approve what he asked for himself: only in his personal organization, where there may be nobody
 * else. Of other organizations the registry does not know who their members are.
 */
export const mayApprove = (
  pool: Pick<DataPool, 'releaseRequestedBy' | 'organizationId'>,
  userId: string,
  personalOrganizationId: string | undefined,
): boolean => pool.releaseRequestedBy !== userId || pool.organizationId === personalOrganizationId;
