import { FINAL_JOB_STATES, jobChanged, serviceVersionChanged } from '@weft/contracts';
import { startConsumer, type Consumer, type DeadLetter, type Messaging } from '@weft/messaging';
import type { Logger } from '@weft/telemetry';
import type { RecordFinishedJob } from '../application/record-finished-job.js';
import type { RecordServiceVersion } from '../application/record-service-version.js';

export interface Consumes {
  readonly messaging: Messaging;
  readonly recordFinishedJob: RecordFinishedJob;
  readonly recordServiceVersion: RecordServiceVersion;
  readonly onDeadLetter: (letter: DeadLetter) => Promise<void>;
  readonly logger: Logger;
}

/**
 * What the registry listens to. Final states have a durable each, because a consumer has one filter (NATS 2.9):
 * so the many messages of jobs on their way are never sent here.
 */
export function startConsumers(options: Consumes): Consumer[] {
  const { messaging, onDeadLetter, logger } = options;
  const jobs = FINAL_JOB_STATES.map((state) => {
    const durable = `registry-jobs-${state.toLowerCase()}`;
    return startConsumer({
      messaging,
      event: jobChanged,
      durable,
      subject: jobChanged.filter(state, '*'),
      handle: (envelope) => options.recordFinishedJob(durable, envelope.id, envelope.payload),
      onDeadLetter,
      logger,
    });
  });
  const durable = 'registry-service-versions';
  const versions = startConsumer({
    messaging,
    event: serviceVersionChanged,
    durable,
    handle: (envelope) => options.recordServiceVersion(durable, envelope.id, envelope.payload),
    onDeadLetter,
    logger,
  });
  return [...jobs, versions];
}
