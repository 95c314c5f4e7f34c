// What the use cases need from the outside, in their own words. context.ts says who provides it.
import type { ArtifactStored, DescribedEnvironment, TargetChanged } from '@weft/contracts';
import type { Artifact, StoredArtifact } from '../domain/artifact.js';
import type { KnownAttempt, KnownJob } from '../domain/attempt.js';
import type { AttemptUsage, LogLine, NewLogLine } from '../domain/log-line.js';
import type { Beat } from '../domain/target-status.js';
import type { Provider, Target, TargetDeclaration, TargetStanding } from '../domain/target.js';

export interface TargetStore {
  ensureProvider(provider: Provider): Promise<void>;
  /** The target under its row lock. */
  lock(id: string): Promise<Target | undefined>;
  insert(target: Target): Promise<void>;
  update(id: string, seq: number, change: TargetDeclaration & TargetStanding): Promise<void>;
  ids(): Promise<string[]>;
  keepBeat(
    targetId: string,
    beat: Beat & { readonly running: number; readonly capacity: number },
  ): Promise<void>;
  beats(targetId: string): Promise<Beat[]>;
  now(): Promise<Date>;
}

export interface ArtifactStore {
  insert(artifact: Artifact): Promise<void>;
  find(id: string): Promise<Artifact | undefined>;
  /** Marks an expected artifact as stored; `undefined` when it was stored before. */
  store(id: string, sha256: string, size: number): Promise<StoredArtifact | undefined>;
  /** Whether a data pool or a dataset gives the organization the right to read it. */
  isOpenTo(id: string, organizationId: string): Promise<boolean>;
  /** Forgets uploads that nobody began. */
  forgetAbandoned(olderThanMs: number): Promise<void>;
}

/** What attempts ran in, by digest. */
export interface EnvironmentStore {
  /** Those that were not known before. */
  keepNew(environments: readonly DescribedEnvironment[]): Promise<DescribedEnvironment[]>;
}

export interface JobStore {
  job(id: string): Promise<KnownJob | undefined>;
  attempt(jobId: string, number: number): Promise<KnownAttempt | undefined>;
  serviceCode(serviceVersionId: string): Promise<string | undefined>;
}

/** An attempt as the news of its job tells of it. */
export type AttemptNews = Omit<KnownAttempt, 'logComplete'> & { readonly seq: number };

/** What execution knows from others: each in one statement, which keeps only what is newer than what is known. */
export interface JobNews {
  keep(jobs: readonly KnownJob[], attempts: readonly AttemptNews[]): Promise<void>;
  keepServiceCode(serviceVersionId: string, artifactId: string, seq: number): Promise<void>;
}

/** News under way may be taken in batches; a worker that asks about it cannot wait for the next one. */
export interface Courier {
  /** Resolves when something more may be known. */
  hurry(): Promise<void>;
}

export interface LoggedAttempt extends KnownAttempt {
  /** The highest number of its lines now stored. */
  readonly stored: number;
}

export interface AttemptLines extends AttemptKey {
  readonly lines: readonly NewLogLine[];
}

export interface AttemptEnd extends AttemptKey {
  readonly usage: AttemptUsage | null;
}

/** Logs of several attempts at once; each in one statement. */
export interface LogStore {
  /** Those that are known. */
  attempts(keys: readonly AttemptKey[]): Promise<LoggedAttempt[]>;
  /** Adds the lines that are not there yet; of each attempt at most once in a call. */
  append(attempts: readonly AttemptLines[]): Promise<void>;
  complete(ends: readonly AttemptEnd[]): Promise<void>;
}

export interface Announcements {
  targetChanged(fact: TargetChanged): Promise<void>;
  artifactStored(fact: ArtifactStored): Promise<void>;
  environmentDescribed(fact: DescribedEnvironment): Promise<void>;
}

/** One transaction. */
export interface Work {
  readonly targets: TargetStore;
  readonly artifacts: ArtifactStore;
  readonly environments: EnvironmentStore;
  readonly jobs: JobStore;
  readonly announce: Announcements;
  afterCommit(callback: () => void): void;
}

