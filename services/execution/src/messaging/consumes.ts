import {
  jobChanged,
  serviceVersionChanged,
  type JobChanged,
  type ServiceVersionChanged,
} from '@weft/contracts';
import { startConsumer, type Consumer, type DeadLetter, type Messaging } from '@weft/messaging';
import type { Logger } from '@weft/telemetry';

export interface Consumes {
  readonly messaging: Messaging;
  readonly hearJobChanged: (consumer: string, messageId: string, fact: JobChanged) => Promise<void>;
  readonly hearServiceVersion: (
    consumer: string,
    messageId: string,
    fact: ServiceVersionChanged,
  ) => Promise<void>;
  readonly onDeadLetter: (letter: DeadLetter) => Promise<void>;
  readonly logger: Logger;
}

const JOBS = 'execution-jobs';
const SERVICE_VERSIONS = 'execution-service-versions';

/** What execution listens to: whose a job is and which attempts it has, and which code a service version runs. */
export function startConsumers({
  messaging,
  hearJobChanged,
  hearServiceVersion,
  onDeadLetter,
  logger,
}: Consumes): Consumer[] {
  return [
    startConsumer({
      messaging,
      event: jobChanged,
      durable: JOBS,
      handle: (envelope) => hearJobChanged(JOBS, envelope.id, envelope.payload),
      onDeadLetter,
      logger,
    }),
    startConsumer({
      messaging,
      event: serviceVersionChanged,
      durable: SERVICE_VERSIONS,
      handle: (envelope) => hearServiceVersion(SERVICE_VERSIONS, envelope.id, envelope.payload),
      onDeadLetter,
      logger,
    }),
  ];
}
