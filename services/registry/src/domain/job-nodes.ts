// The nodes that the story of a finished job speaks of.
import { subjectOf } from './description.js';
import type { FinishedJob, ItemOutcome } from './finished-job.js';
import type { NodeFacts } from './node.js';
import { identity, type NodeStatement } from './statement.js';

/** A job is final once, so its own word about itself is always of this revision. */
export const TOLD = 1;
export const MENTIONED = 0;

export const mentionedJob = (job: FinishedJob, jobId: string): NodeStatement => ({
  ...owned(job, identity.job(jobId), `job ${jobId}`, { jobId }),
  kind: 'ACTIVITY',
  subtype: 'JOB',
});

/** By value: one that is a file is told as that. */
export const mentionedResult = (job: FinishedJob, jobId: string, index: number): NodeStatement => ({
  ...owned(job, identity.result(jobId, index), `result ${index} of job ${jobId}`, {
    jobId,
    itemIndex: index,
  }),
  kind: 'ENTITY',
  subtype: 'RESULT',
});

export const workerOf = (job: FinishedJob, workerId: string): NodeStatement => ({
  ...owned(job, identity.worker(job.organizationId, workerId), `worker ${workerId}`, { workerId }),
  kind: 'AGENT',
  subtype: 'SOFTWARE_AGENT',
});

/** An agent, for it answers for how jobs run there; what it was like at the time is said by the environment. */
export const targetOf = (job: FinishedJob, targetId: string): NodeStatement => ({
  ...owned(job, identity.target(job.organizationId, targetId), `target ${targetId}`, { targetId }),
  kind: 'AGENT',
  subtype: 'SOFTWARE_AGENT',
  describedBy: subjectOf.target(targetId),
});

export const environmentOf = (job: FinishedJob, digest: string): NodeStatement => ({
  ...owned(
    job,
    identity.environment(job.organizationId, digest),
    `environment sha256:${digest.slice(0, 12)}`,
    { environmentDigest: digest },
  ),
  kind: 'ENTITY',
  subtype: 'ENVIRONMENT',
  describedBy: subjectOf.environment(digest),
});

/** A result kept as an artifact is the same entity as that artifact, so that a job which uses it is linked to this one. */
export function resultOf(job: FinishedJob, outcome: ItemOutcome): NodeStatement {
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
  return {
    ...owned(job, what, name, facts),
    kind: 'ENTITY',
    subtype: 'RESULT',
    revision: TOLD,
    ...(artifactId === null ? {} : { describedBy: subjectOf.artifact(artifactId) }),
  };
}

export const valueOf = (job: FinishedJob, sha256: string): NodeStatement => ({
  ...owned(job, identity.value(job.organizationId, sha256), `value sha256:${sha256.slice(0, 12)}`, {
    sha256,
  }),
  kind: 'ENTITY',
  subtype: 'DATA',
});

export const artifactOf = (job: Pick<FinishedJob, 'organizationId'>, artifactId: string): NodeStatement => ({
  ...owned(job, identity.artifact(job.organizationId, artifactId), `artifact ${artifactId}`, { artifactId }),
  kind: 'ENTITY',
  subtype: 'DATA',
  describedBy: subjectOf.artifact(artifactId),
});

/** Its text is not told, which may hold what nobody else is to see: who has the text can tell that it was this one. */
export const commandOf = (job: FinishedJob, sha256: string): NodeStatement => ({
  ...owned(job, identity.command(job.organizationId, sha256), `command sha256:${sha256.slice(0, 12)}`, {
    sha256,
  }),
  kind: 'ENTITY',
  subtype: 'CODE',
});

/** A version of a definition never changes: what the job was to do, whatever the definition says later. */
export const definitionOf = (job: FinishedJob, { id, version }: DefinitionVersion): NodeStatement => ({
  ...owned(
    job,
    identity.definition(job.organizationId, id, version),
    `version ${version} of job definition ${id}`,
    { definitionId: id, definitionVersion: version },
  ),
  kind: 'ENTITY',
  subtype: 'JOB_DEFINITION',
});

type DefinitionVersion = NonNullable<FinishedJob['definition']>;

/**
 * A file that was given away with its job is named by jobs of its new owner in their own way, for nobody speaks of what is
 * another's: both names are of the same thing.
 */
export const alternatesOf = (artifactId: string, owners: readonly string[]): NodeStatement[] =>
  owners.map((organizationId) => artifactOf({ organizationId }, artifactId));

export const owned = (
  job: Pick<FinishedJob, 'organizationId'>,
  what: string,
  name: string,
  facts: NodeFacts,
) => ({
  identity: what,
  organizationId: job.organizationId,
  isPublic: false,
  revision: MENTIONED,
  name,
  facts,
});
