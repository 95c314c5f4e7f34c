import {
  artifactStored,
  FINAL_JOB_STATES,
  jobChanged,
  jobRecordChanged,
  serviceVersionChanged,
} from '@weft/contracts';
import { startConsumer, type Consumer, type DeadLetter, type Messaging } from '@weft/messaging';
import { refusedByDatabase } from '@weft/outbox';
import type { Logger } from '@weft/telemetry';
import type { DataPoolNews } from '../application/data-pool-ports.js';
import type { HearRegistryJobs } from '../application/hear-registry-jobs.js';
import type { RecordFinishedJobs } from '../application/record-finished-jobs.js';
import type { RecordServiceVersion } from '../application/record-service-version.js';

export interface Consumes {
  readonly messaging: Messaging;
  readonly recordFinishedJobs: RecordFinishedJobs;
  readonly hearRegistryJobs: HearRegistryJobs;
  readonly recordServiceVersion: RecordServiceVersion;
  readonly dataPoolNews: DataPoolNews;
  readonly onDeadLetter: (letter: DeadLetter) => Promise<void>;
  readonly logger: Logger;
}

/** Provenance is asked for later: what jobs that end together have in common is written once. */
const JOBS_PACE_MS = 200;

/** Jobs that the registry itself asked for: of them it notes what came of them, and nothing else. */
const isOwn = ({ kind }: { readonly kind: string }): boolean => kind === 'REGISTRATION';

/**
 * What the registry listens to. Final states have a durable each, because a consumer has one filter (NATS 2.9):
 * so the many messages of jobs on their way are never sent here.
 */
export function startConsumers(options: Consumes): Consumer[] {
  const { messaging, onDeadLetter, logger } = options;
  const shared = { messaging, onDeadLetter, isPoison: refusedByDatabase, logger };
  const jobs = FINAL_JOB_STATES.map((state) => {
    const durable = `registry-jobs-${state.toLowerCase()}`;
    return startConsumer({
      ...shared,
      event: jobChanged,
      durable,
      subject: jobChanged.filter(state, '*'),
      paceMs: JOBS_PACE_MS,
      handleBatch: async (envelopes) => {
        const own = envelopes.filter(({ payload }) => isOwn(payload));
        const others = envelopes.filter(({ payload }) => !isOwn(payload));
        await options.recordFinishedJobs(
          durable,
          others.map(({ id, payload }) => ({ messageId: id, job: payload })),
        );
        await options.hearRegistryJobs(
          durable,
          own.map(({ id, correlationId, payload }) => ({
            messageId: id,
            correlationId,
            job: {
              ...{ jobId: payload.jobId, retryOf: payload.retryOf, state },
              errorCode: payload.outcomes.find((one) => one.errorCode !== null)?.errorCode ?? null,
            },
          })),
        );
      },
    });
  });
  const durable = 'registry-service-versions';
  const versions = startConsumer({
    ...shared,
    event: serviceVersionChanged,
    durable,
    handle: (envelope) => options.recordServiceVersion(durable, envelope.id, envelope.payload),
  });
  const artifacts = startConsumer({
    ...shared,
    event: artifactStored,
    durable: 'registry-artifacts',
    handle: ({ payload }) => options.dataPoolNews.keepArtifact(payload),
  });
  const jobRecords = startConsumer({
    ...shared,
    event: jobRecordChanged,
    durable: 'registry-job-records',
    handle: ({ payload }) => options.dataPoolNews.keepJobRecord(payload),
  });
  return [...jobs, versions, artifacts, jobRecords];
}
