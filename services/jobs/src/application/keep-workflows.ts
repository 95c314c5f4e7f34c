// Lets steps of workflows go on once what they need has ended, or fails them. Told by rows that the ends of steps leave
// behind, so nothing is forgotten when a process dies; decided under the lock of the workflow, so nothing happens twice.
import { JobChange } from '../domain/job-change.js';
import { reasonToWait, SYSTEM } from '../domain/job.js';
import type { Cause } from '../domain/lifecycle.js';
import { resultsUsed, traceOf, type ResultUse } from '../domain/input-trace.js';
import { judgeReferences } from '../domain/references.js';
import type { SchemaChecker } from '../domain/schema-check.js';
import { MAX_VALUE_BYTES } from '../domain/submission.js';
import {
  refersToResults,
  UnusableReference,
  withResults,
  type StepValues,
} from '../domain/workflow/result-references.js';
import { decideSteps } from '../domain/workflow/workflow.js';
import { eachChecked, type Checking } from './checking.js';
import { commitChanges } from './commit-change.js';
import type { InputFacts, JobInput, LockedJob, Ports, Work } from './ports.js';
import { checksOf } from './submit-job.js';
import type { WorkflowNow } from './workflow-ports.js';

/** @returns whether there may be more. */
export async function keepWorkflows(ports: Ports, checking: Checking, most = 100): Promise<boolean> {
  const ids = await ports.transact((tx) => tx.workflows.news(most));
  let stuck = 0;
  for (const id of ids)
    await keepWorkflow(ports, checking, id).catch((error: unknown) => {
      stuck += 1;
      ports.signals.stuck(id, error);
    });
  return ids.length === most && stuck < most;
}

const keepWorkflow = (ports: Ports, checking: Checking, workflowId: string): Promise<void> =>
  checking(({ schemas }) =>
    ports.transact(async (tx) => {
      await tx.batches.lock(workflowId);
      // What fails here fails what needs it: until nothing follows from anything any more.
      for (let followed = 1; followed > 0;) {
        await tx.workflows.takeNews(workflowId);
        const workflow = await tx.workflows.now(workflowId);
        // What is being cancelled goes nowhere else: the request reaches all that waits.
        if (workflow === undefined || workflow.cancelling) return;
        followed = await moveOn(ports, schemas, tx, workflowId, workflow);
      }
    }),
  );

/** @returns how many steps moved. */
async function moveOn(
  ports: Ports,
  schemas: SchemaChecker,
  tx: Work,
  workflowId: string,
  workflow: WorkflowNow,
): Promise<number> {
  const { released, failed } = decideSteps(workflow.onFailure, workflow.steps);
  const causes = new Map(failed.map(({ index, need }) => [index, need]));
  const moving = [...released, ...causes.keys()];
  if (moving.length === 0) return 0;
  const waiting = await tx.workflows.lockWaiting(workflowId, moving);
  const changes = await eachChecked(waiting, async (locked): Promise<Changed> => {
    const need = causes.get(locked.job.batchIndex ?? -1);
    return need === undefined
      ? release(ports, schemas, tx, locked, workflow)
      : fail(locked, 'NEED_FAILED', 'NEED_FAILED', messageOf(workflow, need));
  });
  await commitChanges(ports, tx, changes);
  return changes.length;
}

interface Changed {
  readonly change: JobChange;
  readonly input: InputFacts;
}

function messageOf({ steps }: WorkflowNow, need: number): string {
  const { key, state } = steps.find(({ index }) => index === need) ?? { key: need, state: null };
  const became = { CANCELLED: 'was cancelled', FAILED: 'failed' };
  if (state === 'CANCELLED' || state === 'FAILED') return `Step "${key}", which it needs, ${became[state]}.`;
  return state === null
    ? `Step "${key}", which it needs, was deleted.`
    : `Step "${key}", which it needs, cannot run.`;
}

function fail(locked: LockedJob, cause: Cause, code: string, message: string): Changed {
  const change = new JobChange(locked.job, locked.items, locked.now);
  change.patchJob({ referenceDeadline: null });
  change.move(
    change.items('PENDING').map((item) => item.index),
    { to: 'FAILED', cause, actor: SYSTEM, message, patch: () => ({ error: { code, message } }) },
  );
  return { change, input: locked.input };
}

