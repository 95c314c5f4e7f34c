import { done, refused, type Outcome, type UserError } from '@weft/errors';
import { newBatch } from '../domain/batch.js';
import { MOST_PROBLEMS } from '../domain/batch-submission.js';
import { SUBMITTED_AS_SUCH, type TransitionActor } from '../domain/job.js';
import { bearJob } from '../domain/new-job.js';
import { judgeReferences } from '../domain/references.js';
import type { SchemaChecker } from '../domain/schema-check.js';
import { checkTimes, kindOf, submissionText } from '../domain/submission.js';
import { isTemplate } from '../domain/workflow/result-references.js';
import {
  checkWorkflow,
  ofStep,
  type WorkflowStep,
  type WorkflowSubmission,
} from '../domain/workflow/workflow-submission.js';
import { attachWebhook, checkWebhook } from './attach-webhook.js';
import { eachChecked } from './checking.js';
import { withPools } from './find-pools.js';
import type { Birth, JobInput, Ports, Work } from './ports.js';
import { acceptOrUndo, announceBirth, checksOf, inputOf, takeKey } from './submit-job.js';

export interface SubmittedWorkflow {
  readonly workflowId: string;
  /** The idempotency key had been used for the same input: this is the workflow of the first time. */
  readonly repeated: boolean;
  /** Signing secrets of webhooks that were made here, by the key of the step. */
  readonly webhookSecrets: readonly { readonly key: string; readonly secret: string }[];
}

interface Origin {
  readonly id: string;
  readonly userId: string;
  readonly correlationId: string;
}

/** Accepts all steps or none; each is a job from now on, and those that need others wait for them. */
export async function submitWorkflow(
  ports: Ports,
  schemas: SchemaChecker,
  userId: string,
  correlationId: string,
  submission: WorkflowSubmission,
): Promise<Outcome<SubmittedWorkflow>> {
  const { organizationId, name, onFailure, idempotencyKey, steps } = submission;
  const errors = [
    ...checkWorkflow(submission),
    ...steps.flatMap(({ job }, at) => checkWebhook(ports, job.webhook).map((error) => ofStep(at, error))),
  ];
  if (errors.length > 0) return refused(...errors.slice(0, MOST_PROBLEMS));
  const found = await withPoolsOfSteps(ports, submission);
  if (!found.ok) return found;
  const { chance, secrets } = ports;
  const id = chance.newId();
  const told = steps.map(({ key, needs, job }) => [key, needs, submissionText(job, secrets.fingerprint)]);
  const inputHash = chance.sha256(`workflow ${JSON.stringify([organizationId, name, onFailure, told])}`);
  return acceptOrUndo<SubmittedWorkflow>(ports, async (tx) => {
    const known = await takeKey(tx, organizationId, idempotencyKey, inputHash, id);
    if (known?.ok === false) return known;
    if (known !== undefined)
      return done({ workflowId: known.value.jobId, repeated: true, webhookSecrets: [] });
    return accept(ports, schemas, tx, found.value, { id, userId, correlationId });
  });
}

async function withPoolsOfSteps(
  ports: Ports,
  submission: WorkflowSubmission,
): Promise<Outcome<WorkflowSubmission>> {
  const jobs = await Promise.all(submission.steps.map(({ job }) => withPools(ports, job)));
  const errors = jobs.flatMap((job, at) => (job.ok ? [] : job.errors.map((error) => ofStep(at, error))));
  if (errors.length > 0) return refused(...errors.slice(0, MOST_PROBLEMS));
  const steps = submission.steps.map((step, at) => {
    const found = jobs[at];
    return found?.ok === true ? { ...step, job: found.value } : step;
  });
  return done({ ...submission, steps });
}

