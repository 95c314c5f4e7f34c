import { setTimeout as sleep } from 'node:timers/promises';
import {
  parseWorkerSubject,
  REGISTRY_TARGET,
  workSubject,
  type ClaimedAttempt,
  type ItemReport,
  type ReportRequest,
} from '@weft/contracts';
import { AppError } from '@weft/errors';
import type { Messaging } from '@weft/messaging';
import { createLogger } from '@weft/telemetry';
import { eventually, testBroker, type TestBroker } from '@weft/testkit';
import { beforeAll, expect, test } from 'vitest';
import type { OperationContext, Operations } from '../application/operations.js';
import { startRegistryWorker } from './registry-worker.js';

let broker: TestBroker;
beforeAll(async () => {
  broker = await testBroker();
});

const attempt = (jobId: string, code: ClaimedAttempt['code']): ClaimedAttempt => ({
  jobId, attempt: 3, fence: 3, organizationId: 'acme', createdBy: 'ada', kind: 'REGISTRATION', jobName: 'a job', correlationId: 'correlation-1',
  leaseMs: 10_000, timeoutMs: 60_000, deadlineAt: null, idempotencyKey: jobId, code, data: { by: 'none' }, params: { by: 'value', json: '{"n":1}' },
  limits: { timeSeconds: 60, memoryBytes: 1, processes: 1, diskBytes: 1, logBytes: 1, resultBytes: 1, itemsPerSlice: 1, concurrentAttempts: 1 },
  items: [{ index: 0, params: { by: 'none' } }],
}); // prettier-ignore

/** Gives these attempts to whoever claims for the registry, and hears of each how it ended. */
function fakeJobs(jobs: Messaging, attempts: ClaimedAttempt[]) {
  const ends = new Map<string, ItemReport>();
  const workers = new Set<string>();
  const answer = (operation: 'claim' | 'report', of: (body: unknown) => Promise<unknown>) =>
    jobs.connection.subscribe(workSubject(operation, REGISTRY_TARGET, '*'), {
      callback: (_, message) => {
        workers.add(parseWorkerSubject(message.subject)?.workerId ?? '');
        void of(message.json()).then((body) => message.respond(JSON.stringify(body)));
      },
    });
  answer('claim', async () => {
    const given = attempts.splice(0);
    if (given.length === 0) await sleep(100);
    return { attempts: given };
  });
  answer('report', async (body) => {
    const { reports } = body as ReportRequest;
    for (const { jobId, items } of reports) for (const item of items) ends.set(jobId, item);
    return { reports: reports.map((one) => ({ ...one, standing: 'accepted', code: null })) };
  });
  return { ends, workers };
}

test('runs what the job names, tells what came of it, and knows no other operation', async () => {
  const contexts: OperationContext[] = [];
  const operations: Operations = {
    DOUBLE: (params, context) => {
      contexts.push(context);
      return Promise.resolve({ n: 2 * (params as { n: number }).n });
    },
    REFUSE: () => Promise.reject(new AppError('NOT_FOUND', 'There is no such item.')),
    BREAK: () => Promise.reject(new Error('connection terminated')),
  };
  const jobs = await broker.connect('jobs');
  const names = ['DOUBLE', 'REFUSE', 'BREAK', 'NEVER_HEARD_OF', 'toString'];
  const { ends, workers } = fakeJobs(jobs, [
    ...names.map((operation) => attempt(operation, { operation })),
    attempt('SERVICE', { artifactId: 'code', runtime: 'NODEJS' }),
  ]);
  const worker = startRegistryWorker({
    messaging: await broker.connect('registry'),
    operations,
    logger: createLogger('test', 'silent'),
    succeeded: () => Promise.resolve(),
    syncPoint: () => Promise.resolve(),
  });
  await eventually('all of them end', () => ends.size === 6);
  await worker.stop(1_000);
  const told = [...ends].map(([jobId, { outcome, result, error }]) => [
    jobId,
    outcome,
    result ?? [error?.code, error?.retryable],
  ]);
  expect(told.sort()).toEqual([
    ['BREAK', 'FAILED', ['INTERNAL', true]],
    ['DOUBLE', 'SUCCEEDED', '{"n":2}'],
    ['NEVER_HEARD_OF', 'FAILED', ['OPERATION_UNKNOWN', false]],
    ['REFUSE', 'FAILED', ['NOT_FOUND', false]],
    ['SERVICE', 'FAILED', ['OPERATION_UNKNOWN', false]],
    ['toString', 'FAILED', ['OPERATION_UNKNOWN', false]],
  ]);
  expect(contexts).toMatchObject([
    { jobId: 'DOUBLE', attempt: 3, organizationId: 'acme', userId: 'ada', correlationId: 'correlation-1' },
  ]);
  expect([...workers]).toEqual([expect.stringMatching(/^registry-[0-9a-f-]{36}$/)]);
});
