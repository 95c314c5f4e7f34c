// The read side: everything that a graph's client may ask of jobs, scoped to the actor inside the query.
import type { Actor } from '@weft/identity';
import type { JobState } from '@weft/contracts';
import type { StoredCommand } from '../domain/command.js';
import type { ResultPoolName } from '../domain/definition/definition.js';
import type { JobCounts, JobDurations, JobFilter, JobGrouping, JobOrder, JobPage } from './job-list.js';
import type { ListedJob } from './takes-job.js';
import type { Attempt, Job, JobError, JobItem, Transition } from '../domain/job.js';

export interface PageOf<Row> {
  readonly rows: readonly Row[];
  readonly hasNextPage: boolean;
}

/** Position in a list ordered by time and id. */
export interface PageAt {
  readonly first: number;
  readonly after: readonly (string | number)[] | undefined;
}

export interface AttemptView extends Attempt {
  readonly progress: number | null;
  readonly progressMessage: string | null;
}

export interface JobInputView {
  readonly jobId: string;
  readonly data: unknown;
  readonly params: unknown;
  readonly dataArtifactId: string | null;
  readonly codeArtifactId: string | null;
  readonly command: StoredCommand | null;
  readonly size: string | null;
  readonly image: string | null;
  readonly resultPool: ResultPoolName | null;
}

/** What a job shows and no transition needs. */
export interface JobDetails {
  readonly jobId: string;
  readonly description: string;
  /** The items that running attempts say to have done, as a sum of their parts. */
  readonly underWay: number;
}

/** What a failed job failed of. */
export interface JobFailure {
  readonly jobId: string;
  readonly failedItems: number;
  /** Workers that its items lost, all together. */
  readonly losses: number;
  /** Of its first failed item. */
  readonly error: JobError | null;
}

export interface JobReader {
  job(actor: Actor, id: string): Promise<Job | undefined>;
  /** In the order of the ids; `undefined` where there is none that the actor may see. */
  jobsByIds(actor: Actor, ids: readonly string[]): Promise<(Job | undefined)[]>;
  /** @param order NEWEST when left out. */
  jobs(actor: Actor, filter: JobFilter, page: PageAt, order?: JobOrder): Promise<JobPage>;
  counts(actor: Actor, filter: JobFilter, by: JobGrouping): Promise<JobCounts>;
  durations(actor: Actor, filter: JobFilter): Promise<JobDurations>;
  /** Of jobs that the actor was already given. */
  details(jobIds: readonly string[]): Promise<(JobDetails | undefined)[]>;
  /** Of jobs that the actor was already given. */
  failures(jobIds: readonly string[]): Promise<(JobFailure | undefined)[]>;
  /** Transitions after `seq` and the job, both without a look at rights: for a follower whose rights were looked at. */
  news(
    jobId: string,
    afterSeq: number,
    most: number,
  ): Promise<{ job: Job | undefined; transitions: Transition[] }>;
  /** Without a look at rights: for live lists, which look at them row by row. */
  listed(jobIds: readonly string[]): Promise<ListedJob[]>;
  seqs(jobIds: readonly string[]): Promise<Map<string, number>>;
  /** Of jobs that the actor was already given. */
  timeline(jobId: string, afterSeq: number, first: number): Promise<PageOf<Transition>>;
  /** @param states only those; all when left out. */
  items(
    jobId: string,
    afterIndex: number,
    first: number,
    states?: readonly JobState[],
  ): Promise<PageOf<JobItem>>;
  /** Item 0 of each job, with its result: the whole of a plain job. */
  soleItems(jobIds: readonly string[]): Promise<(JobItem | undefined)[]>;
  /** What each item brings itself; null where none does, or where it stands in the params already. */
  itemParams(jobIds: readonly string[]): Promise<(readonly unknown[] | null)[]>;
  inputs(jobIds: readonly string[]): Promise<(JobInputView | undefined)[]>;
  attempts(jobIds: readonly string[]): Promise<AttemptView[][]>;
  /** The last 20 that held each of these items of jobs that the actor was already given, the latest first. */
  attemptsOfItems(keys: readonly { jobId: string; index: number }[]): Promise<AttemptView[][]>;
  /** What each of these items lays over the params of its job; null where nothing. */
  paramsOfItems(keys: readonly { jobId: string; index: number }[]): Promise<unknown[]>;
  retries(jobIds: readonly string[]): Promise<Job[][]>;
  attemptsByKeys(
    actor: Actor,
    keys: readonly { jobId: string; number: number }[],
  ): Promise<(AttemptView | undefined)[]>;
  itemsByKeys(
    actor: Actor,
    keys: readonly { jobId: string; index: number }[],
  ): Promise<(JobItem | undefined)[]>;
}
