// The life of a job as calls, for who shares the process: what the graph and the work server call otherwise.
import type { AttemptReport, ClaimedAttempt, ClaimRequest } from '@weft/contracts';
import type { Outcome } from '@weft/errors';
import type { Checking } from './application/checking.js';
import type { Claimant } from './application/claim-work.js';
import type { Ports } from './application/ports.js';
import { reportAttempt, type Standing } from './application/report-attempt.js';
import { submitJob, type Submitted } from './application/submit-job.js';
import type { Submission } from './domain/submission.js';

export interface JobEngine {
  submit(userId: string, correlationId: string, submission: Submission): Promise<Outcome<Submitted>>;
  /** Held like a worker's, until there is work. */
  claim(claimant: Claimant, request: ClaimRequest): Promise<ClaimedAttempt[]>;
  report(claimant: Claimant, report: AttemptReport): Promise<Standing>;
}

/** @param claim serves a worker's request; nothing while there is no broker. */
export const createJobEngine = (
  ports: Ports,
  checking: Checking,
  claim: (claimant: Claimant, request: ClaimRequest) => Promise<ClaimedAttempt[]> | undefined,
): JobEngine => ({
  submit: (userId, correlationId, submission) =>
    checking(({ schemas }) => submitJob(ports, schemas, userId, correlationId, submission)),
  claim: async (claimant, request) => (await claim(claimant, request)) ?? [],
  report: (claimant, report) => reportAttempt(ports, claimant, report),
});
