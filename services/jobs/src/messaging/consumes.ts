import { artifactStored, serviceVersionChanged, targetChanged, type EventDefinition } from '@weft/contracts';
import { startConsumer, type Consumer, type DeadLetter, type Messaging } from '@weft/messaging';
import { refusedByDatabase } from '@weft/outbox';
import type { Logger } from '@weft/telemetry';
import type { LearnReferences } from '../application/learn-references.js';

/** What jobs hears from other services. Keeping a copy is idempotent by its `seq`, so no inbox is needed here. */
export function startConsumers(
  messaging: Messaging,
  learn: LearnReferences,
  onDeadLetter: (letter: DeadLetter) => Promise<void>,
  logger: Logger,
): Consumer[] {
  const consume = <T>(
    event: EventDefinition<T>,
    durable: string,
    handle: (payload: T) => Promise<void>,
    subject?: string,
  ): Consumer =>
    startConsumer({
      messaging,
      event,
      durable,
      ...(subject === undefined ? {} : { subject }),
      handle: (envelope) => handle(envelope.payload),
      onDeadLetter,
      isPoison: refusedByDatabase,
      logger,
    });
  return [
    consume(serviceVersionChanged, 'jobs-service-versions', learn.serviceVersion),
    consume(targetChanged, 'jobs-targets', learn.target),
    consume(artifactStored, 'jobs-artifacts', learn.artifact, artifactStored.filter('INPUT', '*')),
    consume(artifactStored, 'jobs-code-artifacts', learn.artifact, artifactStored.filter('CODE', '*')),
  ];
}
