// A whole jobs service on real PostgreSQL and NATS, with a worker's connection and a client's: what its tests share.
import { randomUUID } from 'node:crypto';
import {
  envelope,
  serviceVersionChanged,
  targetChanged,
  workSubject,
  type ClaimedAttempt,
  type ClaimReply,
} from '@weft/contracts';
import type { Actor } from '@weft/identity';
import { readJson, request, type Messaging } from '@weft/messaging';
import { newSecretsKey } from '@weft/secrets';
import { createLogger } from '@weft/telemetry';
import {
  aUser,
  emptyTestDatabase,
  testBroker,
  testIdentity,
  type TestBroker,
  type TestIdentity,
} from '@weft/testkit';
import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';
import { jobsConfig } from '../config.js';
import { createJobsService, type JobsService } from '../service.js';
import { aTarget, limits } from './engine.js';

export const CORRELATION = 'from-the-client-1';

export interface JobPayload {
  readonly seq: number;
  readonly transitions: readonly { readonly seq: number; readonly cause: string }[];
  readonly job: { readonly state: string; readonly result: unknown };
}

export interface Followed {
  readonly payloads: JobPayload[];
  readonly ended: Promise<void>;
}

type Operation = 'claim' | 'renew' | 'report';

export interface TestService {
  readonly service: JobsService;
  readonly broker: TestBroker;
  readonly identity: TestIdentity;
  readonly user: Actor;
  readonly serviceVersionId: string;
  readonly databaseUrl: string;
  graphql<T>(query: string, variables: Readonly<Record<string, unknown>>, actor?: Actor): Promise<T>;
  submit(input?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Speaks the worker protocol, as worker w1 of local-process unless told otherwise. */
  ask<T>(
    operation: Operation,
    body: object,
    as?: { from: Messaging; targetId: string; workerId: string },
  ): Promise<T>;
  claimOne(): Promise<ClaimedAttempt>;
  liveClient(actor?: Actor): Client;
  stop(): Promise<void>;
}

export const SUBMIT = `mutation($input: SubmitJobInput!) {
  submitJob(input: $input) { job { id state correlationId } userErrors { code path } }
}`;

/**
 * Short leases, so that a test sees them run out. Workers: w1 of local-process, w2 of elsewhere.
 * @param beside another replica: then this one has its database, broker and users.
 */
export async function startTestService(
  settings: Readonly<Record<string, string>> = {},
  beside?: TestService,
): Promise<TestService> {
  const broker =
    beside?.broker ?? (await testBroker({ workers: { w1: ['local-process'], w2: ['elsewhere'] } }));
  const identity = beside?.identity ?? (await testIdentity());
  const databaseUrl = beside?.databaseUrl ?? (await emptyTestDatabase('jobs_service'));
  const config = jobsConfig.read({
    DATABASE_URL: databaseUrl,
    NATS_URL: broker.url,
    NATS_USER: 'jobs',
    NATS_PASSWORD: broker.password('jobs'),
    ACTOR_JWKS: identity.jwks,
    LOG_LEVEL: 'silent',
    SECRETS_KEY: newSecretsKey(),
    JOBS_LEASE: '2s',
    JOBS_START_LEASE: '1s',
    JOBS_SWEEP: '100ms',
    JOBS_BACKOFF: '50ms',
    ...settings,
  });
  const service = await createJobsService(config, { logger: createLogger('jobs', 'silent') });
  const worker = await broker.connect('w1');
  const user = beside?.user ?? aUser();
  const serviceVersionId =
    beside?.serviceVersionId ?? (await announceReferences(broker, user.personalOrganizationId as string));

  const graphql = async <T>(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    actor = user,
  ): Promise<T> => {
    const response = await fetch(service.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: await identity.authorization(actor),
        'x-correlation-id': CORRELATION,
      },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: T; errors?: unknown[] };
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  };
  const asWorker = { from: worker, targetId: 'local-process', workerId: 'w1' };
  const ask: TestService['ask'] = async (operation, body, { from, targetId, workerId } = asWorker) => {
    const subject = workSubject(operation, targetId, workerId);
    const timeoutMs = operation === 'claim' ? 8_000 : 700;
    return readJson(await request(from, subject, { requestId: randomUUID(), ...body }, timeoutMs)) as never;
  };
  return {
    service,
    broker,
    identity,
    user,
    serviceVersionId,
    databaseUrl,
    graphql,
    ask,
    async submit(input = {}) {
      const { submitJob } = await graphql<{ submitJob: { job: { id: string } | null } }>(SUBMIT, {
        input: { serviceVersionId, ...input },
      });
      if (submitJob.job === null) throw new Error('refused');
      return submitJob.job.id;
    },
    async claimOne() {
      const { attempts } = await ask<ClaimReply>('claim', { capacity: 1, holdMs: 5_000, start: true });
      if (attempts[0] === undefined) throw new Error('nothing claimed');
      return attempts[0];
    },
    liveClient: (actor = user) =>
      createClient({
        url: service.url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        connectionParams: async () => ({ authorization: await identity.authorization(actor) }),
      }),
    stop: async () => service[Symbol.asyncDispose](),
  };
}

/** Tells, as marketplace and execution would, of a service version and a target. */
async function announceReferences(broker: TestBroker, organizationId: string): Promise<string> {
  const version = {
    serviceVersionId: randomUUID(),
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
  const { id: targetId, kinds, runtimes, ...target } = aTarget();
  const told = {
    ...target,
    targetId,
    providerId: 'local',
    limits,
    status: 'AVAILABLE' as const,
    statusReason: null,
    kinds: [...kinds],
    runtimes: [...runtimes],
    sizes: [...target.sizes],
    images: [...target.images],
  };
  const marketplace = await broker.connect('marketplace');
  const execution = await broker.connect('execution');
  await marketplace.ensureStream();
  const at = new Date();
  await marketplace.jetstream.publish(
    serviceVersionChanged.subject(version),
    JSON.stringify(envelope(serviceVersionChanged, version, at, 'correlation-0')),
  );
  await execution.jetstream.publish(
    targetChanged.subject(told),
    JSON.stringify(envelope(targetChanged, told, at, 'correlation-0')),
  );
  return version.serviceVersionId;
}

const FOLLOW = `subscription($id: ID!, $after: Int) {
  jobChanged(id: $id, after: $after) { seq transitions { seq cause } job { state result } }
}`;

export function follow(client: Client, id: string, after = 0): Followed {
  const payloads: JobPayload[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    client.subscribe<{ jobChanged: JobPayload }>(
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
