import {
  dataPoolChanged,
  dataPoolFileChanged,
  datasetFileChanged,
  jobChanged,
  jobRecordChanged,
  serviceVersionChanged,
  type DatasetFileChanged,
  type JobChanged,
  type JobRecordChanged,
  type ServiceVersionChanged,
} from '@weft/contracts';
import { startConsumer, type Consumer, type DeadLetter, type Messaging } from '@weft/messaging';
import { refusedByDatabase } from '@weft/outbox';
import type { Logger } from '@weft/telemetry';
import type { HearDataPools } from '../application/hear-data-pools.js';

export interface Consumes {
  readonly messaging: Messaging;
  readonly hearJobsChanged: (facts: readonly JobChanged[]) => Promise<void>;
  readonly hearJobRecord: (fact: JobRecordChanged) => Promise<void>;
  readonly hearServiceVersion: (fact: ServiceVersionChanged) => Promise<void>;
  readonly hearDataPools: HearDataPools;
  readonly hearDatasets: (fact: DatasetFileChanged) => Promise<void>;
  readonly onDeadLetter: (letter: DeadLetter) => Promise<void>;
  readonly logger: Logger;
}

/** A job moves several times in a moment, and its last word is what counts; a worker that needs it before hurries. */
const JOBS_PACE_MS = 50;

/** What execution listens to: whose a job is and which attempts it has, and which code a service version runs. */
export function startConsumers({
  messaging,
  hearJobsChanged,
  hearJobRecord,
  hearServiceVersion,
  hearDataPools,
  hearDatasets,
  onDeadLetter,
  logger,
}: Consumes): Record<
  'jobs' | 'jobRecords' | 'serviceVersions' | 'dataPools' | 'dataPoolFiles' | 'datasetFiles',
  Consumer
> {
  const shared = { messaging, onDeadLetter, isPoison: refusedByDatabase, logger };
  return {
    jobs: startConsumer({
      ...shared,
      event: jobChanged,
      durable: 'execution-jobs',
      paceMs: JOBS_PACE_MS,
      handleBatch: (envelopes) => hearJobsChanged(envelopes.map(({ payload }) => payload)),
    }),
    jobRecords: startConsumer({
      ...shared,
      event: jobRecordChanged,
      durable: 'execution-job-records',
      handle: ({ payload }) => hearJobRecord(payload),
    }),
    serviceVersions: startConsumer({
      ...shared,
      event: serviceVersionChanged,
      durable: 'execution-service-versions',
      handle: ({ payload }) => hearServiceVersion(payload),
    }),
    dataPools: startConsumer({
      ...shared,
      event: dataPoolChanged,
      durable: 'execution-data-pools',
      handle: ({ payload }) => hearDataPools.pool(payload),
    }),
    dataPoolFiles: startConsumer({
      ...shared,
      event: dataPoolFileChanged,
      durable: 'execution-data-pool-files',
      handle: ({ payload }) => hearDataPools.file(payload),
    }),
    datasetFiles: startConsumer({
      ...shared,
      event: datasetFileChanged,
      durable: 'execution-dataset-files',
      handle: ({ payload }) => hearDatasets(payload),
    }),
  };
}
