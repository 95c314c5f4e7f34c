import { DELEGATION_ROLES } from './delegation.js';
import type { NodeFacts, Outcome } from './node.js';
import { agentsOf } from './lodged-activity.js';
import {
  mentionedJob,
  mentionedResult,
  workerOf,
  targetOf,
  environmentOf,
  resultOf,
  valueOf,
  artifactOf,
  commandOf,
  definitionOf,
  alternatesOf,
  owned,
  TOLD,
  MENTIONED,
} from './job-nodes.js';
import { mentionedVersion } from './service-version.js';
import { identity, StatementBuilder, type NodeStatement, type Statements } from './statement.js';

/** A job that has ended, as far as provenance cares. */
export interface FinishedJob {
  readonly jobId: string;
  readonly organizationId: string;
  readonly createdBy: string;
  readonly name: string;
  readonly serviceVersionId: string | null;
  /** By which version of which definition it was started. */
  readonly definition?: { readonly id: string; readonly version: number } | null | undefined;
  readonly state: Outcome;
  readonly itemsTotal: number;
  readonly submittedAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly retryOf: string | null;
  /** What it was submitted with: of a step its workflow. */
  readonly batchId?: string | null | undefined;
  /** Of a step of a workflow the jobs that it waited for. */
  readonly needs?: readonly string[] | null | undefined;
  readonly inputs: {
    readonly dataSha256: string | null;
    readonly paramsSha256: string | null;
    readonly artifactIds: readonly string[];
    /** The one of these that is the file of a command. */
    readonly codeArtifactId?: string | null | undefined;
    readonly commandSha256?: string | null | undefined;
    /** Results of other jobs that went into the input by value: of which items, as runs `[first, last]`. */
    readonly results?:
      | readonly {
          readonly jobId: string;
          readonly place: 'DATA' | 'PARAMS' | 'ITEMS';
          readonly items: readonly (readonly [number, number])[];
        }[]
      | undefined;
  };
  readonly attempts: readonly {
    readonly number: number;
    readonly workerId: string;
    readonly targetId: string;
    /** Digest of what it ran in. */
    readonly environment?: string | null | undefined;
    readonly outcome: string;
  }[];
  readonly outcomes: readonly ItemOutcome[];
}

export interface ItemOutcome {
  readonly index: number;
  readonly state: string;
  /** Null: no attempt of this job made it; in a successor of another job it was carried over from there. */
  readonly attempt: number | null;
  readonly resultSha256: string | null;
  readonly resultArtifactId: string | null;
  readonly errorCode: string | null;
  /** Of the params that this item brought itself. */
  readonly paramsSha256?: string | null | undefined;
}

/** What people did with the record of a job after it had ended. */
export interface KeptJob {
  /** Who owns it now. */
  readonly organizationId: string;
  /** Everybody to whom it was given. */
  readonly givenTo: readonly string[];
  readonly deletedAt: string | null;
}

/** What an activity did with what it used or made. */
export const ROLES = {
  data: 'data',
  params: 'params',
  code: 'code',
  /** Of the version of the definition that it was started by, which is its plan. */
  definition: 'definition',
  artifact: 'artifact',
  result: 'result',
  /** A result that the job this one retries had made already. */
  carried: 'carried',
  /** Of a result that went into the params of items. */
  items: 'params of items',
  submitter: 'submitter',
  /** Of an attempt of which something was accepted, be it an error. */
  worker: 'worker',
  /** Of an attempt that ended otherwise, and was followed by another or was the last that was allowed. */
  failedWorker: 'failed worker',
  /** It had the job and was not heard of again. */
  lostWorker: 'lost worker',
  target: 'target',
  environment: 'environment',
  /** What an attempt ran in of which nothing was accepted. */
  failedEnvironment: 'environment of a failed attempt',
  onBehalfOf: DELEGATION_ROLES.onBehalfOf,
} as const;

