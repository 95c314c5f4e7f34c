// The whole service on real PostgreSQL and NATS: the worker protocol, the live field and who is let in.
import { randomUUID } from 'node:crypto';
import {
  serviceVersionChanged,
  targetChanged,
  workSubject,
  type ClaimReply,
  type RenewReply,
  type ReportReply,
} from '@weft/contracts';
import { request, readJson, type Messaging } from '@weft/messaging';
import { envelope } from '@weft/contracts';
import { Secret } from '@weft/config';
import type { Actor } from '@weft/identity';
import { createLogger } from '@weft/telemetry';
import {
  aUser,
  emptyTestDatabase,
  eventually,
  testBroker,
  testIdentity,
  type TestBroker,
  type TestIdentity,
} from '@weft/testkit';
import { createClient, type Client } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { createJobsService, jobsConfig, type JobsService } from './index.js';
import { aTarget, limits } from './testing/engine.js';

let broker: TestBroker;
let identity: TestIdentity;
let service: JobsService;
let worker: Messaging;
const user = aUser();
const organizationId = user.personalOrganizationId as string;
const serviceVersionId = randomUUID();

async function startService(databaseUrl: string): Promise<JobsService> {
  const config = jobsConfig.read({
    DATABASE_URL: databaseUrl,
    NATS_URL: broker.url,
    NATS_USER: 'jobs',
    NATS_PASSWORD: broker.password('jobs'),
    ACTOR_JWKS: identity.jwks,
    LOG_LEVEL: 'silent',
    JOBS_LEASE: '2s',
    JOBS_START_LEASE: '1s',
    JOBS_SWEEP: '100ms',
    JOBS_BACKOFF: '50ms',
  });
  expect(config.DATABASE_URL).toBeInstanceOf(Secret);
  return createJobsService(config, { logger: createLogger('jobs', 'silent') });
}

beforeAll(async () => {
  broker = await testBroker({ workers: { w1: ['local-process'], w2: ['elsewhere'] } });
  identity = await testIdentity();
  service = await startService(await emptyTestDatabase('jobs_service'));
  worker = await broker.connect('w1');
  const marketplace = await broker.connect('marketplace');
  const execution = await broker.connect('execution');
  const version = {
    serviceVersionId,
    seq: 1,
    serviceId: randomUUID(),
    organizationId,
    serviceName: 'solver',
    version: '1.0.0',
    lifecycle: 'CREATED' as const,
    code: { artifactId: randomUUID(), runtime: 'NODEJS' as const },
    dataSchema: null,
    paramsSchema: null,
  };
  const { id: targetId, ...target } = aTarget();
  const targetFact = {
    ...target,
    targetId,
    providerId: 'local',
    limits,
    status: 'AVAILABLE' as const,
    statusReason: null,
    kinds: [...target.kinds],
    runtimes: [...target.runtimes],
  };
  await marketplace.ensureStream();
  await marketplace.jetstream.publish(
    serviceVersionChanged.subject(version),
    JSON.stringify(envelope(serviceVersionChanged, version, new Date(), 'correlation-0')),
  );
  await execution.jetstream.publish(
    targetChanged.subject(targetFact),
    JSON.stringify(envelope(targetChanged, targetFact, new Date(), 'correlation-0')),
  );
}, 60_000);

afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

async function graphql<T>(
  query: string,
  variables: Record<string, unknown>,
  actor: Actor = user,
): Promise<T> {
  const response = await fetch(service.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: await identity.authorization(actor),
      'x-correlation-id': 'from-the-client-1',
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: { message: string }[] };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

const SUBMIT = `mutation($input: SubmitJobInput!) { submitJob(input: $input) { job { id state reason correlationId } userErrors { code path } } }`;

async function submit(input: Record<string, unknown> = {}): Promise<string> {
  const { submitJob } = await graphql<{ submitJob: { job: { id: string; correlationId: string } | null } }>(
    SUBMIT,
    { input: { serviceVersionId, ...input } },
  );
  if (submitJob.job === null) throw new Error('refused');
  expect(submitJob.job.correlationId).toBe('from-the-client-1');
  return submitJob.job.id;
}

const ask = async <T>(
  operation: 'claim' | 'renew' | 'report',
  body: object,
  from: Messaging = worker,
  targetId = 'local-process',
  workerId = 'w1',
): Promise<T> =>
  readJson(
    await request(
      from,
      workSubject(operation, targetId, workerId),
      { requestId: randomUUID(), ...body },
      operation === 'claim' ? 8_000 : 700,
    ),
  ) as T;

async function claimOne() {
  const { attempts } = await ask<ClaimReply>('claim', { capacity: 1, holdMs: 5_000, start: true });
  if (attempts[0] === undefined) throw new Error('nothing claimed');
  return attempts[0];
}

function liveClient(actor: Actor): Client {
  return createClient({
    url: service.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: async () => ({ authorization: await identity.authorization(actor) }),
  });
}

interface Payload {
  readonly seq: number;
  readonly transitions: { readonly seq: number; readonly cause: string }[];
  readonly job: { readonly state: string; readonly result: unknown };
}

const FOLLOW = `subscription($id: ID!, $after: Int) { jobChanged(id: $id, after: $after) { seq transitions { seq cause } job { state result } } }`;

function follow(client: Client, id: string, after = 0): { payloads: Payload[]; ended: Promise<void> } {
  const payloads: Payload[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    client.subscribe<{ jobChanged: Payload }>(
      { query: FOLLOW, variables: { id, after } },
      {
        next: ({ data, errors }) =>
          data ? void payloads.push(data.jobChanged) : reject(new Error(JSON.stringify(errors))),
        error: (error) => reject(error instanceof Error ? error : new Error(JSON.stringify(error))),
        complete: resolve,
      },
    );
  });
  return { payloads, ended };
}

