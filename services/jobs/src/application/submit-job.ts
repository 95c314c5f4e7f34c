import { AppError, done, refused, userError, type Outcome, type UserError } from '@weft/errors';
import { traceOf } from '../domain/input-trace.js';
import { SUBMITTED_AS_SUCH, type Job, type JobOrigin, type TransitionActor } from '../domain/job.js';
import { bearJob, type BornJob } from '../domain/new-job.js';
import { judgeReferences, type KnownServiceVersion } from '../domain/references.js';
import type { SchemaCheck, SchemaChecker } from '../domain/schema-check.js';
import {
  checkSubmission,
  checkTimes,
  kindOf,
  submissionText,
  type Submission,
} from '../domain/submission.js';
import { attachWebhook, checkWebhook } from './attach-webhook.js';
import { withPools } from './find-pools.js';
import { textOf } from '../domain/command.js';
import { sealCommand } from './keep-command.js';
import type { JobInput, Ports, Work } from './ports.js';
import type { ReferenceReader } from './reference-ports.js';
import { knownJob } from './recent-jobs.js';

export interface Submitted {
  readonly jobId: string;
  /** The idempotency key had been used for the same input: this is the job of the first time. */
  readonly repeated: boolean;
  /** The signing secret of the webhook, when it was made here. */
  readonly webhookSecret?: string;
}

/** Accepts a job: once this resolves, the job is durable and will reach exactly one final state. */
export async function submitJob(
  ports: Ports,
  schemas: SchemaChecker,
  userId: string,
  correlationId: string,
  submission: Submission,
): Promise<Outcome<Submitted>> {
  const errors = [...checkSubmission(submission), ...checkWebhook(ports, submission.webhook)];
  if (errors.length > 0) return refused(...errors);
  const { chance } = ports;
  const id = chance.newId();
  const inputHash = chance.sha256(submissionText(submission, ports.secrets.fingerprint));
  const resolved = await withPools(ports, submission);
  // What was accepted under the key stays accepted, whatever has become of what it names.
  if (!resolved.ok) return (await acceptedBefore(ports, submission, inputHash)) ?? resolved;
  return submitResolved(ports, schemas, { id, userId, correlationId, inputHash }, resolved.value);
}

interface Asked {
  readonly id: string;
  readonly userId: string;
  readonly correlationId: string;
  readonly inputHash: string;
}

function submitResolved(
  ports: Ports,
  schemas: SchemaChecker,
  { id, userId, correlationId, inputHash }: Asked,
  submission: Submission,
): Promise<Outcome<Submitted>> {
  const actor: TransitionActor = { kind: 'user', id: userId };
  const order = { id, userId, actor, correlationId, submission, origin: SUBMITTED_AS_SUCH };
  if (submission.webhook === undefined) return submitAlone(ports, schemas, order, inputHash);
  return acceptOrUndo(ports, async (tx) => {
    const { organizationId, idempotencyKey } = submission;
    const known = await takeKey(tx, organizationId, idempotencyKey, inputHash, id);
    if (known !== undefined) return known;
    const outcome = await submitIn(ports, schemas, tx, order);
    if (!outcome.ok) return outcome;
    const made = await attachWebhook(ports, tx, outcome.value, submission.webhook);
    return done({ jobId: id, repeated: false, ...made });
  });
}

