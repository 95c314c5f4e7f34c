import type { NodeFacts, Outcome } from './node.js';
import { identity, StatementBuilder, type NodeStatement, type Statements } from './statement.js';

/** A job that has ended, as far as provenance cares. */
export interface FinishedJob {
  readonly jobId: string;
  readonly organizationId: string;
  readonly createdBy: string;
  readonly name: string;
  readonly serviceVersionId: string | null;
  readonly state: Outcome;
  readonly itemsTotal: number;
  readonly submittedAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly retryOf: string | null;
  readonly inputs: {
    readonly dataSha256: string | null;
    readonly paramsSha256: string | null;
    readonly artifactIds: readonly string[];
  };
  readonly attempts: readonly {
    readonly number: number;
    readonly workerId: string;
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
}

/** What an activity did with what it used or made. */
export const ROLES = {
  data: 'data',
  params: 'params',
  code: 'code',
  artifact: 'artifact',
  result: 'result',
  /** A result that the job this one retries had made already. */
  carried: 'carried',
  submitter: 'submitter',
  worker: 'worker',
} as const;

/** Attempts that ended so had nothing accepted. */
const UNACCEPTED = new Set(['RUNNING', 'LOST', 'RELEASED']);

/** A job is final once, so its own word about itself is always of this revision. */
const TOLD = 1;
const MENTIONED = 0;

/** Everything that provenance says of a finished job. Pure: the same job gives the same statements. */
export function statementsOfJob(job: FinishedJob): Statements {
  const statements = new StatementBuilder();
  const activity = statements.node(activityOf(job));
  sayWhatWasUsed(job, activity, statements);
  sayWhoActed(job, activity, statements);
  sayWhatWasMade(job, activity, statements);
  if (job.retryOf !== null) {
    const earlier = statements.node({
      ...owned(job, identity.job(job.retryOf), `job ${job.retryOf}`, { jobId: job.retryOf }),
      kind: 'ACTIVITY',
      subtype: 'JOB',
    });
    statements.edge(activity, 'WAS_INFORMED_BY', earlier);
  }
  return statements.build();
}

function activityOf(job: FinishedJob): NodeStatement {
  const facts: NodeFacts = {
    jobId: job.jobId,
    outcome: job.state,
    submittedAt: job.submittedAt,
    ...(job.startedAt === null ? {} : { startedAt: job.startedAt }),
    ...(job.endedAt === null ? {} : { endedAt: job.endedAt }),
  };
  return {
    ...owned(job, identity.job(job.jobId), job.name, facts),
    kind: 'ACTIVITY',
    subtype: 'JOB',
    revision: TOLD,
  };
}

function sayWhatWasUsed(job: FinishedJob, activity: string, statements: StatementBuilder): void {
  const { dataSha256, paramsSha256, artifactIds } = job.inputs;
  if (dataSha256 !== null)
    statements.edge(activity, 'USED', statements.node(valueOf(job, dataSha256)), ROLES.data);
  if (paramsSha256 !== null)
    statements.edge(activity, 'USED', statements.node(valueOf(job, paramsSha256)), ROLES.params);
  for (const artifactId of artifactIds) {
    statements.edge(activity, 'USED', statements.node(artifactOf(job, artifactId)), ROLES.artifact);
  }
  if (job.serviceVersionId !== null) {
    const version = statements.node({
      ...owned(
        job,
        identity.serviceVersion(job.serviceVersionId),
        `service version ${job.serviceVersionId}`,
        {
          serviceVersionId: job.serviceVersionId,
        },
      ),
      // Its owner may be another organization, and only that one's word tells who may see it.
      organizationId: null,
      kind: 'ENTITY',
      subtype: 'SERVICE_VERSION',
    });
    statements.edge(activity, 'USED', version, ROLES.code);
  }
}

function sayWhoActed(job: FinishedJob, activity: string, statements: StatementBuilder): void {
  const user = statements.node({
    ...owned(job, identity.user(job.organizationId, job.createdBy), `user ${job.createdBy}`, {
      userId: job.createdBy,
    }),
    kind: 'AGENT',
    subtype: 'USER',
  });
  statements.edge(activity, 'WAS_ASSOCIATED_WITH', user, ROLES.submitter);
  const accepted = new Set(job.outcomes.map((outcome) => outcome.attempt));
  for (const attempt of job.attempts) {
    if (!accepted.has(attempt.number) || UNACCEPTED.has(attempt.outcome)) continue;
    const worker = statements.node({
      ...owned(job, identity.worker(job.organizationId, attempt.workerId), `worker ${attempt.workerId}`, {
        workerId: attempt.workerId,
      }),
      kind: 'AGENT',
      subtype: 'SOFTWARE_AGENT',
    });
    statements.edge(activity, 'WAS_ASSOCIATED_WITH', worker, ROLES.worker);
    // Said once for the pair; for which activities follows from both being associated with them.
    statements.edge(worker, 'ACTED_ON_BEHALF_OF', user);
  }
}

function sayWhatWasMade(job: FinishedJob, activity: string, statements: StatementBuilder): void {
  for (const outcome of job.outcomes) {
    if (outcome.state !== 'SUCCEEDED') continue;
    const { retryOf } = job;
    if (outcome.attempt !== null || retryOf === null) {
      statements.edge(statements.node(resultOf(job, outcome)), 'WAS_GENERATED_BY', activity, ROLES.result);
      continue;
    }
    // An entity is generated once: what was carried over is a new one, derived from the one made earlier.
    const carried = statements.node({
      ...resultOf(job, outcome),
      identity: identity.result(job.jobId, outcome.index),
    });
    statements.edge(carried, 'WAS_GENERATED_BY', activity, ROLES.carried);
    const source = statements.node({ ...resultOf({ ...job, jobId: retryOf }, outcome), revision: MENTIONED });
    statements.edge(carried, 'WAS_DERIVED_FROM', source);
  }
}

/** A result kept as an artifact is the same entity as that artifact, so that a job which uses it is linked to this one. */
function resultOf(job: FinishedJob, outcome: ItemOutcome): NodeStatement {
  const { resultArtifactId: artifactId, resultSha256: sha256 } = outcome;
  const name = job.itemsTotal > 1 ? `result ${outcome.index} of ${job.name}` : `result of ${job.name}`;
  const facts: NodeFacts = {
    jobId: job.jobId,
    itemIndex: outcome.index,
    ...(sha256 === null ? {} : { sha256 }),
    ...(artifactId === null ? {} : { artifactId }),
  };
  const what =
    artifactId === null
      ? identity.result(job.jobId, outcome.index)
      : identity.artifact(job.organizationId, artifactId);
  return { ...owned(job, what, name, facts), kind: 'ENTITY', subtype: 'RESULT', revision: TOLD };
}

const valueOf = (job: FinishedJob, sha256: string): NodeStatement => ({
  ...owned(job, identity.value(job.organizationId, sha256), `value sha256:${sha256.slice(0, 12)}`, {
    sha256,
  }),
  kind: 'ENTITY',
  subtype: 'DATA',
});

const artifactOf = (job: FinishedJob, artifactId: string): NodeStatement => ({
  ...owned(job, identity.artifact(job.organizationId, artifactId), `artifact ${artifactId}`, { artifactId }),
  kind: 'ENTITY',
  subtype: 'DATA',
});

const owned = (job: FinishedJob, what: string, name: string, facts: NodeFacts) => ({
  identity: what,
  organizationId: job.organizationId,
  isPublic: false,
  revision: MENTIONED,
  name,
  facts,
});