describe('a job through the service', () => {
  it('is claimed by a waiting worker at once and watched live to its end, without a gap', async () => {
    const held = claimOne();
    const id = await submit({ data: { n: 1 } });
    const client = liveClient(user);
    const live = follow(client, id);
    const attempt = await held;
    expect(attempt.jobId).toBe(id);
    expect(attempt.correlationId).toBe('from-the-client-1');
    const ref = { jobId: id, attempt: attempt.attempt, fence: attempt.fence };
    expect(
      (await ask<RenewReply>('renew', { attempts: [{ ...ref, progress: null }] })).attempts[0],
    ).toMatchObject({ standing: 'held', leaseMs: 2_000 });
    const item = {
      index: 0,
      outcome: 'SUCCEEDED',
      result: '{"best":2098}',
      resultArtifactId: null,
      resultSha256: null,
      error: null,
    };
    const report = { reports: [{ ...ref, kind: 'FINISHED', items: [item], usage: null }] };
    expect((await ask<ReportReply>('report', report)).reports[0]?.standing).toBe('accepted');
    await live.ended;
    const told = live.payloads.flatMap((payload) => payload.transitions);
    expect(told.map((one) => one.seq)).toEqual([1, 2, 3, 4]);
    expect(told.map((one) => one.cause)).toEqual(['SUBMITTED', 'CLAIMED', 'STARTED', 'SUCCEEDED']);
    expect(live.payloads.at(-1)?.job).toEqual({ state: 'SUCCEEDED', result: { best: 2098 } });

    const resumed = follow(client, id, 2);
    await resumed.ended;
    expect(resumed.payloads.flatMap((payload) => payload.transitions.map((one) => one.seq))).toEqual([3, 4]);
    await client.dispose();
    const { job } = await graphql<{
      job: { result: unknown; attempts: { number: number; outcome: string }[] };
    }>(
      `
        query ($id: ID!) {
          job(id: $id) {
            result
            attempts {
              number
              outcome
            }
            timeline {
              edges {
                node {
                  cause
                }
              }
            }
          }
        }
      `,
      { id },
    );
    expect(job).toMatchObject({ result: { best: 2098 }, attempts: [{ number: 1, outcome: 'SUCCEEDED' }] });
  });

  it('runs again in seconds when its worker falls silent', async () => {
    const id = await submit();
    await claimOne();
    const again = await eventually('the second attempt', async () => {
      const { attempts } = await ask<ClaimReply>('claim', { capacity: 1, holdMs: 500, start: true });
      return attempts[0];
    });
    expect(again).toMatchObject({ jobId: id, attempt: 2 });
    await ask('report', {
      reports: [{ jobId: id, attempt: 2, fence: again.fence, kind: 'FINISHED', items: [], usage: null }],
    });
    await graphql(
      `
        mutation ($id: ID!) {
          cancelJob(input: { id: $id }) {
            userErrors {
              code
            }
          }
        }
      `,
      { id },
    );
    await ask('report', {
      reports: [{ jobId: id, attempt: 2, fence: again.fence, kind: 'RELEASED', items: [], usage: null }],
    });
  });

  it('keeps its first attempt through an outage of the broker that is longer than its lease', async () => {
    const id = await submit();
    const attempt = await claimOne();
    await broker.kill();
    const accepted = await graphql<{ submitJob: { job: { state: string } } }>(SUBMIT, {
      input: { serviceVersionId },
    });
    expect(accepted.submitJob.job.state).toBe('PENDING');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect((await fetch(service.url.replace('/graphql', '/readyz'))).status).toBe(503);
    await broker.restart();
    const ref = { jobId: id, attempt: attempt.attempt, fence: attempt.fence };
    const renewed = await eventually('a renewal', () =>
      ask<RenewReply>('renew', { attempts: [{ ...ref, progress: null }] }).catch(() => undefined),
    );
    expect(renewed.attempts[0]?.standing).toBe('held');
    const item = {
      index: 0,
      outcome: 'SUCCEEDED',
      result: '1',
      resultArtifactId: null,
      resultSha256: null,
      error: null,
    };
    await ask('report', { reports: [{ ...ref, kind: 'FINISHED', items: [item], usage: null }] });
    const { job } = await graphql<{ job: { state: string; attempts: unknown[] } }>(
      `
        query ($id: ID!) {
          job(id: $id) {
            state
            attempts {
              number
            }
          }
        }
      `,
      { id },
    );
    expect(job).toMatchObject({ state: 'SUCCEEDED', attempts: [{ number: 1 }] });
  }, 30_000);
});

