// Jobs of the registry's own. It asks for them by events, under ids that it chose: so what is asked again is there already.
// They are jobs like any others, but nobody's quota or limit counts them, and no list shows them unasked.
import {
  REGISTRY_TARGET,
  type ActivityWorkflowRequested,
  type RegistryBatchRequested,
  type RegistryJob,
} from '@weft/contracts';
import { newBatch, type Batch } from '../domain/batch.js';
import { SUBMITTED_AS_SUCH, type JobOrigin, type TransitionActor } from '../domain/job.js';
import { bearJob } from '../domain/new-job.js';
import { MAX_ATTEMPTS } from '../domain/submission.js';
import { mayRefer } from '../domain/workflow/result-references.js';
import type { Birth, JobInput, Ports } from './ports.js';
import { announceBirth } from './submit-job.js';

export interface StartRegistrations {
  workflow(requested: ActivityWorkflowRequested, correlationId: string): Promise<void>;
  batchPart(requested: RegistryBatchRequested, correlationId: string): Promise<void>;
}

export const REGISTRY: TransitionActor = { kind: 'system', id: 'registry' };

/** Somebody may be looking at the one thing that was created; thousands that were registered at once are in no hurry. */
const WORKFLOW_PRIORITY = 10;
const BATCH_PRIORITY = 0;
/** How many jobs one statement carries. */
const CHUNK = 500;

export const startRegistrations = (ports: Ports): StartRegistrations => ({
  workflow: (requested, correlationId) =>
    ports.transact(async (tx) => {
      const { workflowId, steps } = requested;
      const now = await tx.jobs.now();
      const batch = groupOf(requested, workflowId, correlationId, steps.length, 'CONTINUE', now);
      if (!(await tx.batches.insert(batch, null))) return;
      const births: Birth[] = [];
      for (const [batchIndex, step] of steps.entries()) {
        const { resultOf: of } = step;
        const data =
          of === undefined
            ? null
            : await tx.jobs.resultValue(requested.organizationId, of.jobId, of.itemIndex);
        const needsMet = step.needs.length === 0;
        births.push(birthOf(ports, batch, step, WORKFLOW_PRIORITY, { batchIndex, needsMet }, data));
      }
      await tx.jobs.insert(births);
      await tx.workflows.keepSteps(
        workflowId,
        steps.map(({ key, needs, jobId }, index) => ({
          index,
          key,
          needs: needs.map((need) => steps.findIndex((step) => step.key === need)),
          inputId: jobId,
        })),
      );
      tx.afterCommit(() => {
        for (const { born } of births) announceBirth(ports, born.job, [born.transition]);
      });
    }),

  batchPart: (requested, correlationId) =>
    ports.transact(async (tx) => {
      const jobs = (await tx.batches.gather(requested)).flatMap((part) => part.jobs);
      if (jobs.length === 0) return;
      const now = await tx.jobs.now();
      const batch = groupOf(requested, requested.batchId, correlationId, jobs.length, null, now);
      if (!(await tx.batches.insert(batch, null))) return;
      for (let from = 0; from < jobs.length; from += CHUNK)
        await tx.jobs.insert(
          jobs
            .slice(from, from + CHUNK)
            .map((job, at) =>
              birthOf(ports, batch, job, BATCH_PRIORITY, { batchIndex: from + at, needsMet: null }),
            ),
        );
      tx.afterCommit(() => {
        ports.signals.batchAccepted(batch);
        ports.signals.claimable(REGISTRY_TARGET);
      });
    }),
});

const groupOf = (
  { organizationId, createdBy, name }: RegistryBatchRequested | ActivityWorkflowRequested,
  id: string,
  correlationId: string,
  jobsTotal: number,
  onFailure: Batch['onFailure'],
  submittedAt: Date,
): Batch =>
  newBatch({
    id,
    organizationId,
    createdBy,
    name,
    correlationId,
    jobsTotal,
    onFailure,
    hidden: true,
    submittedAt,
  });

function birthOf(
  ports: Ports,
  { id: batchId, organizationId, createdBy, correlationId, submittedAt }: Batch,
  { jobId, name, operation, params }: RegistryJob,
  priority: number,
  place: Pick<JobOrigin, 'batchIndex' | 'needsMet'>,
  data: string | null = null,
): Birth {
  const input = inputOf(ports, jobId, JSON.stringify(params), data);
  const born = bearJob(
    {
      ...SUBMITTED_AS_SUCH,
      id: jobId,
      organizationId,
      createdBy,
      name,
      kind: 'REGISTRATION',
      operation,
      serviceId: null,
      serviceVersionId: null,
      targetId: REGISTRY_TARGET,
      priority,
      tags: [],
      itemsTotal: 1,
      // The target is known from the start, and there is nothing else to wait for.
      referenceDeadline: null,
      maxAttempts: MAX_ATTEMPTS,
      timeoutSeconds: null,
      startAt: null,
      deadline: null,
      inputId: jobId,
      retryOf: null,
      batchId,
      ...place,
      correlationId,
      submittedAt,
    },
    new Map(),
    REGISTRY,
  );
  return { born, input, facts: input, key: null };
}

const inputOf = ({ chance }: Ports, id: string, params: string, data: string | null): JobInput => ({
  id,
  data,
  dataArtifactId: null,
  dataSha256: data === null ? null : chance.sha256(data),
  dataBytes: data === null ? 0 : Buffer.byteLength(data),
  params,
  // What holds references to results is no value that anything is computed from.
  paramsSha256: mayRefer(params) ? null : chance.sha256(params),
  paramsBytes: Buffer.byteLength(params),
  itemParams: [null],
  command: null,
  codeArtifactId: null,
  commandSha256: null,
  trace: null,
  size: null,
  image: null,
  resultPool: null,
});
