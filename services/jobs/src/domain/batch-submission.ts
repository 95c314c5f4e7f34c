// What a batch may be: one submission that its jobs share, and what each of them lays over it.
import { userError, type UserError } from '@weft/errors';
import { checkResultPoolOfBatch } from './result-pool.js';
import { checkSubmission, type Submission } from './submission.js';

export const MAX_BATCH_JOBS = 10_000;
/** How many problems are told at once: whoever has more has the same one many times. */
export const MOST_PROBLEMS = 100;

export interface BatchJob {
  readonly name: string | null;
  /** JSON text, or null: the shared one. */
  readonly data: string | null;
  /** JSON text laid over the shared params, or null. */
  readonly params: string | null;
}

export interface BatchSubmission {
  /** What the jobs share; its name is the batch's. */
  readonly shared: Submission;
  readonly jobs: readonly BatchJob[];
}

/** Every rule at once, up to {@link MOST_PROBLEMS}. */
export function checkBatch({ shared, jobs }: BatchSubmission): UserError[] {
  const errors = checkSubmission(shared);
  if (shared.resultPool != null) errors.push(...checkResultPoolOfBatch(shared.resultPool));
  if (jobs.length < 1 || jobs.length > MAX_BATCH_JOBS) {
    const message = `A batch has 1 to ${MAX_BATCH_JOBS} jobs, not ${jobs.length}.`;
    return [...errors, userError('BAD_USER_INPUT', message, 'input', 'jobs')];
  }
  for (const [index, job] of jobs.entries()) {
    if (errors.length >= MOST_PROBLEMS) break;
    const own = { ...PLAIN, name: job.name ?? PLAIN.name, data: job.data, params: job.params };
    for (const { path, ...error } of checkSubmission(own))
      errors.push({ ...error, path: ['input', 'jobs', String(index), ...path.slice(1)] });
  }
  return errors.slice(0, MOST_PROBLEMS);
}

/** A submission of which nothing is wrong but what a job brings itself. */
const PLAIN: Submission = {
  organizationId: '',
  name: 'job',
  serviceVersionId: '00000000-0000-0000-0000-000000000000',
  command: null,
  size: null,
  image: null,
  targetId: 'any',
  data: null,
  dataArtifactId: null,
  params: null,
  items: [null],
  priority: 0,
  tags: [],
  maxAttempts: 1,
  timeoutSeconds: null,
  startAt: null,
  deadline: null,
  idempotencyKey: null,
};
