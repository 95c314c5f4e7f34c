import {
  artifactStored,
  environmentDescribed,
  FINAL_JOB_STATES,
  jobChanged,
  jobRecordChanged,
  serviceVersionChanged,
  targetChanged,
  type EventDefinition,
} from '@weft/contracts';
import { startConsumer, type Consumer, type DeadLetter, type Messaging } from '@weft/messaging';
import { refusedByDatabase } from '@weft/outbox';
import type { Logger } from '@weft/telemetry';
import type { DescribeNodes } from '../application/describe-nodes.js';
import type { DataPoolNews } from '../application/data-pool-ports.js';
import type { HearRegistryJobs } from '../application/hear-registry-jobs.js';
import type { KeepJobRecords } from '../application/keep-job-records.js';
import type { RecordFinishedJobs } from '../application/record-finished-jobs.js';
import type { RecordServiceVersion } from '../application/record-service-version.js';
import {
  descriptionOfArtifact,
  descriptionOfEnvironment,
  descriptionOfTarget,
  type Description,
} from '../domain/description.js';

export interface Consumes {
  readonly messaging: Messaging;
  readonly recordFinishedJobs: RecordFinishedJobs;
  readonly hearRegistryJobs: HearRegistryJobs;
  readonly recordServiceVersion: RecordServiceVersion;
  readonly describeNodes: DescribeNodes;
  readonly keepJobRecords: KeepJobRecords;
  readonly dataPoolNews: DataPoolNews;
  /** Of files was heard that results may have waited for. */
  readonly filesHeard: () => void;
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
          others.map(({ id, correlationId, payload }) => ({ messageId: id, correlationId, job: payload })),
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
  const versions = startConsumer({
    ...shared,
    event: serviceVersionChanged,
    durable: 'registry-service-versions',
    handle: ({ id, payload }) => options.recordServiceVersion('registry-service-versions', id, payload),
  });
  const records = startConsumer({
    ...shared,
    event: jobRecordChanged,
    durable: 'registry-job-records',
    // Retention deletes thousands at once, and each time nothing else is recorded.
    paceMs: JOBS_PACE_MS,
    handleBatch: (envelopes) =>
      options.keepJobRecords(
        'registry-job-records',
        envelopes.map(({ id, at, payload }) => ({ messageId: id, at, change: payload })),
      ),
  });
  const describing = <T>(
    durable: string,
    event: EventDefinition<T>,
    description: (payload: T) => Description,
    keep: (payloads: readonly T[]) => Promise<void> = () => Promise.resolve(),
  ): Consumer =>
    startConsumer({
      ...shared,
      event,
      durable,
      paceMs: JOBS_PACE_MS,
      handleBatch: async (envelopes) => {
        await keep(envelopes.map(({ payload }) => payload));
        const news = envelopes.map(({ id, payload }) => ({
          messageId: id,
          description: description(payload),
        }));
        await options.describeNodes(durable, news);
      },
    });
  return [
    ...jobs,
    versions,
    records,
    describing('registry-artifacts', artifactStored, descriptionOfArtifact, async (files) => {
      for (const file of files) await options.dataPoolNews.keepArtifact(file);
      options.filesHeard();
    }),
    describing('registry-targets', targetChanged, descriptionOfTarget),
    describing('registry-environments', environmentDescribed, descriptionOfEnvironment),
  ];
}
