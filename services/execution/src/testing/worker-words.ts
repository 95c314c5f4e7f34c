// What a worker says to execution, said by a test; and a service with two workers to say it.
import { randomUUID } from 'node:crypto';
import { execSubject, type EventDefinition, type LogReply } from '@weft/contracts';
import { request, startConsumer, type Messaging } from '@weft/messaging';
import { createLogger } from '@weft/telemetry';
import { eventually } from '@weft/testkit';
import { anAttempt, testExecution, type TestExecution } from './test-execution.js';

export interface Stage {
  readonly execution: TestExecution;
  /** worker-1, which serves local-process and local-noop. */
  readonly worker: Messaging;
  /** worker-2, which serves local-process and has no attempt. */
  readonly stranger: Messaging;
  /** What execution has announced since. */
  hear<T>(event: EventDefinition<T>): T[];
  /** A job with one running attempt (fence 7, worker-1) that execution has heard of. */
  aRunningJob(
    organizationId: string,
    more?: { artifactIds?: string[]; serviceVersionId?: string },
  ): Promise<string>;
}

export async function setStage(): Promise<Stage> {
  const workers = { 'worker-1': ['local-process', 'local-noop'], 'worker-2': ['local-process'] };
  const execution = await testExecution({ workers });
  const worker = await execution.broker.connect('worker-1');
  return {
    execution,
    worker,
    stranger: await execution.broker.connect('worker-2'),
    hear: (event) => hear(execution, event),
    async aRunningJob(organizationId, more = {}) {
      const jobId = randomUUID();
      const attempts = [anAttempt()];
      await execution.tellJob({ jobId, organizationId, seq: 2, state: 'IN_PROGRESS', attempts, ...more });
      await eventually(
        'the job is known',
        async () => (await say<LogReply>(worker, 'log', 'worker-1', aBatch(jobId, []))).code === 'OK',
      );
      return jobId;
    },
  };
}

/** What execution has announced since. */
export function hear<T>({ jobs }: TestExecution, event: EventDefinition<T>): T[] {
  const heard: T[] = [];
  startConsumer({
    messaging: jobs,
    event,
    durable: `test-${event.type}`,
    logger: createLogger('test', 'silent'),
    onDeadLetter: () => Promise.resolve(),
    handle: (envelope) => Promise.resolve(void heard.push(envelope.payload)),
  });
  return heard;
}

export const say = async <T>(
  who: Messaging,
  operation: 'log' | 'artifact' | 'beat',
  workerId: string,
  value: unknown,
  targetId = 'local-process',
): Promise<T> => (await request(who, execSubject(operation, targetId, workerId), value, 5_000)).json<T>();

export const aLine = (number: number, text = `line ${number}`) => ({
  number,
  at: new Date().toISOString(),
  stream: 'STDOUT',
  text,
});

export const aBatch = (jobId: string, lines: unknown[], more: object = {}) => ({
  jobId,
  attempt: 1,
  fence: 7,
  lines,
  complete: false,
  usage: null,
  ...more,
});