/** A job and nothing beside it: one statement, and no transaction around it. */
async function submitAlone(
  ports: Ports,
  schemas: SchemaChecker,
  order: Order,
  inputHash: string,
): Promise<Outcome<Submitted>> {
  const { organizationId, idempotencyKey } = order.submission;
  const holder = (): Promise<Outcome<Submitted> | undefined> =>
    acceptedBefore(ports, order.submission, inputHash);
  const prepared = await prepareJob(ports, schemas, ports.references, ports.now(), order);
  // What was accepted under the key stays accepted, whatever has become of what it names.
  if (!prepared.ok) return (await holder()) ?? prepared;
  const { born, input } = prepared.value;
  const key = idempotencyKey === null ? null : { organizationId, key: idempotencyKey, inputHash };
  const birth = { born, input, facts: input, key };
  // Known before it is written: who sees it in the queue need not read it.
  ports.recent.remember(knownJob(born.job, born.items, [], birth));
  const written = await ports.hot.insert(birth).catch((error: unknown) => {
    ports.recent.forget(born.job.id);
    throw error;
  });
  if (written === undefined) {
    ports.recent.forget(born.job.id);
    const taken = await holder();
    if (taken === undefined)
      throw new AppError('SERVICE_UNAVAILABLE', 'The key was just given up; try again.');
    return taken;
  }
  const given = written.given?.change;
  const job = given?.job ?? born.job;
  announceBirth(ports, job, [born.transition, ...(given?.transitions ?? [])]);
  return done({ jobId: job.id, repeated: false });
}

/** What holds the idempotency key already, or that it holds something else. */
async function acceptedBefore(
  { hot }: Ports,
  { organizationId, idempotencyKey }: Submission,
  inputHash: string,
): Promise<Outcome<Submitted> | undefined> {
  const held = idempotencyKey === null ? undefined : await hot.keyHolder(organizationId, idempotencyKey);
  return held === undefined ? undefined : sameOrConflict(held, inputHash);
}

/** Takes the key for this job; else tells the job that has it, or that it was used for something else. */
export async function takeKey(
  tx: Work,
  organizationId: string,
  key: string | null,
  inputHash: string,
  jobId: string,
): Promise<Outcome<Submitted> | undefined> {
  if (key === null) return undefined;
  const taken = await tx.keys.take(organizationId, key, inputHash, jobId);
  return taken === undefined ? undefined : sameOrConflict(taken, inputHash);
}

const sameOrConflict = (
  holder: { readonly jobId: string; readonly inputHash: string },
  inputHash: string,
): Outcome<Submitted> =>
  holder.inputHash === inputHash
    ? done({ jobId: holder.jobId, repeated: true })
    : refused(
        userError(
          'IDEMPOTENCY_CONFLICT',
          'This idempotencyKey was used with a different input in the last 7 days.',
          'input',
          'idempotencyKey',
        ),
      );

export interface Order {
  readonly id: string;
  /** In whose name it runs. */
  readonly userId: string;
  /** Who or what submitted it. */
  readonly actor: TransitionActor;
  readonly correlationId: string;
  readonly submission: Submission;
  readonly origin: JobOrigin;
}

/** Submits inside a transaction that does more than that. Refused, it has written nothing. */
export async function submitIn(
  ports: Ports,
  schemas: SchemaChecker,
  tx: Work,
  order: Order,
): Promise<Outcome<Job>> {
  const prepared = await prepareJob(ports, schemas, tx.references, await tx.jobs.now(), order);
  if (!prepared.ok) return prepared;
  const { born, input } = prepared.value;
  await tx.jobs.insert([{ born, input, facts: input, key: null }]);
  tx.afterCommit(() => announceBirth(ports, born.job, [born.transition]));
  return done(born.job);
}

