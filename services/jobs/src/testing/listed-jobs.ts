// Jobs as a list sees them, made up: for tests that need no database.
import { randomUUID } from 'node:crypto';
import type { ListedJob } from '../application/takes-job.js';
import type { Job } from '../domain/job.js';
import { SUBMITTED_AS_SUCH } from '../domain/job.js';
import { NO_ITEMS } from '../domain/roll-up.js';

export const listedJob = (changes: Partial<Job> & Pick<Job, 'organizationId'>): ListedJob => {
  const job: Job = {
    ...SUBMITTED_AS_SUCH,
    id: randomUUID(),
    createdBy: 'somebody',
    name: 'a job',
    kind: 'MANAGED_SERVICE',
    operation: null,
    serviceId: null,
    serviceVersionId: null,
    targetId: 'local-process',
    priority: 0,
    tags: [],
    state: 'PENDING',
    reason: 'QUEUED',
    seq: 1,
    itemsTotal: 1,
    attempts: 0,
    carriedOver: 0,
    counts: { ...NO_ITEMS, PENDING: 1 },
    cancelRequestedAt: null,
    claimableAt: null,
    referenceDeadline: null,
    maxAttempts: 1,
    timeoutSeconds: null,
    startAt: null,
    deadline: null,
    inputId: randomUUID(),
    retryOf: null,
    correlationId: 'correlation-1',
    recordRevision: 0,
    submittedAt: new Date(0),
    dequeuedAt: null,
    startedAt: null,
    endedAt: null,
    ...changes,
  };
  return { job, words: [job.name, ...job.tags].join(' ').toLowerCase() };
};
