// What a workflow may be: steps that are jobs, each with a key, and an order among them that has no circle.
import { userError, type UserError } from '@weft/errors';
import { MOST_PROBLEMS } from '../batch-submission.js';
import { checkSubmission, type Submission } from '../submission.js';
import { stepsReferredTo, UnusableReference } from './result-references.js';
import type { FailurePolicy } from './workflow.js';

export const MAX_STEPS = 300;
const KEY = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

export interface WorkflowStep {
  readonly key: string;
  /** Keys of the steps that must have ended before. */
  readonly needs: readonly string[];
  readonly job: Submission;
}

export interface WorkflowSubmission {
  readonly organizationId: string;
  readonly name: string;
  readonly onFailure: FailurePolicy;
  readonly idempotencyKey: string | null;
  readonly steps: readonly WorkflowStep[];
}

export const ofStep = (index: number, { path, ...error }: UserError): UserError => ({
  ...error,
  path: ['input', 'steps', String(index), ...path.slice(1)],
});

/** Every rule at once, up to {@link MOST_PROBLEMS}. */
export function checkWorkflow({ name, idempotencyKey, steps }: WorkflowSubmission): UserError[] {
  const [first] = steps;
  if (first === undefined || steps.length > MAX_STEPS) {
    const message = `A workflow has 1 to ${MAX_STEPS} steps, not ${steps.length}.`;
    return [userError('BAD_USER_INPUT', message, 'input', 'steps')];
  }
  // Its own fields obey the rules of a job's.
  const errors = checkSubmission({ ...first.job, name, idempotencyKey }).filter(({ path }) =>
    ['name', 'idempotencyKey'].includes(path[1] ?? ''),
  );
  const places = new Map<string, number>();
  for (const [index, { key }] of steps.entries()) {
    const refuse = (message: string): void =>
      void errors.push(userError('BAD_USER_INPUT', message, 'input', 'steps', String(index), 'key'));
    if (!KEY.test(key))
      refuse('A key has 1 to 100 letters, digits, _, - or dots, and begins with a letter, digit or _.');
    else if (places.has(key)) refuse(`Step ${places.get(key)} has the key "${key}" already.`);
    else places.set(key, index);
  }
  for (const [index, step] of steps.entries()) {
    if (errors.length >= MOST_PROBLEMS) break;
    errors.push(...checkStep(index, step, places).slice(0, MOST_PROBLEMS));
  }
  if (errors.length === 0) errors.push(...checkOrder(steps, places));
  return errors.slice(0, MOST_PROBLEMS);
}

/** What is too large is not looked into any further. */
function checkStep(
  index: number,
  step: WorkflowStep,
  places: ReadonlyMap<string, number>,
): readonly UserError[] {
  if (step.needs.length > MAX_STEPS) {
    const message = `A step needs at most ${MAX_STEPS} others, not ${step.needs.length}.`;
    return [userError('BAD_USER_INPUT', message, 'input', 'steps', String(index), 'needs')];
  }
  const ofJob = checkSubmission(step.job).map((error) => ofStep(index, error));
  const ofReferences = ofJob.length === 0 ? checkReferences(index, step) : [];
  return [...checkNeeds(index, step, places), ...ofJob, ...ofReferences];
}

function checkNeeds(
  index: number,
  { key, needs }: WorkflowStep,
  places: ReadonlyMap<string, number>,
): UserError[] {
  const problemOf = (need: string, at: number): string | undefined => {
    if (need === key) return 'A step cannot need itself.';
    if (!places.has(need)) return `There is no step "${need}".`;
    return needs.indexOf(need) < at ? `"${need}" is needed twice.` : undefined;
  };
  return needs.flatMap((need, at) => {
    const problem = problemOf(need, at);
    if (problem === undefined) return [];
    return [userError('BAD_USER_INPUT', problem, 'input', 'steps', String(index), 'needs', String(at))];
  });
}

function checkReferences(index: number, { needs, job }: WorkflowStep): UserError[] {
  const fields: [string | null, string[]][] = [
    [job.data, ['data']],
    [job.params, ['params']],
    ...job.items.map((item, at): [string | null, string[]] => [item, ['items', String(at), 'params']]),
  ];
  return fields.flatMap(([json, path]) => {
    const refuse = (message: string): UserError =>
      userError('BAD_USER_INPUT', message, 'input', 'steps', String(index), ...path);
    try {
      return stepsReferredTo(json)
        .filter((key) => !needs.includes(key))
        .map((key) =>
          refuse(`It refers to the result of "${key}", which is not among the needs of the step.`),
        );
    } catch (error) {
      if (error instanceof UnusableReference) return [refuse(error.message)];
      throw error;
    }
  });
}

/** Takes away what needs nothing that is left, over and over; what stays goes round in a circle. */
function checkOrder(steps: readonly WorkflowStep[], places: ReadonlyMap<string, number>): UserError[] {
  let left = new Map(steps.map((step) => [step.key, step.needs]));
  for (let before = Infinity; left.size < before;) {
    before = left.size;
    left = new Map([...left].filter(([, needs]) => needs.some((need) => left.has(need))));
  }
  const [start] = left.keys();
  if (start === undefined) return [];
  const round: string[] = [];
  let at = start;
  while (!round.includes(at)) {
    round.push(at);
    at = left.get(at)?.find((need) => left.has(need)) ?? at;
  }
  const circle = [...round.slice(round.indexOf(at)), at];
  const message = `Steps that need each other in a circle can never begin: ${circle.join(' needs ')}.`;
  return [userError('BAD_USER_INPUT', message, 'input', 'steps', String(places.get(at)), 'needs')];
}
