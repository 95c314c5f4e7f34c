// The registry's own jobs through both services as they are, in one process: asked for by an event, run by the registry's
// worker with operations made up, its end heard by everybody; while the registry is stopped and started anew in the middle.
import { randomUUID } from 'node:crypto';
import { activityWorkflowRequested, envelope } from '@weft/contracts';
import { newId } from '@weft/database';
import { createJobsService, jobsConfig, type JobsService } from '@weft/jobs';
import type { Messaging } from '@weft/messaging';
import { createRegistryService, registryConfig, type RegistryService } from '@weft/registry';
import { newSecretsKey } from '@weft/secrets';
import { createLogger } from '@weft/telemetry';
import {
  allHeard,
  aUser,
  emptyTestDatabase,
  eventually,
  testBroker,
  testIdentity,
  type TestBroker,
  type TestIdentity,
} from '@weft/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';

type Operations = NonNullable<NonNullable<Parameters<typeof createRegistryService>[1]>['operations']>;

const logger = createLogger('test', 'silent');
const user = aUser();
let broker: TestBroker;
let identity: TestIdentity;
let jobs: JobsService;
let messaging: Messaging;
let registryUrl: string;

beforeAll(async () => {
  [broker, identity] = [await testBroker(), await testIdentity()];
  registryUrl = await emptyTestDatabase('registry');
  jobs = await createJobsService(
    jobsConfig.read({
      ...shared('jobs', await emptyTestDatabase('jobs')),
      SECRETS_KEY: newSecretsKey(),
      JOBS_SWEEP: '200ms',
    }),
    { logger },
  );
  messaging = await broker.connect('registry');
}, 60_000);
afterAll(() => jobs[Symbol.asyncDispose]());

const shared = (role: string, url: string) => ({
  DATABASE_URL: url,
  NATS_URL: broker.url,
  NATS_USER: role,
  NATS_PASSWORD: broker.password(role),
  ACTOR_JWKS: identity.jwks,
});
const startRegistry = (operations: Operations): Promise<RegistryService> =>
  createRegistryService(registryConfig.read(shared('registry', registryUrl)), { logger, operations });

async function ask<T>(url: string, query: string, variables: object = {}): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: await identity.authorization(user) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

const JOB = `query ($id: ID!) { _entities(representations: [{ __typename: "Job", id: $id }]) { ... on Job { name } } }`;

/** As the gateway asks for a job that the registry has just named: before the news of it is published. */
async function askForWorkflow() {
  const step = (key: string, operation: string, params: object, needs: string[] = []) => ({
    jobId: newId(), name: key, key, needs, operation, params,
  }); // prettier-ignore
  const payload = activityWorkflowRequested.schema.parse({
    workflowId: randomUUID(),
    organizationId: user.personalOrganizationId,
    createdBy: user.id,
    name: 'Create Rainfall',
    steps: [
      step('register', 'REGISTER', { itemId: 'item-1' }),
      step('lodge', 'LODGE', { activityId: { $from: 'register', path: '/activityId' } }, ['register']),
    ],
  });
  await messaging.ensureStream();
  const named = ask<{ _entities: [{ name: string } | null] }>(jobs.url, JOB, { id: payload.steps[0]?.jobId });
  const message = envelope(activityWorkflowRequested, payload, new Date(), 'correlation-1');
  await messaging.jetstream.publish(activityWorkflowRequested.subject(payload), JSON.stringify(message));
  expect((await named)._entities).toEqual([{ name: 'register' }]);
  return payload;
}

interface Workflow {
  readonly state: string;
  readonly steps: readonly {
    readonly job: { readonly state: string; readonly attempts: { outcome: string }[] };
  }[];
}
const ended = (id: string): Promise<Workflow> =>
  eventually('the workflow ends', async () => {
    const { workflow } = await ask<{ workflow: Workflow | null }>(
      jobs.url,
      `query ($id: ID!) { workflow(id: $id) { state steps { job { state attempts { outcome } } } } }`,
      { id },
    );
    return workflow?.state === 'SUCCEEDED' && workflow;
  });

it('runs both steps by the registry itself, which gives back at its stop what does not end', async () => {
  let held = false;
  const stuck = await startRegistry({
    REGISTER: () => {
      held = true;
      return new Promise(() => undefined);
    },
  });
  const asked = await askForWorkflow();
  await eventually('the first step runs', () => held);
  await stuck.stop();
  const told: unknown[] = [];
  const registry = await startRegistry({
    REGISTER: (params, { jobId, userId, organizationId, attempt }) => {
      told.push([params, jobId, userId, organizationId, attempt]);
      return Promise.resolve({ activityId: 'activity-1' });
    },
    LODGE: (params) => Promise.resolve(told.push(params)),
  });
  const { steps } = await ended(asked.workflowId);
  expect(steps.map(({ job }) => job.attempts.map((one) => one.outcome).sort())).toEqual([
    ['RELEASED', 'SUCCEEDED'],
    ['SUCCEEDED'],
  ]);
  expect(told).toEqual([
    [{ itemId: 'item-1' }, asked.steps[0]?.jobId, user.id, user.personalOrganizationId, 2],
    { activityId: 'activity-1' },
  ]);
  // Their ends are heard, and leave no provenance.
  await allHeard(await broker.connect('jobs'), ['registry-jobs-succeeded']);
  const [job] = asked.steps;
  const provenance = await ask<{ _entities: [{ provenance: unknown }] }>(
    registry.url,
    `query ($id: ID!) { _entities(representations: [{ __typename: "Job", id: $id }]) { ... on Job { provenance { activity { id } } } } }`,
    { id: job?.jobId },
  );
  expect(provenance._entities[0].provenance).toBeNull();
  await registry.stop();
});
