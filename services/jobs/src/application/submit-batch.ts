import { done, refused, type Outcome, type UserError } from '@weft/errors';
import { newBatch } from '../domain/batch.js';
import {
  checkBatch,
  MOST_PROBLEMS,
  type BatchJob,
  type BatchSubmission,
} from '../domain/batch-submission.js';
import { SUBMITTED_AS_SUCH, type TransitionActor } from '../domain/job.js';
import { layOverValue } from '../domain/lay-over.js';
import { bearJob, type BornJob } from '../domain/new-job.js';
import { judgeReferences, type KnownServiceVersion } from '../domain/references.js';
import type { Located, SchemaChecker } from '../domain/schema-check.js';
import { checkTimes, kindOf, MAX_NAME, submissionText } from '../domain/submission.js';
import type { Birth, JobInput, Ports, Work } from './ports.js';
import { acceptOrUndo, checkAgainstSchemas, inputOf, takeKey } from './submit-job.js';

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
  submission: BatchSubmission,
): Promise<Outcome<SubmittedBatch>> {
  const errors = checkBatch(submission);
  if (errors.length > 0) return refused(...errors);
  const { chance, secrets } = ports;
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
  const problems = version === null ? [] : checkShared(schemas, version, shared, jobs);

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
  for (let from = 0; from < jobs.length && problems.length < MOST_PROBLEMS; from += CHUNK) {
    const chunk = jobs.slice(from, from + CHUNK);
    if (version !== null)
      problems.push(...schemas.check(...paramsCheck(version, shared.params, chunk, from)));
    if (version !== null) problems.push(...schemas.check(...dataCheck(version, chunk, from)));
    if (problems.length > 0) {
      // Nothing is written any more; others have their turn while the database is asked, as when it writes.
      await tx.jobs.now();
      continue;
    }
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
  if (problems.length > 0) return refused(...problems.slice(0, MOST_PROBLEMS));
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

type Check = Parameters<SchemaChecker['check']>;

/** The shared values, where any job runs with just these. */
function checkShared(
  schemas: SchemaChecker,
  version: KnownServiceVersion,
  shared: BatchSubmission['shared'],
  jobs: readonly BatchJob[],
): UserError[] {
  const own = (field: 'data' | 'params') => jobs.every((job) => job[field] !== null);
  return checkAgainstSchemas(
    schemas,
    {
      ...version,
      dataSchema: own('data') ? null : version.dataSchema,
      paramsSchema: own('params') ? null : version.paramsSchema,
    },
    shared,
  );
}

const keyOf = (version: KnownServiceVersion, what: string): string => `${version.id}:${version.seq}:${what}`;

function paramsCheck(
  version: KnownServiceVersion,
  shared: string | null,
  jobs: readonly BatchJob[],
  from: number,
): Check {
  function* values(): Iterable<Located> {
    const base: unknown = shared === null ? null : JSON.parse(shared);
    for (const [at, { params }] of jobs.entries())
      if (params !== null)
        yield {
          value: layOverValue(base, JSON.parse(params)),
          path: ['jobs', String(from + at), 'params'],
        };
  }
  return [keyOf(version, 'params'), version.paramsSchema, values()];
}

function dataCheck(version: KnownServiceVersion, jobs: readonly BatchJob[], from: number): Check {
  function* values(): Iterable<Located> {
    for (const [at, { data }] of jobs.entries())
      if (data !== null) yield { value: JSON.parse(data), path: ['jobs', String(from + at), 'data'] };
  }
  return [keyOf(version, 'data'), version.dataSchema, values()];
}
