// The registry's own jobs from the event to their end: the jobs service on real PostgreSQL and NATS, and a worker as the
// registry is one, with operations made up.
import {
  activityWorkflowRequested,
  envelope,
  registryBatchRequested,
  REGISTRY_TARGET,
  type EventDefinition,
} from '@weft/contracts';
import { AppError } from '@weft/errors';
import type { Messaging } from '@weft/messaging';
import { createLogger } from '@weft/telemetry';
import { eventually } from '@weft/testkit';
import { startWorker, succeededItem, type RunContext, type Worker } from '@weft/worker';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startTestService, type TestService } from './testing/jobs-service.js';
import { aBatch, aWorkflow } from './testing/registrations.js';

type Operation = (params: unknown, context: RunContext, jobId: string) => Promise<unknown>;

const logger = createLogger('test', 'silent');
let weft: TestService;
let registry: Messaging;
const workers: { worker: Worker; messaging: Messaging }[] = [];
beforeAll(async () => {
  weft = await startTestService({ JOBS_SWEEP: '1s', JOBS_START_LEASE: '500ms', JOBS_LEASE: '600ms' });
  registry = await weft.broker.connect('registry');
});
afterEach(() => Promise.all(workers.splice(0).map(({ worker }) => worker.stop(0))));
afterAll(() => weft.stop());

/** @param run what it does for the operation of the attempt, by its name. */
async function work(workerId: string, run: (name: string) => Operation): Promise<Messaging> {
  const messaging = await weft.broker.connect('registry');
  const worker = startWorker({
    targetId: REGISTRY_TARGET,
    workerId,
    capacity: 8,
    messaging,
    logger,
    async run({ code, jobId }, context) {
      const operation = run('operation' in code ? code.operation : '');
      return [succeededItem(0, await operation(await context.input('params'), context, jobId))];
    },
  });
  workers.push({ worker, messaging });
  return messaging;
}

async function publish<T>(event: EventDefinition<T>, payload: T): Promise<void> {
  const message = envelope(event, payload, new Date(), 'correlation-1');
  await registry.jetstream.publish(event.subject(payload), JSON.stringify(message), { msgID: message.id });
}
const asker = () => ({
  organizationId: weft.user.personalOrganizationId as string,
  createdBy: weft.user.id,
});
const askForWorkflow = async () => {
  const asked = aWorkflow(asker());
  await publish(activityWorkflowRequested, asked);
  return asked.workflowId;
};

interface Step {
  readonly key: string;
  readonly job: {
    readonly state: string;
    readonly kind: string;
    readonly operation: string;
    readonly target: null;
    readonly result: unknown;
    readonly attempts: readonly { readonly outcome: string; readonly workerId: string }[];
  };
}
const workflow = async (id: string) =>
  (
    await weft.graphql<{ workflow: { state: string; steps: Step[] } | null }>(
      `query ($id: ID!) { workflow(id: $id) { state steps { key job {
        state kind operation target { id } result attempts { outcome workerId } } } } }`,
      { id },
    )
  ).workflow;
const ended = (id: string) =>
  eventually('the workflow ends', async () => {
    const found = await workflow(id);
    return found !== null && ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(found.state) && found;
  });

it('registers, then lodges what that gave, by the worker of the registry', async () => {
  const told: unknown[] = [];
  await work('registry-1', (name) => (params) => {
    told.push([name, params]);
    return Promise.resolve(name.startsWith('REGISTER') ? { activityId: 'activity-1' } : { lodged: true });
  });
  const found = await ended(await askForWorkflow());
  expect(told).toEqual([
    ['REGISTER_CREATE_ACTIVITY', { itemId: 'item-1' }],
    ['LODGE_CREATE_ACTIVITY', { activityId: 'activity-1' }],
  ]);
  const done = { state: 'SUCCEEDED', kind: 'REGISTRATION', target: null };
  const attempts = [{ outcome: 'SUCCEEDED', workerId: 'registry-1' }];
  expect(found.steps.map((step) => step.job)).toEqual([
    { ...done, operation: 'REGISTER_CREATE_ACTIVITY', result: { activityId: 'activity-1' }, attempts },
    { ...done, operation: 'LODGE_CREATE_ACTIVITY', result: { lodged: true }, attempts },
  ]);
  const { jobs, workflows, registrations } = await weft.graphql<Record<string, { edges: unknown[] }>>(
    `{ jobs { edges { cursor } } workflows { edges { cursor } } registrations: workflows(registrations: true) { edges { cursor } } }`,
    {},
  );
  expect([jobs, workflows, registrations].map((list) => list?.edges.length)).toEqual([0, 0, 1]);
});

