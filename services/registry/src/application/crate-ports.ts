import type { CrateSource } from '../domain/crate-content.js';
import type { RequestedArchive } from '../domain/crate-archive.js';
import type { GraphReader } from './exchange-ports.js';
import type { LineageStore } from './lineage-ports.js';
import type { UnsuccessfulJob } from './report-ports.js';

/** What somebody wants as a crate: a job, by its id or its activity's, or a workflow. */
export type CrateSubject =
  { readonly jobId: string } | { readonly activityId: string } | { readonly workflowId: string };

/** A run that has ended, as far as one of these principals may read it. */
export interface FoundRun {
  readonly jobId: string | null;
  readonly workflowId: string | null;
  readonly name: string;
  readonly organizationId: string;
}

export interface NewArchive extends Pick<RequestedArchive, 'id' | 'userId' | 'licence' | 'jobId'> {
  readonly run: FoundRun;
  readonly key: { readonly key: string; readonly inputHash: string } | undefined;
}

/** An archive as its job finds it. */
export interface BegunArchive extends RequestedArchive {
  /** Of the run, for people. */
  readonly name: string;
}

export interface MadeArchive {
  readonly artifactId: string;
  readonly fileCount: number;
  readonly missingCount: number;
}

/** The archives of one open transaction. */
export interface CrateWork {
  run(subject: CrateSubject, principals: readonly string[]): Promise<FoundRun | undefined>;
  /** A run of a model that one of these principals may read, which is not packed. */
  isModelRun(subject: CrateSubject, principals: readonly string[]): Promise<boolean>;
  countUnderWay(userId: string): Promise<number>;
  /** Who asks under a key waits for whoever asks under the same. */
  keyHolder(
    organizationId: string,
    key: string,
  ): Promise<{ readonly id: string; readonly inputHash: string } | undefined>;
  /** With the news that asks for its job, in the outbox of this transaction. */
  request(archive: NewArchive, correlationId: string): Promise<void>;
  /** It is the job's from now on, unless it is there already. */
  begin(archiveId: string, jobId: string): Promise<BegunArchive | undefined>;
  /** The one that counts: that which was there first. */
  finish(archiveId: string, made: MadeArchive): Promise<MadeArchive>;
  /** What is there stays so, whatever becomes of its job afterwards. */
  ended(jobs: readonly UnsuccessfulJob[]): Promise<void>;
}

/** What an archive may be of. */
export type ArchivedKind = 'JOB' | 'WORKFLOW';

export interface ArchivePage {
  readonly first: number;
  readonly after: { readonly at: string; readonly id: string } | undefined;
}

export interface CrateReader {
  /** An archive of one of these organizations. */
  archive(organizations: readonly string[], id: string): Promise<RequestedArchive | undefined>;
  /** Those of each of these runs, the last first; one more than asked when there are more. */
  archivesOf(
    organizations: readonly string[],
    kind: ArchivedKind,
    ids: readonly string[],
    page: ArchivePage,
  ): Promise<Map<string, RequestedArchive[]>>;
}

/** Where a file of an archive comes from, and what it is called there. */
export interface OpenedSource {
  readonly name: string | undefined;
  readonly mediaType: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** @returns undefined for what is gone, or not for the organization. */
export type OpenSource = (source: CrateSource) => Promise<OpenedSource | undefined>;

/** A file on its way into an archive. */
export interface ArchiveEntry {
  readonly path: string;
  readonly content: Uint8Array | AsyncIterable<Uint8Array>;
}

export interface Hash {
  update(bytes: Uint8Array): void;
  /** In hex; once. */
  digest(): string;
}

export interface CratePorts {
  readonly transact: <T>(work: (tx: CrateWork) => Promise<T>) => Promise<T>;
  readonly newId: () => string;
  readonly sha256: (text: string) => string;
  readonly hash: () => Hash;
  readonly lineage: LineageStore;
  readonly graph: GraphReader;
  /** What stands before a pid where it is an IRI. */
  readonly pidBase: string;
  /** Each entry is asked for when the one before it was read. */
  readonly zip: (entries: AsyncIterable<ArchiveEntry>) => AsyncIterable<Uint8Array>;
}
