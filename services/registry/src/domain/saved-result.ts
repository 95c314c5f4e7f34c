// Results that a job asked to have put into a data pool.
import { isFileName, resultFileName, type ResultPool } from '@weft/contracts';
import { userError, type UserError } from '@weft/errors';
import type { FinishedJob } from './finished-job.js';

export const SAVED_RESULT_STATES = ['PENDING', 'SAVED', 'REFUSED'] as const;
export type SavedResultState = (typeof SAVED_RESULT_STATES)[number];

/** What is to be done with the result of one item, as it was asked for when the job was submitted. */
export interface ResultWish {
  readonly jobId: string;
  readonly itemIndex: number;
  readonly poolId: string;
  readonly fileName: string;
  /** Null: it is a value, which no pool keeps. */
  readonly artifactId: string | null;
  /** Of the job when it ended. */
  readonly organizationId: string;
  readonly userId: string;
  /** What he was when he asked. */
  readonly principals: readonly string[];
  readonly correlationId: string;
}

/** A wish and what came of it. */
export interface SavedResult extends Pick<ResultWish, 'jobId' | 'itemIndex' | 'poolId' | 'fileName'> {
  readonly key: number;
  readonly state: SavedResultState;
  readonly fileId: string | null;
  readonly error: Pick<UserError, 'code' | 'message'> | null;
  /** When it was saved or refused. */
  readonly settledAt: Date | null;
}

/** What a job that has ended asks for; nothing unless it succeeded. */
export function resultWishesOf(
  job: FinishedJob & { readonly resultPool?: ResultPool | undefined },
  correlationId: string,
): ResultWish[] {
  const { jobId, organizationId, createdBy: userId, resultPool: pool } = job;
  if (pool === undefined || job.state !== 'SUCCEEDED') return [];
  return job.outcomes.map(({ index, resultArtifactId: artifactId }) => ({
    ...{ jobId, organizationId, userId, correlationId },
    poolId: pool.dataPoolId,
    principals: pool.principals,
    itemIndex: index,
    fileName: resultFileName(pool.name, { jobId, jobName: job.name, index }),
    artifactId,
  }));
}

/** What speaks against a wish, whatever the pool says. */
export function wishProblem({ artifactId, fileName }: ResultWish): UserError | undefined {
  if (artifactId === null)
    return userError(
      'BAD_USER_INPUT',
      'The result is a value that its worker has not stored as a file. Upload it (createUpload) and add it with addDataPoolFile.',
    );
  if (!isFileName(fileName))
    return userError(
      'BAD_USER_INPUT',
      'With the name of the job in it, this is no name of a file. Save it under another with saveJobResultToDataPool.',
    );
  return undefined;
}
