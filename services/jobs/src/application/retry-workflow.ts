import type { Actor } from '@weft/identity';
import { done, refused, userError, type Outcome } from '@weft/errors';
import type { TransitionActor } from '../domain/job.js';
import { judgeReferences } from '../domain/references.js';
import { stepsToRetry } from '../domain/workflow/workflow.js';
import { changeable } from './cancel-batch.js';
import type { Birth, Ports } from './ports.js';
import { bearSuccessors } from './retry-batch.js';
import { carriedOf, successorOf } from './retry-job.js';

export interface RetriedWorkflow {
  readonly workflowId: string;
  /** How many steps run again. */
  readonly jobs: number;
}

/**
 * Gives successors to the steps that ended without success, and to all that depended on them: those run again with the
 * new results, whatever became of them before. All or none.
 */
export function retryWorkflow(
  ports: Ports,
  actor: Actor,
  correlationId: string,
  workflowId: string,
): Promise<Outcome<RetriedWorkflow>> {
  const by: TransitionActor = { kind: 'user', id: actor.id };
  return ports.transact(async (tx): Promise<Outcome<RetriedWorkflow>> => {
    const found = changeable(await tx.batches.lock(workflowId), actor, 'Retrying', 'workflow');
    if (!found.ok) return found;
    const workflow = await tx.workflows.now(workflowId);
    if (workflow === undefined || found.value.cancelling) return refused(beingCancelled);
    const chosen = stepsToRetry(workflow.steps);
    const locked = await tx.workflows.lockEnded(workflowId, chosen);
    if (locked.length === 0) return refused(nothingToRetry);
    const full = await ports.queueCap.admit(found.value.organizationId, locked.length);
    if (full !== undefined) return refused(full);

    const again = new Set(chosen);
    const births: Birth[] = [];
    for (const one of await tx.workflows.asSubmitted(locked)) {
      const { job, input } = one;
      const references = await ports.references.find(job.serviceVersionId, job.targetId, input);
      const { size = null, image = null } = (await tx.workflows.input(job.id)) ?? {};
      const verdict = judgeReferences(job.organizationId, { kind: job.kind, size, image }, references);
      if (verdict.errors.length > 0) return refused(...verdict.errors);
      const needs = workflow.steps.find(({ index }) => index === job.batchIndex)?.needs ?? [];
      // What it will be given may differ: then nothing of it stands.
      const carried = carriedOf(one, needs.some((need) => again.has(need)) ? 'ALL' : 'FAILED');
      const born = successorOf(ports, one, carried, by, correlationId, references, verdict);
      births.push({ born, input: null, facts: input, key: null });
    }
    await bearSuccessors(ports, tx, births);
    for (const { born } of births)
      await tx.webhooks.inherit(born.job.retryOf ?? '', born.job.id, ports.chance.newId());
    return done({ workflowId, jobs: births.length });
  });
}

const beingCancelled = userError(
  'CONFLICT',
  'The workflow is being cancelled; retry it once the request has reached every step.',
  'input',
  'id',
);
const nothingToRetry = userError(
  'JOB_NOTHING_TO_RETRY',
  'No step of the workflow has ended without success; there is nothing to retry.',
  'input',
  'id',
);