/** Those for whom somebody's job was run, or was to be. */
export const WORKER_ROLES: readonly string[] = [ROLES.worker, ROLES.failedWorker, ROLES.lostWorker];

/** Attempts that ended so had nothing accepted. */
const UNACCEPTED = new Set(['RUNNING', 'LOST']);

/** Everything that provenance says of a finished job. Pure: the same job gives the same statements. */
export function statementsOfJob(job: FinishedJob, kept?: KeptJob): Statements {
  const statements = new StatementBuilder();
  const activity = statements.node(activityOf(job, kept));
  sayWhatWasUsed(job, activity, statements);
  const user = sayWhoActed(job, activity, statements);
  sayWhereItRan(job, activity, user, statements);
  sayWhatWasMade(job, activity, user, statements, kept);
  // A retry follows from the job that it retries, a step from those that it waited for.
  for (const earlier of [...(job.retryOf === null ? [] : [job.retryOf]), ...(job.needs ?? [])])
    statements.edge(activity, 'WAS_INFORMED_BY', statements.node(mentionedJob(job, earlier)));
  return statements.build();
}

function activityOf(job: FinishedJob, kept: KeptJob | undefined): NodeStatement {
  const errorCode = job.outcomes.find((outcome) => outcome.errorCode !== null)?.errorCode ?? undefined;
  const facts: NodeFacts = {
    jobId: job.jobId,
    outcome: job.state,
    submittedAt: job.submittedAt,
    ...(job.retryOf === null ? {} : { retryOf: job.retryOf }),
    ...(job.needs != null && job.batchId != null ? { workflowId: job.batchId } : {}),
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(job.startedAt === null ? {} : { startedAt: job.startedAt }),
    ...(job.endedAt === null ? {} : { endedAt: job.endedAt }),
    ...(kept?.deletedAt == null ? {} : { deletedAt: kept.deletedAt }),
  };
  return {
    ...owned(job, identity.job(job.jobId), job.name, facts),
    organizationId: kept?.organizationId ?? job.organizationId,
    kind: 'ACTIVITY',
    subtype: 'JOB',
    revision: TOLD,
  };
}

const PLACES = { DATA: ROLES.data, PARAMS: ROLES.params, ITEMS: ROLES.items } as const;

/** Of what an item brought itself. */
export const roleOfItem = (index: number): string => `item ${index}`;
export function itemOfRole(role: string): number | undefined {
  const index = /^item (\d{1,9})$/.exec(role)?.[1];
  return index === undefined ? undefined : Number(index);
}

function sayWhatWasUsed(job: FinishedJob, activity: string, statements: StatementBuilder): void {
  const { dataSha256, paramsSha256, artifactIds, codeArtifactId, commandSha256, results = [] } = job.inputs;
  if (dataSha256 !== null)
    statements.edge(activity, 'USED', statements.node(valueOf(job, dataSha256)), ROLES.data);
  if (paramsSha256 !== null)
    statements.edge(activity, 'USED', statements.node(valueOf(job, paramsSha256)), ROLES.params);
  for (const artifactId of artifactIds) {
    const role = artifactId === codeArtifactId ? ROLES.code : ROLES.artifact;
    statements.edge(activity, 'USED', statements.node(artifactOf(job, artifactId)), role);
  }
  if (commandSha256 != null)
    statements.edge(activity, 'USED', statements.node(commandOf(job, commandSha256)), ROLES.code);
  for (const { jobId, place, items } of results)
    for (const [first, last] of items)
      for (let index = first; index <= last; index++)
        statements.edge(activity, 'USED', statements.node(mentionedResult(job, jobId, index)), PLACES[place]);
  for (const outcome of job.outcomes)
    if (outcome.paramsSha256 != null && outcome.attempt !== null)
      statements.edge(
        activity,
        'USED',
        statements.node(valueOf(job, outcome.paramsSha256)),
        roleOfItem(outcome.index),
      );
  if (job.definition != null)
    statements.edge(activity, 'USED', statements.node(definitionOf(job, job.definition)), ROLES.definition);
  if (job.serviceVersionId !== null) {
    const version = statements.node(mentionedVersion(job.serviceVersionId));
    statements.edge(activity, 'USED', version, ROLES.code);
  }
}

