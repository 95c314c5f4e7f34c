// Workers wait at one replica, work comes or is let go at another: they hear of it without waiting for the next sweep.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClaimedAttempt } from '@weft/contracts';
import { newSecretsKey } from '@weft/secrets';
import { createLogger } from '@weft/telemetry';
import { eventually } from '@weft/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jobsConfig } from './config.js';
import { createJobsService, type JobsService } from './service.js';
import type { Submission } from './domain/submission.js';
import { aTarget, aVersion, limits, succeeded } from './testing/engine.js';
import { startTestService, type TestService } from './testing/jobs-service.js';

/** Far longer than a test: nothing here is found by a sweep. */
const SLOW = { JOBS_SWEEP: '60s', JOBS_LEASE: '300s', JOBS_START_LEASE: '300s' };
const HOLD_MS = 10_000;

let a: TestService;
let b: JobsService;
let submission: Submission;

beforeAll(async () => {
  a = await startTestService(SLOW);
  const { broker, databaseUrl, identity, user } = a;
  const config = jobsConfig.read({
    DATABASE_URL: databaseUrl,
    NATS_URL: broker.url,
    NATS_USER: 'jobs',
    NATS_PASSWORD: broker.password('jobs'),
    ACTOR_JWKS: identity.jwks,
    SECRETS_KEY: newSecretsKey(),
    LOG_LEVEL: 'silent',
    ...SLOW,
  });
  b = await createJobsService(config, { logger: createLogger('b', 'silent') });
  await eventually('both are connected', () => b.context.connected() && a.service.context.connected());
  const organizationId = user.personalOrganizationId as string;
  const version = aVersion(organizationId, { lifecycle: 'PUBLISHED' });
  await a.service.context.ports.transact(async (tx) => {
    await tx.references.keepTarget(aTarget({ id: 'many' }));
    await tx.references.keepTarget(aTarget({ id: 'one', limits: { ...limits, concurrentAttempts: 1 } }));
    await tx.references.keepServiceVersion(version);
  });
  submission = {
    organizationId,
    name: 'x',
    serviceVersionId: version.id,
    command: null,
    size: null,
    image: null,
    targetId: 'many',
    data: '{}',
    dataArtifactId: null,
    params: null,
    items: [null],
    priority: 0,
    tags: [],
    maxAttempts: 1,
    timeoutSeconds: null,
    startAt: null,
    deadline: null,
    idempotencyKey: null,
  };
});
afterAll(async () => {
  await b[Symbol.asyncDispose]();
  await a.stop();
});

const claim = (
  { context: { engine } }: JobsService,
  targetId: string,
  capacity: number,
): Promise<ClaimedAttempt[]> =>
  engine.claim(
    { workerId: `worker-${targetId}`, targetId },
    { requestId: randomUUID(), capacity, holdMs: HOLD_MS, start: true, fresh: true },
  );

async function submit(more: Partial<Submission>): Promise<string> {
  const outcome = await a.service.context.engine.submit(a.user.id, 'correlation', { ...submission, ...more });
  if (!outcome.ok) throw new Error(outcome.errors.map((error) => error.code).join());
  return outcome.value.jobId;
}

it('what the workers of one replica leave is offered to those of the others', async () => {
  const small = claim(a.service, 'many', 1);
  const large = claim(b, 'many', 8);
  const startAt = new Date(Date.now() + 400);
  const ids = await Promise.all([1, 2, 3].map(() => submit({ startAt })));
  const given = [...(await small), ...(await large)].map((attempt) => attempt.jobId);
  expect(new Set(given).size).toBe(given.length);
  expect(given.length).toBeGreaterThan(1);
  const rest = given.length < ids.length ? await claim(a.service, 'many', 8) : [];
  expect([...given, ...rest.map((one) => one.jobId)].sort()).toEqual(ids.sort());
});

it('an end that is reported to one replica lets go what waits for a limit at another', async () => {
  const targetId = 'one';
  const first = await submit({ targetId });
  const second = await submit({ targetId });
  const [running] = await claim(a.service, targetId, 1);
  expect([first, second]).toContain(running?.jobId);
  const waiting = claim(a.service, targetId, 1);
  // Until it is held back, and the other replica has heard of it.
  await sleep(300);
  const standing = await b.context.engine.report(
    { workerId: `worker-${targetId}`, targetId },
    {
      jobId: running!.jobId,
      attempt: running!.attempt,
      fence: running!.fence,
      kind: 'FINISHED',
      items: [succeeded(0)],
      usage: null,
    },
  );
  expect(standing).toEqual({ standing: 'accepted' });
  const [next] = await waiting;
  expect(next?.jobId).toBe([first, second].find((id) => id !== running?.jobId));
});