it('a worker that dies in the middle is succeeded by another, and there is one effect', async () => {
  const effects = new Map<string, number>();
  let hanging = 0;
  const dying = await work('registry-dies', () => (_params, _context, jobId) => {
    effects.set(jobId, 1);
    hanging += 1;
    return new Promise(() => undefined);
  });
  const id = await askForWorkflow();
  await eventually('the operation is under way', () => hanging === 1);
  await dying.connection.close();
  const silent = workers.splice(0);
  await work('registry-2', (name) => (_params, _context, jobId) => {
    // As the operations of the registry do: what is there already is found by the job's id.
    effects.set(jobId, 1);
    return Promise.resolve(name.startsWith('REGISTER') ? { activityId: 'activity-2' } : null);
  });
  const [register, lodge] = (await ended(id)).steps.map((step) => step.job);
  expect(register?.attempts.map((one) => one.outcome).sort()).toEqual(['LOST', 'SUCCEEDED']);
  expect(lodge?.attempts.map((one) => one.workerId)).toEqual(['registry-2']);
  expect(effects.size).toBe(2);
  await Promise.all(silent.map(({ worker }) => worker.stop(0)));
});

it('what is refused fails its step and what needs it; what is only busy is tried again', async () => {
  let tries = 0;
  await work('registry-1', (name) => () => {
    tries += 1;
    if (name.startsWith('REGISTER') && tries < 3) throw new AppError('SERVICE_UNAVAILABLE', 'not yet');
    if (name.startsWith('LODGE')) throw new AppError('CONFLICT', 'never');
    return Promise.resolve({ activityId: 'activity-1' });
  });
  const found = await ended(await askForWorkflow());
  expect(found.state).toBe('FAILED');
  expect(found.steps.map(({ job }) => [job.state, job.attempts.length])).toEqual([
    ['SUCCEEDED', 3],
    ['FAILED', 1],
  ]);
});

it('a batch told in parts is one, a job a record', async () => {
  const registered: unknown[] = [];
  await work('registry-1', () => (_params, _context, jobId) => Promise.resolve(registered.push(jobId)));
  const names = (from: number): string[] => Array.from({ length: 100 }, (_, n) => `row ${from + n}`);
  const parts = aBatch(asker(), names(0), names(100), names(200));
  for (const part of parts.toReversed()) await publish(registryBatchRequested, part);
  const id = parts[0]?.batchId;
  const view = `query ($id: ID!) { batch(id: $id) { state counts { succeeded total } jobs(first: 1) { edges { node { kind } } } } }`;
  const batch = await eventually('the batch ends', async () => {
    const found = (await weft.graphql<{ batch: { state: string } | null }>(view, { id })).batch;
    return found?.state === 'SUCCEEDED' && found;
  });
  expect(batch).toMatchObject({
    counts: { succeeded: 300, total: 300 },
    jobs: { edges: [{ node: { kind: 'REGISTRATION' } }] },
  });
  expect(new Set(registered).size).toBe(300);
});

it('a worker of others cannot claim it', async () => {
  await askForWorkflow();
  const stranger = { from: await weft.broker.connect('w1'), targetId: REGISTRY_TARGET, workerId: 'w1' };
  await expect(weft.ask('claim', { capacity: 1, holdMs: 0, start: true }, stranger)).rejects.toThrow();
});