export type Transact = <T>(work: (tx: Work) => Promise<T>) => Promise<T>;

/** The bytes of artifacts, by organization and content. */
export interface BlobStore {
  /** Streams to disk, durable when it resolves; throws PAYLOAD_TOO_LARGE above `maxBytes`. */
  put(
    organizationId: string,
    source: AsyncIterable<Buffer>,
    maxBytes: number,
  ): Promise<{ readonly sha256: string; readonly size: number }>;
  /** A readable stream of the content; throws when it is gone. */
  open(organizationId: string, sha256: string): Promise<NodeJS.ReadableStream>;
  /** The second organization has the content, too, from now on. */
  share(from: string, to: string, sha256: string): Promise<void>;
  /** Removes a content that nothing refers to; one that came just now stays, since somebody may be about to. */
  forget(organizationId: string, sha256: string): Promise<void>;
}

/** Bytes of an organization. */
export interface Content {
  readonly organizationId: string;
  readonly sha256: string;
}

export interface Contents {
  /** Those of the contents that no artifact of their organization has. */
  unused(contents: readonly Content[]): Promise<Content[]>;
}

export type ArtifactMethod = 'GET' | 'PUT';

export interface ArtifactUrls {
  /** For clients, through the gateway. */
  forClient(
    method: ArtifactMethod,
    artifactId: string,
    ttlMs: number,
  ): { readonly url: string; readonly expiresAt: Date };
  /** For workers, directly. */
  forWorker(
    method: ArtifactMethod,
    artifactId: string,
    ttlMs: number,
  ): { readonly url: string; readonly expiresAt: Date };
  verify(
    method: ArtifactMethod,
    artifactId: string,
    expires: string | null,
    signature: string | null,
  ): boolean;
}

/** Rung when a job's log or state may have moved; rings on every replica. */
export interface LogBell {
  ring(jobId: string): void;
  /** Calls back at every ring, until the returned function is called. */
  listen(jobId: string, callback: () => void): () => void;
}

export type NewId = () => string;

/** What may be read: every question carries the organizations of the one who asks. */
export interface Reads {
  providers(): Promise<Provider[]>;
  targets(organizationIds: readonly string[], filter: TargetFilter): Promise<Target[]>;
  targetsById(organizationIds: readonly string[], ids: readonly string[]): Promise<Map<string, Target>>;
  queueLengths(targetIds: readonly string[]): Promise<Map<string, number>>;
  /** Also those that a data pool or a dataset gives one of the principals (`principalsOf`) the right to read. */
  artifactsById(
    organizationIds: readonly string[],
    principals: readonly string[],
    ids: readonly string[],
  ): Promise<Map<string, StoredArtifact>>;
  artifacts(
    organizationIds: readonly string[],
    jobId: string | undefined,
    page: PageSlice,
  ): Promise<StoredArtifact[]>;
  attemptUsages(
    organizationIds: readonly string[],
    keys: readonly AttemptKey[],
  ): Promise<Map<string, AttemptUsage>>;
  logLines(organizationIds: readonly string[], jobId: string, range: LogRange): Promise<LogLine[]>;
  /** A visible job with its attempts; `undefined` when it is unknown or another's. */
  jobForLog(
    organizationIds: readonly string[],
    jobId: string,
  ): Promise<{ job: KnownJob; attempts: KnownAttempt[]; now: Date } | undefined>;
}

export interface TargetFilter {
  readonly providerId?: string | null;
  readonly status?: string | null;
  readonly kind?: string | null;
}

export interface AttemptKey {
  readonly jobId: string;
  readonly number: number;
}

export interface PageSlice {
  readonly limit: number;
  readonly after: readonly (string | number)[] | undefined;
}

export interface LogRange {
  readonly attempt?: number;
  readonly limit: number;
  readonly after?: number;
  readonly before?: number;
  /** From the end backwards; the lines still come in order. */
  readonly fromEnd?: boolean;
}
