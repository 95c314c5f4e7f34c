import type { ArtifactReply, ArtifactRequest } from '@weft/contracts';
import { DOWNLOAD_TTL_MS, isStored, UPLOAD_TTL_MS, uploadProblems } from '../domain/artifact.js';
import { standingOf, type KnownJob, type WorkerIdentity } from '../domain/attempt.js';
import type { ArtifactUrls, Courier, NewId, Transact, Work } from './ports.js';

export interface IssueArtifactUrl {
  readonly transact: Transact;
  readonly urls: ArtifactUrls;
  readonly courier: Courier;
  readonly newId: NewId;
}

/** A worker reads the inputs and the code of its attempt, and nothing else; it writes for its attempt only. */
export async function issueArtifactUrl(
  given: IssueArtifactUrl,
  worker: WorkerIdentity,
  request: ArtifactRequest,
): Promise<ArtifactReply> {
  const reply = await tryToIssue(given, worker, request);
  if (reply.code !== 'ATTEMPT_UNKNOWN') return reply;
  await given.courier.hurry();
  return tryToIssue(given, worker, request);
}

function tryToIssue(
  { transact, urls, newId }: IssueArtifactUrl,
  worker: WorkerIdentity,
  request: ArtifactRequest,
): Promise<ArtifactReply> {
  return transact(async (tx): Promise<ArtifactReply> => {
    const standing = standingOf(
      await tx.jobs.attempt(request.jobId, request.attempt),
      worker,
      request,
      'artifact',
    );
    const job = await tx.jobs.job(request.jobId);
    if (standing !== 'OK' || job === undefined) {
      return {
        code: standing === 'OK' ? 'ATTEMPT_UNKNOWN' : standing,
        message: 'The attempt is not (or not yet) the accepted one.',
      };
    }
    return request.intent === 'read'
      ? read(tx, urls, job, request.artifactId)
      : write(tx, urls, newId, job, worker, request);
  });
}

const signed = (artifactId: string, given: { url: string; expiresAt: Date }): ArtifactReply => ({
  code: 'OK',
  artifactId,
  url: given.url,
  expiresAt: given.expiresAt.toISOString(),
});

async function read(tx: Work, urls: ArtifactUrls, job: KnownJob, artifactId: string): Promise<ArtifactReply> {
  const artifact = await tx.artifacts.find(artifactId);
  const code = job.serviceVersionId === null ? undefined : await tx.jobs.serviceCode(job.serviceVersionId);
  const isCode = code === artifactId;
  const isInput = job.inputArtifactIds.includes(artifactId);
  const isOpen =
    isCode ||
    (isInput &&
      (artifact?.organizationId === job.organizationId ||
        (await tx.artifacts.isOpenTo(artifactId, job.organizationId))));
  if (artifact !== undefined && isStored(artifact) && isOpen) {
    return signed(artifactId, urls.forWorker('GET', artifactId, DOWNLOAD_TTL_MS));
  }
  // The data pool that opens it may be known to jobs and not yet here; the worker's patience ends the waiting.
  if (artifact !== undefined && isInput)
    return {
      code: 'ATTEMPT_UNKNOWN',
      message: 'No data pool is known here that opens this file to the job.',
    };
  // The service version may be known to jobs and not yet here.
  if (code === undefined && job.serviceVersionId !== null) {
    return { code: 'ATTEMPT_UNKNOWN', message: 'The service version of the job is not known here yet.' };
  }
  return { code: 'NOT_FOUND', message: 'The artifact is neither the code nor an input of this job.' };
}

async function write(
  tx: Work,
  urls: ArtifactUrls,
  newId: NewId,
  job: KnownJob,
  worker: WorkerIdentity,
  request: Extract<ArtifactRequest, { intent: 'write' }>,
): Promise<ArtifactReply> {
  const problems = uploadProblems(request);
  if (problems.length > 0)
    return { code: 'NOT_FOUND', message: problems.map((one) => one.message).join(' ') };
  const id = newId();
  await tx.artifacts.insert({
    id,
    organizationId: job.organizationId,
    name: request.name,
    mediaType: request.mediaType,
    kind: request.kind,
    size: null,
    sha256: null,
    jobId: request.jobId,
    attempt: request.attempt,
    createdBy: `worker:${worker.workerId}`,
    createdAt: new Date(),
    storedAt: null,
  });
  return signed(id, urls.forWorker('PUT', id, UPLOAD_TTL_MS));
}
