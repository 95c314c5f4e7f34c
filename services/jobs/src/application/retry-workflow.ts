import type { Actor } from '@weft/identity';
import { done, refused, userError, type Outcome, type UserError } from '@weft/errors';
import { stepsToRetry } from '../domain/workflow/workflow.js';
import { changeable } from './cancel-batch.js';
import { roomFor } from './queue-cap.js';
import type { Birth, Ports } from './ports.js';
import { bearSuccessors, carriedOf, createJudge, successorOf, type Asked } from './succeed-jobs.js';

export interface RetriedWorkflow {
  readonly workflowId: string;
  /** How many steps run again. */
  readonly jobs: number;
}

/**
 * Gives successors to the steps that ended without success, and to all that depended on them: those run again with the
 * new results, whatever became of them before. All or none; and none while one of those runs with results that would
 * be none any more.
 */
export function retryWorkflow(
  ports: Ports,
  actor: Actor,
  correlationId: string,
  workflowId: string,
): Promise<Outcome<RetriedWorkflow>> {
  const asked: Asked = { by: { kind: 'user', id: actor.id }, correlationId };
  return ports.transact(async (tx): Promise<Outcome<RetriedWorkflow>> => {
    const found = changeable(await tx.batches.lock(workflowId), actor, 'Retrying', 'workflow');
    if (!found.ok) return found;
    const workflow = await tx.workflows.now(workflowId);
    if (workflow === undefined || found.value.cancelling) return refused(beingCancelled);
    const { ended, underWay } = stepsToRetry(workflow.steps);
    const [busy] = workflow.steps.filter(({ index }) => underWay.includes(index));
    if (busy !== undefined) return refused(stillRuns(busy.key));
    const locked = await tx.workflows.lockEnded(workflowId, ended);
    if (locked.length === 0) return refused(nothingToRetry);
    const full = await roomFor(ports, found.value, locked.length);
    if (full !== undefined) return refused(full);

    const again = new Set(ended);
    const judge = createJudge();
    const births: Birth[] = [];
    for (const one of await tx.jobs.toRepeat(locked)) {
      const judged = await judge(tx, one);
      if (judged.verdict.errors.length > 0) return refused(...judged.verdict.errors);
      const needs = workflow.steps.find(({ index }) => index === one.job.batchIndex)?.needs ?? [];
      // What it will be given may differ: then nothing of it stands.
      const carried = carriedOf(one, needs.some((need) => again.has(need)) ? 'ALL' : 'FAILED');
      births.push(successorOf(ports, one, carried, asked, judged));
    }
    await bearSuccessors(ports, tx, births);
    return done({ workflowId, jobs: births.length });
  });
}

const stillRuns = (key: string): UserError =>
  userError(
    'CONFLICT',
    `Step "${key}" is under way with results that the retry replaces; wait until it has ended, or cancel it, then retry.`,
    'input',
    'id',
  );
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
