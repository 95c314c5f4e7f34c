import {
  REGISTRY_TARGET,
  type ArtifactReply,
  type ArtifactRequest,
  type AttemptRef,
  type LogPageReply,
  type LogPageRequest,
} from '@weft/contracts';
import {
  DOWNLOAD_TTL_MS,
  isStored,
  UPLOAD_TTL_MS,
  uploadProblems,
  type StoredArtifact,
} from '../domain/artifact.js';
import { standingOf, type KnownJob, type WorkerIdentity } from '../domain/attempt.js';
import type { ArtifactUrls, Courier, NewId, Reads, Transact, Work } from './ports.js';
import { readLogPage } from './read-log-page.js';

export interface IssueArtifactUrl {
  readonly transact: Transact;
  readonly urls: ArtifactUrls;
  readonly courier: Courier;
  readonly newId: NewId;
  readonly reads: Pick<Reads, 'logLines'>;
}

type FileRequest = ArtifactRequest | LogPageRequest;
type FileReply = ArtifactReply | LogPageReply;

/**
 * A worker reads the inputs and the code of its attempt, and nothing else; it writes for its attempt only. The registry, whose
 * target no other worker has, reads for a job what all members of the job's organization may read: what it makes of that is
 * stored for that organization, so nothing leaves it (ADR 0037).
 */
export async function issueArtifactUrl(
  given: IssueArtifactUrl,
  worker: WorkerIdentity,
  request: FileRequest,
): Promise<FileReply> {
  const reply = await tryToIssue(given, worker, request);
  if (reply.code !== 'ATTEMPT_UNKNOWN') return reply;
  await given.courier.hurry();
  return tryToIssue(given, worker, request);
}

async function tryToIssue(
  { transact, urls, newId, reads }: IssueArtifactUrl,
  worker: WorkerIdentity,
  request: FileRequest,
): Promise<FileReply> {
  if (request.intent === 'log') {
    const asking = await transact((tx) => jobOf(tx, worker, request));
    if ('code' in asking) return asking;
    return isOfRegistry(asking, worker) ? readLogPage(reads, asking.organizationId, request) : NO_LOG;
  }
  return transact(async (tx) => {
    const job = await jobOf(tx, worker, request);
    if ('code' in job) return job;
    if (request.intent === 'write') return write(tx, urls, newId, job, worker, request);
    const reading = isOfRegistry(job, worker) ? readForAll : read;
    return reading(tx, urls, job, request.artifactId);
  });
}

type Refused = Exclude<ArtifactReply, { code: 'OK' }>;

const NO_LOG: Refused = { code: 'NOT_FOUND', message: 'This worker reads no logs of other jobs.' };

/** The broker lets nobody but the registry speak for its target. */
const isOfRegistry = (job: KnownJob, worker: WorkerIdentity): boolean =>
  worker.targetId === REGISTRY_TARGET && job.targetId === REGISTRY_TARGET;

/** The job of the attempt, for the worker that holds it. */
async function jobOf(tx: Work, worker: WorkerIdentity, reference: AttemptRef): Promise<KnownJob | Refused> {
  const attempt = await tx.jobs.attempt(reference.jobId, reference.attempt);
  const standing = standingOf(attempt, worker, reference, 'artifact');
  const job = await tx.jobs.job(reference.jobId);
  if (standing === 'OK' && job !== undefined) return job;
  return {
    code: standing === 'OK' ? 'ATTEMPT_UNKNOWN' : standing,
    message: 'The attempt is not (or not yet) the accepted one.',
  };
}

const signed = (
  artifactId: string,
  given: { url: string; expiresAt: Date },
  file?: StoredArtifact,
): ArtifactReply => ({
  code: 'OK',
  artifactId,
  url: given.url,
  expiresAt: given.expiresAt.toISOString(),
  ...(file && { file: { name: file.name, mediaType: file.mediaType } }),
});

/** What every member of the job's organization may read: its own files, and those that data pools open to all of it. */
async function readForAll(
  tx: Work,
  urls: ArtifactUrls,
  { organizationId }: KnownJob,
  artifactId: string,
): Promise<ArtifactReply> {
  const artifact = await tx.artifacts.find(artifactId);
  const isOpen =
    artifact !== undefined &&
    isStored(artifact) &&
    (artifact.organizationId === organizationId || (await tx.artifacts.isOpenTo(artifactId, organizationId)));
  // One answer for all that cannot be had: who may not read a file is not told that there is one.
  return isOpen
    ? signed(artifactId, urls.forWorker('GET', artifactId, DOWNLOAD_TTL_MS), artifact)
    : { code: 'NOT_FOUND', message: 'The organization of the job has no file of this id, or none any more.' };
}

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
  // What opens it may be known to jobs and not yet here; the worker's patience ends the waiting.
  if (artifact !== undefined && isInput)
    return {
      code: 'ATTEMPT_UNKNOWN',
      message: 'No data pool or dataset is known here that opens this file to the job.',
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
