// Workflows on the engine of the tests: submitted by a sketch, worked off by a worker, looked at by the keys of their steps.
import { keepWorkflows } from '../application/keep-workflows.js';
import { submitWorkflow } from '../application/submit-workflow.js';
import type { Job } from '../domain/job.js';
import { checking, checks } from './checks.js';
import type { Submission } from '../domain/submission.js';
import type { FailurePolicy } from '../domain/workflow/workflow.js';
import { createBatchReader } from '../persistence/batch-reader.js';
import { createWorkflowReader } from '../persistence/workflow-store.js';
import type { ItemReport } from '@weft/contracts';
import type { Batch } from '../domain/batch.js';
import { failed, succeeded, type Engine } from './engine.js';

export interface Sketch extends Partial<Submission> {
  readonly needs?: readonly string[];
}
export type Sketches = Readonly<Record<string, Sketch>>;

export const DIAMOND: Sketches = {
  last: { needs: ['left', 'right'] },
  first: {},
  left: { needs: ['first'] },
  right: { needs: ['first'] },
  beside: {},
};
/** JSON that stands for the result of a step. */
export const from = (key: string, more: object = {}): string => JSON.stringify({ $from: key, ...more });

export interface SketchOptions {
  readonly onFailure?: FailurePolicy;
  readonly idempotencyKey?: string;
}

export const schemas = checks.schemas;
export const keep = ({ ports }: Engine): Promise<boolean> => keepWorkflows(ports, checking);

export const tryToSubmit = (
  engine: Engine,
  sketches: Sketches,
  { onFailure = 'STOP', idempotencyKey }: SketchOptions = {},
): ReturnType<typeof submitWorkflow> =>
  submitWorkflow(engine.ports, schemas, engine.user.id, 'correlation-1', {
    organizationId: engine.organizationId,
    name: 'a workflow',
    onFailure,
    idempotencyKey: idempotencyKey ?? null,
    steps: Object.entries(sketches).map(([key, { needs = [], ...job }]) => ({
      key,
      needs,
      job: engine.submission({ name: key, data: null, ...job }),
    })),
  });

export async function submit(engine: Engine, sketches: Sketches, options?: SketchOptions): Promise<string> {
  const outcome = await tryToSubmit(engine, sketches, options);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.errors));
  return outcome.value.workflowId;
}

/** The jobs that have the last word, by the keys of their steps. */
export async function jobsOf(engine: Engine, workflowId: string): Promise<Record<string, Job>> {
  const [steps = []] = await createWorkflowReader(engine.database).steps([workflowId]);
  const jobs = await engine.reader.jobsByIds(
    engine.user,
    steps.map(({ jobId }) => jobId ?? ''),
  );
  return Object.fromEntries(
    steps.flatMap(({ key }, at) => (jobs[at] === undefined ? [] : [[key, jobs[at]]])),
  );
}

export const statesOf = async (engine: Engine, workflowId: string): Promise<Record<string, string>> =>
  Object.fromEntries(Object.entries(await jobsOf(engine, workflowId)).map(([key, job]) => [key, job.state]));

export async function groupOf(engine: Engine, workflowId: string): Promise<Batch> {
  const [group] = await createBatchReader(engine.database).byIds(engine.user, [workflowId]);
  if (group === undefined) throw new Error('no workflow');
  return group;
}

export type Outcomes = Readonly<Record<string, unknown>>;
/** The step fails. */
export const FAILS = Symbol('fails');

/** Ends what can be claimed now, by the names of the jobs; tells the names in the order of their starts. */
export async function workOnce(engine: Engine, outcomes: Outcomes = {}): Promise<string[]> {
  const claimed = await engine.claim({ capacity: 50 });
  for (const attempt of claimed) {
    const outcome = outcomes[attempt.jobName];
    const items = attempt.items.map(({ index }): ItemReport => {
      if (outcome === FAILS) return failed(index, 'SERVICE_EXCEPTION', false);
      return succeeded(index, attempt.jobName in outcomes ? outcome : { ok: true });
    });
    await engine.report(attempt, 'FINISHED', items);
  }
  return claimed.map((attempt) => attempt.jobName);
}

/** Until nothing is left that could run. */
export async function workOff(engine: Engine, outcomes: Outcomes = {}): Promise<string[]> {
  const started: string[] = [];
  for (;;) {
    await keep(engine);
    const now = await workOnce(engine, outcomes);
    if (now.length === 0) return started;
    started.push(...now);
  }
}
