import type { DueJob } from '../application/due-jobs.js';

/** The place from which on what is due is listed: behind one of them, or the beginning. */
export const behind = (after: DueJob | undefined): readonly [at: string, jobId: string] =>
  after === undefined ? ['-infinity', '00000000-0000-0000-0000-000000000000'] : [after.at, after.jobId];