async function accept(
  ports: Ports,
  schemas: SchemaChecker,
  tx: Work,
  { organizationId, name, onFailure, steps }: WorkflowSubmission,
  { id, userId, correlationId }: Origin,
): Promise<Outcome<SubmittedWorkflow>> {
  const now = await tx.jobs.now();
  const births: Birth[] = [];
  const problems: UserError[] = [];
  const outcomes = await eachChecked(steps, (step, index) =>
    bearStep(ports, schemas, step, index, now, { id, userId, correlationId }),
  );
  for (const [index, birth] of outcomes.entries()) {
    if (birth.ok) births.push(birth.value);
    else problems.push(...birth.errors.map((error) => ofStep(index, error)));
  }
  if (problems.length > 0) return refused(...problems.slice(0, MOST_PROBLEMS));
  const full = await ports.queueCap.admit(organizationId, steps.length);
  if (full !== undefined) return refused(full);

  const batch = newBatch({
    id,
    organizationId,
    createdBy: userId,
    name,
    correlationId,
    jobsTotal: steps.length,
    onFailure,
    hidden: false,
    submittedAt: now,
  });
  const places = new Map(steps.map(({ key }, index) => [key, index]));
  await tx.batches.insert(batch, null);
  await tx.jobs.insert(births);
  await tx.workflows.keepSteps(
    id,
    births.map(({ facts: _facts, born }, index) => {
      const { key, needs } = steps[index] as WorkflowStep;
      const needed = needs.flatMap((need) => places.get(need) ?? []);
      return { index, key, needs: needed, inputId: born.job.inputId };
    }),
  );
  const webhookSecrets: { key: string; secret: string }[] = [];
  for (const [index, { key, job }] of steps.entries()) {
    const made = await attachWebhook(ports, tx, (births[index] as Birth).born.job, job.webhook);
    if (made.webhookSecret !== undefined) webhookSecrets.push({ key, secret: made.webhookSecret });
  }
  tx.afterCommit(() => {
    for (const { born } of births) announceBirth(ports, born.job, [born.transition]);
  });
  return done({ workflowId: id, repeated: false, webhookSecrets });
}

async function bearStep(
  ports: Ports,
  schemas: SchemaChecker,
  { needs, job }: WorkflowStep,
  index: number,
  now: Date,
  { id: workflowId, userId, correlationId }: Origin,
): Promise<Outcome<Birth>> {
  const id = ports.chance.newId();
  const input = withoutResults(inputOf(ports, id, job));
  const kind = kindOf(job);
  const references = await ports.references.find(job.serviceVersionId, job.targetId, input);
  const verdict = judgeReferences(job.organizationId, { ...job, ...input, kind }, references);
  const version = references.serviceVersion ?? null;
  const errors = [...checkTimes(job, now), ...verdict.errors];
  if (version !== null)
    errors.push(...schemas.check(job.organizationId, checksOf(knownBefore(version, job), job)));
  if (errors.length > 0) return refused(...errors);
  const actor: TransitionActor = { kind: 'user', id: userId };
  const born = bearJob(
    {
      ...SUBMITTED_AS_SUCH,
      id,
      organizationId: job.organizationId,
      createdBy: userId,
      name: job.name,
      kind,
      operation: null,
      serviceId: version?.serviceId ?? null,
      serviceVersionId: job.serviceVersionId,
      targetId: job.targetId,
      priority: job.priority,
      tags: job.tags,
      itemsTotal: job.items.length,
      referenceDeadline:
        verdict.unknown.length > 0 ? new Date(now.getTime() + ports.timing.referenceWaitMs) : null,
      maxAttempts: job.maxAttempts,
      timeoutSeconds: job.timeoutSeconds,
      startAt: job.startAt,
      deadline: job.deadline,
      inputId: id,
      retryOf: null,
      batchId: workflowId,
      batchIndex: index,
      needsMet: needs.length === 0,
      correlationId,
      submittedAt: now,
    },
    new Map(),
    actor,
  );
  return done({ born, input, facts: input, key: null });
}

/** What holds references is no value that anything was computed from, so it has no fingerprint. */
const withoutResults = (input: JobInput): JobInput => ({
  ...input,
  dataSha256: isTemplate(input.data) ? null : input.dataSha256,
  paramsSha256: isTemplate(input.params) ? null : input.paramsSha256,
});

/** What can be checked before any result is there. */
const knownBefore = <V extends { readonly dataSchema: unknown; readonly paramsSchema: unknown }>(
  version: V,
  { data, params, items }: WorkflowStep['job'],
): V => ({
  ...version,
  dataSchema: isTemplate(data) ? null : version.dataSchema,
  paramsSchema: [params, ...items].some(isTemplate) ? null : version.paramsSchema,
});
