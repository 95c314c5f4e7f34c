import {
  activityWorkflowRequested,
  artifactStored,
  dataPoolChanged,
  dataPoolFileChanged,
  datasetFileChanged,
  registryBatchRequested,
  serviceVersionChanged,
  targetChanged,
  type EventDefinition,
} from '@weft/contracts';
import { startConsumer, type Consumer, type DeadLetter, type Messaging } from '@weft/messaging';
import { refusedByDatabase } from '@weft/outbox';
import type { Logger } from '@weft/telemetry';
import type { LearnReferences } from '../application/learn-references.js';
import type { StartRegistrations } from '../application/start-registrations.js';

/**
 * What jobs hears from other services. Keeping a copy is idempotent by its `seq`, and what the registry asks for by its id,
 * so no inbox is needed here.
 */
export function startConsumers(
  messaging: Messaging,
  learn: LearnReferences,
  registrations: StartRegistrations,
  onDeadLetter: (letter: DeadLetter) => Promise<void>,
  logger: Logger,
): Consumer[] {
  const consume = <T>(
    event: EventDefinition<T>,
    durable: string,
    handle: (payload: T, correlationId: string) => Promise<void>,
    subject?: string,
  ): Consumer =>
    startConsumer({
      messaging,
      event,
      durable,
      ...(subject === undefined ? {} : { subject }),
      handle: (envelope) => handle(envelope.payload, envelope.correlationId),
      onDeadLetter,
      isPoison: refusedByDatabase,
      logger,
    });
  return [
    consume(serviceVersionChanged, 'jobs-service-versions', learn.serviceVersion),
    consume(targetChanged, 'jobs-targets', learn.target),
    consume(artifactStored, 'jobs-artifacts', learn.artifact, artifactStored.filter('INPUT', '*')),
    consume(artifactStored, 'jobs-code-artifacts', learn.artifact, artifactStored.filter('CODE', '*')),
    consume(dataPoolChanged, 'jobs-data-pools', learn.dataPool),
    consume(dataPoolFileChanged, 'jobs-data-pool-files', learn.dataPoolFile),
    consume(datasetFileChanged, 'jobs-dataset-files', learn.datasetFile),
    consume(activityWorkflowRequested, 'jobs-activity-workflows', registrations.workflow),
    consume(registryBatchRequested, 'jobs-registry-batches', registrations.batchPart),
  ];
}
