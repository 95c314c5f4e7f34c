import { done, refused, type Outcome } from '@weft/errors';
import { traceOf } from '../domain/input-trace.js';
import { newBatch } from '../domain/batch.js';
import {
  checkBatch,
  MOST_PROBLEMS,
  type BatchJob,
  type BatchSubmission,
} from '../domain/batch-submission.js';
import { SUBMITTED_AS_SUCH, type TransitionActor } from '../domain/job.js';
import { bearJob, type BornJob } from '../domain/new-job.js';
import { judgeReferences, type KnownServiceVersion } from '../domain/references.js';
import type { SchemaCheck, SchemaChecker } from '../domain/schema-check.js';
import { checkTimes, kindOf, MAX_NAME, submissionText } from '../domain/submission.js';
import { withPools } from './find-pools.js';
import type { Birth, JobInput, Ports, Work } from './ports.js';
import { acceptOrUndo, checksOf, inputOf, takeKey } from './submit-job.js';

export interface SubmittedBatch {
  readonly batchId: string;
  /** The idempotency key had been used for the same input: this is the batch of the first time. */
  readonly repeated: boolean;
}

/** How many jobs one statement carries. */
const CHUNK = 500;

/** Accepts all jobs or none: once this resolves, each of them is durable and will reach exactly one final state. */
export async function submitBatch(
  ports: Ports,
  schemas: SchemaChecker,
  userId: string,
  correlationId: string,
  asked: BatchSubmission,
): Promise<Outcome<SubmittedBatch>> {
  const errors = checkBatch(asked);
  if (errors.length > 0) return refused(...errors);
  const { chance, secrets } = ports;
  const resolved = await withPools(ports, asked.shared);
  if (!resolved.ok) return resolved;
  const submission = { ...asked, shared: resolved.value };
  const { shared, jobs } = submission;
  const id = chance.newId();
  const text = `batch ${submissionText(shared, secrets.fingerprint)} ${JSON.stringify(jobs)}`;
  const inputHash = chance.sha256(text);
  return acceptOrUndo<SubmittedBatch>(ports, async (tx) => {
    const known = await takeKey(tx, shared.organizationId, shared.idempotencyKey, inputHash, id);
    if (known?.ok === false) return known;
    if (known !== undefined) return done({ batchId: known.value.jobId, repeated: true });
    return accept(ports, schemas, tx, submission, { id, userId, correlationId });
  });
}

interface Origin {
  readonly id: string;
  readonly userId: string;
  readonly correlationId: string;
}

