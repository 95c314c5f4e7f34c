// What may be given to whom: no limit is passed, and with room left nobody is passed over.
import {
  duePending,
  isOverdue,
  LIMIT,
  runningOf,
  type Model,
  type ModelAttempt,
  type ModelJob,
} from './job-model.js';

/** All of one target. */
const TARGET = 'target';

/** What counts it and may limit it. */
const scopesOf = ({ organizationId, definitionId }: ModelJob): string[] => [
  TARGET,
  organizationId,
  ...(definitionId === null ? [] : [definitionId]),
];

const roomIn = (model: Model, scope: string): number =>
  (scope === TARGET ? LIMIT : (model.limits.get(scope) ?? Infinity)) -
  runningOf(model, ({ job }) => scopesOf(job).includes(scope)).length;

export const targetRoom = (model: Model): number => roomIn(model, TARGET);

/** The limits that are reached, of those that this job is under. */
export const fullFor = (model: Model, job: ModelJob): string[] =>
  scopesOf(job).filter((scope) => roomIn(model, scope) <= 0);

/** Those under limits of their own are never handed over: that would need a count of each. */
export const isLimited = ({ limits }: Model, job: ModelJob): boolean =>
  job.definitionId !== null || limits.has(job.organizationId);

const waiting = (model: Model): ModelJob[] =>
  [...model.jobs.values()].filter((job) => duePending(model, job).length > 0);

export const claimable = (model: Model): ModelJob[] => waiting(model).filter((job) => !isOverdue(model, job));

/** Nobody is given these any more, but until the sweep they stand in their lanes, perhaps before others. */
export const overdue = (model: Model): ModelJob[] => waiting(model).filter((job) => isOverdue(model, job));

/** What this worker was given by this request. */
export const givenBy = (
  model: Model,
  { workerId, requestId }: Pick<ModelAttempt, 'workerId' | 'requestId'>,
): ReturnType<typeof runningOf> =>
  runningOf(model, ({ attempt }) => attempt.workerId === workerId && attempt.requestId === requestId);

/** What was claimed in one go, with nobody else at it. @param before what was claimable. @param most of them. */
export function passedOver(
  model: Model,
  before: readonly ModelJob[],
  taken: readonly ModelJob[],
  most: number,
): string[] {
  const left = before.filter((job) => !taken.includes(job));
  const idle = taken.length < most && targetRoom(model) > 0;
  return left.flatMap((job) => {
    const full = fullFor(model, job);
    if (idle && full.length === 0) return [`${job.id}, with room left`];
    const jumped = taken.find(
      (other) =>
        other.organizationId === job.organizationId &&
        other.priority < job.priority &&
        full.every((scope) => scopesOf(other).includes(scope)),
    );
    return jumped === undefined ? [] : [`${job.id} by ${jumped.id}, of lower priority`];
  });
}