/** The job as it will be, or why it cannot be. */
async function prepareJob(
  ports: Ports,
  schemas: SchemaChecker,
  known: ReferenceReader,
  now: Date,
  { id, userId, actor, correlationId, submission, origin }: Order,
): Promise<Outcome<{ born: BornJob; input: JobInput }>> {
  const timeErrors = checkTimes(submission, now);
  if (timeErrors.length > 0) return refused(...timeErrors);
  const input = inputOf(ports, id, submission);
  const kind = kindOf(submission);
  const references = await known.find(submission.serviceVersionId, submission.targetId, input);
  const verdict = judgeReferences(submission.organizationId, { ...submission, ...input, kind }, references);
  const schemaErrors = references.serviceVersion
    ? schemas.check(submission.organizationId, checksOf(references.serviceVersion, submission))
    : [];
  if (verdict.errors.length > 0 || schemaErrors.length > 0)
    return refused(...verdict.errors, ...schemaErrors);
  const full = await ports.queueCap.admit(submission.organizationId, 1);
  if (full !== undefined) return refused(full);
  const born = bearJob(
    {
      id,
      organizationId: submission.organizationId,
      createdBy: userId,
      name: submission.name,
      kind,
      operation: null,
      serviceId: references.serviceVersion?.serviceId ?? null,
      serviceVersionId: submission.serviceVersionId,
      targetId: submission.targetId,
      priority: submission.priority,
      tags: submission.tags,
      itemsTotal: submission.items.length,
      referenceDeadline:
        verdict.unknown.length > 0 ? new Date(now.getTime() + ports.timing.referenceWaitMs) : null,
      maxAttempts: submission.maxAttempts,
      timeoutSeconds: submission.timeoutSeconds,
      startAt: submission.startAt,
      deadline: submission.deadline,
      inputId: input.id,
      retryOf: null,
      ...origin,
      correlationId,
      submittedAt: now,
    },
    new Map(),
    actor,
  );
  return done({ born, input });
}

/** Commits what was accepted. Of what was refused nothing stays: a key must not remember it. */
export const acceptOrUndo = <T>(ports: Ports, work: (tx: Work) => Promise<Outcome<T>>): Promise<Outcome<T>> =>
  ports
    .transact(async (tx) => {
      const outcome = await work(tx);
      if (!outcome.ok) throw new Refusal(outcome.errors);
      return outcome;
    })
    .catch((error: unknown) => {
      if (error instanceof Refusal) return refused(...error.errors);
      throw error;
    });

class Refusal extends Error {
  constructor(readonly errors: readonly UserError[]) {
    super('refused');
  }
}

export function announceBirth(
  { signals }: Ports,
  job: Job,
  transitions: Parameters<Ports['signals']['jobChanged']>[1],
): void {
  signals.jobChanged(job, transitions);
  if (job.claimableAt === null) return;
  if (job.claimableAt <= job.submittedAt) signals.claimable(job.targetId);
  else signals.due(job.claimableAt);
}

/** An input has the id of the job that it comes with. */
export function inputOf({ chance, secrets }: Ports, id: string, submission: Submission): JobInput {
  const bytes = (text: string | null): number => (text === null ? 0 : Buffer.byteLength(text));
  const { command } = submission;
  return {
    id,
    command: command === null ? null : sealCommand(secrets, id, command),
    codeArtifactId: command?.codeArtifactId ?? null,
    size: submission.size,
    image: submission.image,
    data: submission.data,
    dataArtifactId: submission.dataArtifactId,
    params: submission.params,
    itemParams: submission.items,
    dataSha256: submission.data === null ? null : chance.sha256(submission.data),
    paramsSha256: submission.params === null ? null : chance.sha256(submission.params),
    trace: traceOf(submission.items, chance.sha256),
    commandSha256: command === null ? null : chance.sha256(textOf(command)),
    dataBytes: bytes(submission.data),
    paramsBytes: bytes(submission.params),
    resultPool: submission.resultPool ?? null,
  };
}

/** Data passed as an artifact is not read here; the service meets it as it is. */
export function checksOf(
  version: KnownServiceVersion,
  { data, dataArtifactId, params, items }: Pick<Submission, 'data' | 'dataArtifactId' | 'params' | 'items'>,
): SchemaCheck[] {
  const key = `${version.id}:${version.seq}`;
  const checks: SchemaCheck[] = [];
  if (version.dataSchema !== null && dataArtifactId === null)
    checks.push({
      key: `${key}:data`,
      schema: version.dataSchema,
      base: data,
      values: [{ path: ['data'], own: null }],
    });
  if (version.paramsSchema !== null)
    checks.push({
      key: `${key}:params`,
      schema: version.paramsSchema,
      base: params,
      values: items.every((item) => item === null)
        ? [{ path: ['params'], own: null }]
        : items.map((own, index) => ({ path: ['items', String(index), 'params'], own })),
    });
  return checks;
}