/** Who submitted it, and on whose behalf. @returns the user. */
function sayWhoActed(job: FinishedJob, activity: string, statements: StatementBuilder): string {
  const { user, organization } = agentsOf({ organizationId: job.organizationId, userId: job.createdBy });
  const submitter = statements.node(user);
  statements.edge(activity, 'WAS_ASSOCIATED_WITH', submitter, ROLES.submitter);
  const responsible = statements.node(organization);
  statements.edge(activity, 'WAS_ASSOCIATED_WITH', responsible, ROLES.onBehalfOf);
  statements.edge(submitter, 'ACTED_ON_BEHALF_OF', responsible, DELEGATION_ROLES.within);
  return submitter;
}

/** The workers of all attempts, for whom they acted, what they ran on and in. What was given back unfinished is no attempt at it. */
function sayWhereItRan(job: FinishedJob, activity: string, user: string, statements: StatementBuilder): void {
  const named = new Set(job.outcomes.map((outcome) => outcome.attempt));
  for (const { number, outcome, workerId, targetId, environment } of job.attempts) {
    const accepted = named.has(number) && !UNACCEPTED.has(outcome);
    if (outcome === 'RELEASED' || (!accepted && job.startedAt === null)) continue;
    const worker = statements.node(workerOf(job, workerId));
    const as = outcome === 'LOST' ? ROLES.lostWorker : ROLES.failedWorker;
    statements.edge(activity, 'WAS_ASSOCIATED_WITH', worker, accepted ? ROLES.worker : as);
    statements.edge(worker, 'ACTED_ON_BEHALF_OF', user, DELEGATION_ROLES.within);
    statements.edge(activity, 'WAS_ASSOCIATED_WITH', statements.node(targetOf(job, targetId)), ROLES.target);
    if (environment == null) continue;
    const place = statements.node(environmentOf(job, environment));
    statements.edge(activity, 'USED', place, accepted ? ROLES.environment : ROLES.failedEnvironment);
  }
}

function sayWhatWasMade(
  job: FinishedJob,
  activity: string,
  user: string,
  statements: StatementBuilder,
  kept: KeptJob | undefined,
): void {
  const made = (result: NodeStatement, role: string): string => {
    const entity = statements.node({ ...result, organizationId: kept?.organizationId ?? job.organizationId });
    statements.edge(entity, 'WAS_GENERATED_BY', activity, role);
    statements.edge(entity, 'WAS_ATTRIBUTED_TO', user);
    const { artifactId } = result.facts;
    for (const other of artifactId === undefined ? [] : alternatesOf(artifactId, kept?.givenTo ?? []))
      if (other.identity !== entity) statements.edge(statements.node(other), 'ALTERNATE_OF', entity);
    return entity;
  };
  for (const outcome of job.outcomes) {
    if (outcome.state !== 'SUCCEEDED') continue;
    const { retryOf } = job;
    if (outcome.attempt !== null || retryOf === null) {
      const result = made(resultOf(job, outcome), ROLES.result);
      // Which of the items' inputs it came from, where all stand side by side.
      if (outcome.paramsSha256 != null)
        statements.edge(result, 'WAS_DERIVED_FROM', statements.node(valueOf(job, outcome.paramsSha256)));
      continue;
    }
    // An entity is generated once: what was carried over is a new one, derived from the one made earlier.
    const carried = made(
      { ...resultOf(job, outcome), identity: identity.result(job.jobId, outcome.index) },
      ROLES.carried,
    );
    const source = statements.node({ ...resultOf({ ...job, jobId: retryOf }, outcome), revision: MENTIONED });
    statements.edge(carried, 'WAS_DERIVED_FROM', source);
  }
}
