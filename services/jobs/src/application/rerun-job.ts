import { hasRole, type Actor } from '@weft/identity';
import { done, refused, userError, type Outcome } from '@weft/errors';
import { SUBMITTED_AS_SUCH, type Job, type TransitionActor } from '../domain/job.js';
import type { SchemaChecker } from '../domain/schema-check.js';
import { checkSubmission, submissionText, type Submission } from '../domain/submission.js';
import { attachWebhook, checkWebhook } from './attach-webhook.js';
import { poolsNow, principalsOfActor } from './find-pools.js';
import { openedCommand } from './keep-command.js';
import type { JobInput, Ports } from './ports.js';
import { acceptOrUndo, submitIn, takeKey, type Submitted } from './submit-job.js';

export interface RerunRequest {
  readonly jobId: string;
  /** The new submission, given that of the job: what is not touched stays. */
  readonly change: (asItWas: Submission) => Submission;
  /** The new job tells whom the other one told; false: whom the changed submission names. */
  readonly keepsWebhook: boolean;
}

/** A new job like another one, with what is to be different: inputs, target, or nothing at all. */
export function rerunJob(
  ports: Ports,
  schemas: SchemaChecker,
  actor: Actor,
  correlationId: string,
  { jobId, change, keepsWebhook }: RerunRequest,
): Promise<Outcome<Submitted>> {
  const { chance } = ports;
  return acceptOrUndo<Submitted>(ports, async (tx) => {
    const job = (await tx.jobs.lock(jobId))?.job;
    const input = job && (await tx.jobs.inputOfJob(jobId));
    if (job === undefined || input === undefined || !hasRole(actor, job.organizationId, 'VIEWER'))
      return refused(userError('NOT_FOUND', 'There is no such job.', 'input', 'id'));
    if (!hasRole(actor, job.organizationId, 'MAINTAINER'))
      return refused(
        userError('FORBIDDEN', 'Running again needs the role MAINTAINER in the organization.', 'input', 'id'),
      );
    if (job.needsMet === false) return refused(neverReady);
    if (job.kind === 'REGISTRATION') return refused(isTheRegistrys);
    const asItWas = submissionOfJob(ports, job, input);
    if (!asItWas.ok) return asItWas;
    const { resultPool, ...changed } = change(asItWas.value);
    const submission: Submission = {
      ...changed,
      // Whoever runs it again has to have the right himself.
      ...(resultPool == null ? {} : { resultPool: { ...resultPool, principals: principalsOfActor(actor) } }),
    };
    const errors = [...checkSubmission(submission), ...checkWebhook(ports, submission.webhook)];
    if (errors.length > 0) return refused(...errors);
    const id = chance.newId();
    const inputHash = chance.sha256(
      `rerun ${jobId} ${submissionText(submission, ports.secrets.fingerprint)}`,
    );
    const known = await takeKey(tx, job.organizationId, submission.idempotencyKey, inputHash, id);
    if (known !== undefined) return known;
    const found = await poolsNow(tx.references, submission);
    if (!found.ok) return found;
    const by: TransitionActor = { kind: 'user', id: actor.id };
    const { definitionId, definitionVersion, plannedFor, gated } = job;
    const outcome = await submitIn(ports, schemas, tx, {
      id,
      userId: actor.id,
      actor: by,
      correlationId,
      submission: found.value,
      origin: { ...SUBMITTED_AS_SUCH, definitionId, definitionVersion, plannedFor, gated, rerunOf: jobId },
    });
    if (!outcome.ok) return outcome;
    if (keepsWebhook) await tx.webhooks.inherit([{ id: chance.newId(), fromJobId: jobId, toJobId: id }]);
    const made = await attachWebhook(ports, tx, outcome.value, submission.webhook);
    await tx.deadLetters.settle([jobId]);
    return done({ jobId: id, repeated: false, ...made });
  });
}

const neverReady = userError(
  'CONFLICT',
  'The job was never given the results of the steps that it needs; retry it, or the workflow.',
  'input',
  'id',
);

const isTheRegistrys = userError(
  'CONFLICT',
  'It is a job of the registry, which alone says what is to be registered; retry it by retryJob.',
  'input',
  'id',
);

function submissionOfJob({ secrets }: Ports, job: Job, input: JobInput): Outcome<Submission> {
  try {
    return done({
      organizationId: job.organizationId,
      name: job.name,
      serviceVersionId: job.serviceVersionId,
      command: openedCommand(secrets, input),
      size: input.size,
      image: input.image,
      targetId: job.targetId,
      data: input.data,
      dataArtifactId: input.dataArtifactId,
      ...(input.resultPool === null ? {} : { resultPool: input.resultPool }),
      params: input.params,
      items: Array.from({ length: job.itemsTotal }, (_, index) => input.itemParams[index] ?? null),
      priority: job.priority,
      tags: job.tags,
      maxAttempts: job.maxAttempts,
      timeoutSeconds: job.timeoutSeconds,
      startAt: null,
      deadline: null,
      idempotencyKey: null,
    });
  } catch {
    return refused(
      userError(
        'SECRET_UNREADABLE',
        'A secret of the job cannot be read any more; submit it anew with its secrets.',
        'input',
        'id',
      ),
    );
  }
}