async function release(
  ports: Ports,
  schemas: SchemaChecker,
  tx: Work,
  locked: LockedJob,
  workflow: WorkflowNow,
): Promise<Changed> {
  const { job } = locked;
  const change = new JobChange(job, locked.items, locked.now);
  const waits = job.referenceDeadline !== null;
  const needs = jobsNeeded(workflow, job.batchIndex);
  const kept = await tx.jobs.inputOfJob(job.id);
  if (kept === undefined) throw new Error(`job ${job.id} has no input`);
  const template = { ...kept, items: kept.itemParams };
  const refers = attempted(() => refersToResults(template));
  if (refers instanceof UnusableReference)
    return fail(locked, 'INPUT_REFUSED', 'INPUT_UNRESOLVED', refers.message);
  if (!refers) {
    change.patchJob({
      needsMet: true,
      needs,
      reason: waits ? 'WAITING_FOR_REFERENCE' : reasonToWait(job, locked.now),
    });
    return { change, input: locked.input };
  }
  const filled = await fill(tx, locked, template, workflow);
  if (filled instanceof UnusableReference)
    return fail(locked, 'INPUT_REFUSED', 'INPUT_UNRESOLVED', filled.message);
  const input = inputWith(ports, kept, filled);
  const references = await tx.references.find(job.serviceVersionId, job.targetId, input);
  const verdict = judgeReferences(job.organizationId, { ...job, ...input }, references);
  const wrong =
    verdict.errors[0] ??
    (references.serviceVersion
      ? schemas.check(job.organizationId, checksOf(references.serviceVersion, filled.values))[0]
      : undefined);
  if (wrong !== undefined) return fail(locked, 'INPUT_REFUSED', wrong.code, wrong.message);
  await tx.workflows.keepInput(input);
  const unknown = verdict.unknown.length > 0;
  change.patchJob({
    needsMet: true,
    needs,
    inputId: input.id,
    reason: unknown ? 'WAITING_FOR_REFERENCE' : reasonToWait(job, locked.now),
    // A file that was just written may not be known here yet.
    referenceDeadline: unknown ? new Date(locked.now.getTime() + ports.timing.referenceWaitMs) : null,
  });
  return { change, input };
}

/** Those at the places that it needs; one that was deleted meanwhile cannot be named. */
const jobsNeeded = ({ steps }: WorkflowNow, index: number | null): string[] => {
  const needs = steps.find((step) => step.index === index)?.needs ?? [];
  return steps.flatMap((step) => (needs.includes(step.index) && step.jobId !== null ? [step.jobId] : []));
};

interface Filled {
  readonly values: StepValues;
  readonly results: readonly ResultUse[];
}

async function fill(
  tx: Work,
  { job }: LockedJob,
  template: StepValues,
  { steps }: WorkflowNow,
): Promise<Filled | UnusableReference> {
  const needs = steps.find(({ index }) => index === job.batchIndex)?.needs ?? [];
  const outcomes = await tx.workflows.outcomes(job.batchId ?? '', job.organizationId, needs);
  return attempted(() => ({
    values: withResults(template, outcomes, MAX_VALUE_BYTES),
    results: resultsUsed(template, outcomes, (step) => steps.find(({ key }) => key === step)?.jobId),
  }));
}

function attempted<T>(work: () => T): T | UnusableReference {
  try {
    return work();
  } catch (error) {
    if (error instanceof UnusableReference) return error;
    throw error;
  }
}

/** What this run is given; all else it shares with the input as it was submitted. */
function inputWith({ chance }: Ports, kept: JobInput, { values: filled, results }: Filled): JobInput {
  const own = (before: string | null, now: string | null): string | null => (now === before ? null : now);
  const sha = (json: string | null): string | null => (json === null ? null : chance.sha256(json));
  const bytes = (json: string | null): number => (json === null ? 0 : Buffer.byteLength(json));
  return {
    ...kept,
    id: chance.newId(),
    sharedId: kept.id,
    command: null,
    data: own(kept.data, filled.data),
    dataArtifactId: filled.dataArtifactId,
    params: own(kept.params, filled.params),
    itemParams: filled.items,
    trace: traceOf(filled.items, chance.sha256, results),
    dataSha256: sha(filled.data),
    paramsSha256: sha(filled.params),
    dataBytes: bytes(filled.data),
    paramsBytes: bytes(filled.params),
  };
}