describe('who is let in', () => {
  it('answers nothing without a signed actor', async () => {
    const bodies = [
      '{ __typename }',
      '{ _service { sdl } }',
      '{ _entities(representations: []) { __typename } }',
      '{ __schema { types { name } } }',
    ];
    const stranger = await testIdentity();
    const credentials = [
      undefined,
      'Bearer x.y.z',
      'Bearer weft_something',
      await stranger.authorization(user),
    ];
    for (const query of bodies) {
      for (const authorization of credentials) {
        for (const accept of ['application/json', 'text/event-stream']) {
          const headers = {
            'content-type': 'application/json',
            accept,
            ...(authorization === undefined ? {} : { authorization }),
          };
          const response = await fetch(service.url, {
            method: 'POST',
            headers,
            body: JSON.stringify({ query }),
          });
          expect(response.status).toBe(401);
          expect(
            ((await response.json()) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions
              .code,
          ).toBe('UNAUTHENTICATED');
        }
      }
    }
    for (const path of ['/metrics', '/', '/anything']) {
      expect((await fetch(service.url.replace('/graphql', path))).status).toBe(401);
    }
  });

  it('closes a WebSocket without one', async () => {
    const socket = new WebSocket(service.url.replace('http', 'ws'), 'graphql-transport-ws');
    const code = new Promise((resolve) => socket.once('close', resolve));
    socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
    expect(await code).toBe(4401);
  });

  it('shows another tenant nothing, not even in a live field or through an entity', async () => {
    const id = await submit();
    const stranger = aUser();
    expect(
      await graphql(
        `
          query ($id: ID!) {
            job(id: $id) {
              id
            }
          }
        `,
        { id },
        stranger,
      ),
    ).toEqual({ job: null });
    const entities = `query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Job { name } } }`;
    expect(await graphql(entities, { r: [{ __typename: 'Job', id }] }, stranger)).toEqual({
      _entities: [null],
    });
    const client = liveClient(stranger);
    await expect(follow(client, id).ended).rejects.toThrow(/NOT_FOUND/);
    await client.dispose();
    const cancel = `mutation($id: ID!) { cancelJob(input: { id: $id }) { job { id } userErrors { code } } }`;
    expect(await graphql(cancel, { id }, stranger)).toMatchObject({
      cancelJob: { job: null, userErrors: [{ code: 'NOT_FOUND' }] },
    });
    const readOnly = { ...user, scopes: ['read'] };
    expect(await graphql(cancel, { id }, readOnly)).toMatchObject({
      cancelJob: { job: null, userErrors: [{ code: 'FORBIDDEN' }] },
    });
    await graphql(cancel, { id });
  });

  it("gives a worker's credential nothing beyond its own targets", async () => {
    const id = await submit();
    const thief = await broker.connect('w2');
    await expect(
      ask('claim', { capacity: 1, holdMs: 0, start: true }, thief, 'local-process', 'w1'),
    ).rejects.toThrow();
    await expect(
      ask('claim', { capacity: 1, holdMs: 0, start: true }, thief, 'local-process', 'w2'),
    ).rejects.toThrow();
    expect(
      await ask<ClaimReply>('claim', { capacity: 1, holdMs: 0, start: true }, thief, 'elsewhere', 'w2'),
    ).toEqual({ attempts: [] });
    const { job } = await graphql<{ job: { state: string } }>(
      `
        query ($id: ID!) {
          job(id: $id) {
            state
          }
        }
      `,
      { id },
    );
    expect(job.state).toBe('PENDING');
  });
});
