import { hasRole, type Actor } from '@weft/identity';
import { refused, userError, done, type Outcome, type UserError } from '@weft/errors';
import { canonicalJson } from '../domain/canonical-json.js';
import {
  asToldOfInputs,
  deadlineOf,
  submissionOf,
  type StartSettings,
} from '../domain/definition/definition.js';
import { SUBMITTED_AS_SUCH, type Job, type TransitionActor } from '../domain/job.js';
import type { Checks } from '../domain/schema-question.js';
import { checkSubmission, type Submission } from '../domain/submission.js';
import { attachStoredWebhook, checkWebhook } from './attach-webhook.js';
import type { CurrentDefinition } from './definition-ports.js';
import { poolsNow, principalsOfActor } from './find-pools.js';
import { openCommandOf } from './keep-definition.js';
import type { Ports, Work } from './ports.js';
import { acceptOrUndo, submitIn, takeKey, type Submitted } from './submit-job.js';

export interface StartRequest {
  readonly definitionId: string;
  readonly inputs: unknown;
  readonly settings?: StartSettings;
  readonly idempotencyKey: string | null;
}

/** Submits a job from the definition's last version. Under a key it does so once, whatever becomes of the definition since. */
export function startDefinition(
  ports: Ports,
  checks: Checks,
  actor: Actor,
  correlationId: string,
  request: StartRequest,
): Promise<Outcome<Submitted>> {
  const { chance } = ports;
  const id = chance.newId();
  return acceptOrUndo<Submitted>(ports, async (tx) => {
    const found = await tx.definitions.current(request.definitionId);
    if (found === undefined || !hasRole(actor, found.definition.organizationId, 'VIEWER'))
      return refused(noDefinition);
    const { organizationId } = found.definition;
    if (!hasRole(actor, organizationId, 'MAINTAINER'))
      return refused(
        userError('FORBIDDEN', 'Starting needs the role MAINTAINER in the organization.', 'input', 'id'),
      );
    const key = request.idempotencyKey;
    if (key !== null && !/^[^\p{Cc}\p{Cs}]{1,200}$/u.test(key)) return refused(badKey);
    const { settings = {} } = request;
    const told = ['start', request.definitionId, request.inputs ?? {}];
    const other = Object.keys(settings).length > 0 ? [settings] : [];
    const inputHash = chance.sha256(canonicalJson([...told, ...other]));
    const known = await takeKey(tx, organizationId, key, inputHash, id);
    if (known !== undefined) return known;
    if (found.definition.deletedAt !== null) return refused(noDefinition);
    const by: TransitionActor = { kind: 'user', id: actor.id };
    const start = {
      id,
      userId: actor.id,
      principals: principalsOfActor(actor),
      actor: by,
      correlationId,
      inputs: request.inputs,
      settings,
      plannedFor: null,
    };
    const outcome = await startIn(ports, checks, tx, found, start);
    return outcome.ok ? done({ jobId: id, repeated: false }) : outcome;
  });
}

export interface Start {
  readonly id: string;
  readonly userId: string;
  /** What he is, as far as that is known. */
  readonly principals: readonly string[];
  readonly actor: TransitionActor;
  readonly correlationId: string;
  readonly inputs: unknown;
  readonly settings?: StartSettings;
  readonly plannedFor: Date | null;
}

/** Starts inside a transaction that does more than that. Refused, it has written nothing. */
export async function startIn(
  ports: Ports,
  { typedInputs, schemas }: Checks,
  tx: Work,
  { definition, current }: CurrentDefinition,
  { inputs: given, settings = {}, plannedFor, principals, ...start }: Start,
): Promise<Outcome<Job>> {
  const { id: definitionId, version: definitionVersion, organizationId } = definition;
  const inputs = typedInputs.fill(
    organizationId,
    `${definitionId}:${definitionVersion}`,
    current.inputs,
    given,
  );
  if (!inputs.ok) return inputs;
  const tell = (errors: readonly UserError[]) => refused(...asToldOfInputs(errors, inputs.value, settings));
  const command = openCommandOf(ports.secrets, definitionId, current.template);
  if (!command.ok) return tell(command.errors);
  const now = await tx.jobs.now();
  const submission: Submission = {
    ...submissionOf(organizationId, current, command.value, inputs.value, principals),
    deadline: deadlineOf(current.template, settings, now),
    ...settings,
  };
  const { webhook } = current.template;
  const errors = checkSubmission(submission);
  if (webhook !== null) errors.push(...checkWebhook(ports, { url: webhook.url, secret: null }));
  if (errors.length > 0) return tell(errors);
  const found = await poolsNow(tx.references, submission);
  if (!found.ok) return tell(found.errors);
  const gated = current.template.concurrency !== null;
  const origin = { ...SUBMITTED_AS_SUCH, definitionId, definitionVersion, plannedFor, gated };
  const outcome = await submitIn(ports, schemas, tx, { ...start, submission: found.value, origin });
  if (!outcome.ok) return tell(outcome.errors);
  if (webhook !== null) await attachStoredWebhook(ports, tx, outcome.value, webhook);
  return outcome;
}

const noDefinition = userError('NOT_FOUND', 'There is no such job definition.', 'input', 'id');
const badKey = userError(
  'BAD_USER_INPUT',
  'idempotencyKey has 1 to 200 characters and no control characters.',
  'input',
  'idempotencyKey',
);