async function accept(
  ports: Ports,
  schemas: SchemaChecker,
  tx: Work,
  { shared, jobs }: BatchSubmission,
  { id, userId, correlationId }: Origin,
): Promise<Outcome<SubmittedBatch>> {
  const sharedInput = inputOf(ports, ports.chance.newId(), shared);
  const kind = kindOf(shared);
  const now = await tx.jobs.now();
  const timeErrors = checkTimes(shared, now);
  if (timeErrors.length > 0) return refused(...timeErrors);
  const references = await tx.references.find(shared.serviceVersionId, shared.targetId, sharedInput);
  const verdict = judgeReferences(shared.organizationId, { ...shared, ...sharedInput, kind }, references);
  if (verdict.errors.length > 0) return refused(...verdict.errors);
  const version = references.serviceVersion ?? null;
  const problems =
    version === null ? [] : schemas.check(shared.organizationId, checksOfBatch(version, shared, jobs));
  if (problems.length > 0) return refused(...problems.slice(0, MOST_PROBLEMS));

  const full = await ports.queueCap.admit(shared.organizationId, jobs.length);
  if (full !== undefined) return refused(full);

  const batch = newBatch({
    id,
    organizationId: shared.organizationId,
    createdBy: userId,
    name: shared.name,
    correlationId,
    jobsTotal: jobs.length,
    onFailure: null,
    hidden: false,
    submittedAt: now,
  });
  const actor: TransitionActor = { kind: 'user', id: userId };
  const bear = (id: string, job: BatchJob, index: number, inputId: string): BornJob =>
    bearJob(
      {
        ...SUBMITTED_AS_SUCH,
        id,
        organizationId: shared.organizationId,
        createdBy: userId,
        name: job.name ?? `${shared.name.slice(0, MAX_NAME - 10)} ${index + 1}`,
        kind,
        operation: null,
        serviceId: version?.serviceId ?? null,
        serviceVersionId: shared.serviceVersionId,
        targetId: shared.targetId,
        priority: shared.priority,
        tags: shared.tags,
        itemsTotal: 1,
        referenceDeadline:
          verdict.unknown.length > 0 ? new Date(now.getTime() + ports.timing.referenceWaitMs) : null,
        maxAttempts: shared.maxAttempts,
        timeoutSeconds: shared.timeoutSeconds,
        startAt: shared.startAt,
        deadline: shared.deadline,
        inputId,
        retryOf: null,
        batchId: batch.id,
        batchIndex: index,
        correlationId,
        submittedAt: now,
      },
      new Map(),
      actor,
    );

  // A chunk is on its way to the database while the next one is made.
  let writing = Promise.resolve();
  for (let from = 0; from < jobs.length; from += CHUNK) {
    const chunk = jobs.slice(from, from + CHUNK);
    if (from === 0) await tx.batches.insert(batch, sharedInput);
    const births = chunk.map((job, at): Birth => {
      const id = ports.chance.newId();
      const own = ownInput(ports, id, sharedInput, job);
      const facts = own ?? sharedInput;
      return { born: bear(id, job, from + at, facts.id), input: own, facts, key: null };
    });
    await writing;
    writing = tx.jobs.insert(births);
    // Whether it went well is asked for below; meanwhile a failure must not end the process.
    writing.catch(() => undefined);
  }
  await writing;
  tx.afterCommit(() => {
    ports.signals.batchAccepted(batch);
    if (verdict.unknown.length > 0) return;
    if (shared.startAt !== null && shared.startAt > now) ports.signals.due(shared.startAt);
    else ports.signals.claimable(shared.targetId);
  });
  return done({ batchId: id, repeated: false });
}

/** What a job brings itself, under the job's id, referring to what is shared; null where that is nothing. */
function ownInput(
  { chance }: Ports,
  id: string,
  shared: JobInput,
  { data, params }: BatchJob,
): JobInput | null {
  if (data === null && params === null) return null;
  const own = {
    ...shared,
    id,
    sharedId: shared.id,
    command: null,
    data: null,
    params: null,
    itemParams: [params],
    trace: traceOf([params], chance.sha256),
  };
  if (data === null) return own;
  return {
    ...own,
    data,
    dataArtifactId: null,
    dataSha256: chance.sha256(data),
    dataBytes: Buffer.byteLength(data),
  };
}

/** The shared values, where any job runs with just these; then what the jobs bring, so many at a time as have the time of one check. */
function checksOfBatch(
  version: KnownServiceVersion,
  shared: BatchSubmission['shared'],
  jobs: readonly BatchJob[],
): SchemaCheck[] {
  const own = (field: 'data' | 'params') => jobs.every((job) => job[field] !== null);
  const schemaOf = { data: version.dataSchema, params: version.paramsSchema };
  const checks = checksOf(
    {
      ...version,
      dataSchema: own('data') ? null : version.dataSchema,
      paramsSchema: own('params') ? null : version.paramsSchema,
    },
    shared,
  );
  for (let from = 0; from < jobs.length; from += CHUNK)
    for (const field of ['params', 'data'] as const) {
      const values = jobs.slice(from, from + CHUNK).flatMap((job, at) => {
        const value = job[field];
        return value === null ? [] : [{ path: ['jobs', String(from + at), field], own: value }];
      });
      if (schemaOf[field] === null || values.length === 0) continue;
      const key = `${version.id}:${version.seq}:${field}`;
      checks.push({ key, schema: schemaOf[field], base: field === 'params' ? shared.params : null, values });
    }
  return checks;
}
