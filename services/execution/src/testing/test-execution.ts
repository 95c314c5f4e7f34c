// A whole execution service on a database and a broker of its own, asked by signed actors as the gateway does it.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  envelope,
  jobChanged,
  jobRecordChanged,
  serviceVersionChanged,
  type EventDefinition,
  type JobChanged,
  type JobRecordChanged,
  type JobState,
} from '@weft/contracts';
import type { Actor } from '@weft/identity';
import type { Messaging } from '@weft/messaging';
import { createLogger } from '@weft/telemetry';
import {
  emptyTestDatabase,
  testBroker,
  testIdentity,
  type TestBroker,
  type TestBrokerOptions,
} from '@weft/testkit';
import { afterAll, expect } from 'vitest';
import { createExecutionService, executionConfig, type ExecutionService } from '../index.js';

export interface Answer<T> {
  readonly data: T;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

export interface TestExecution {
  readonly service: ExecutionService;
  readonly origin: string;
  readonly artifactDir: string;
  readonly databaseUrl: string;
  readonly broker: TestBroker;
  /** A connection with the rights of the jobs service. */
  readonly jobs: Messaging;
  authorization(actor: Actor): Promise<string>;
  send<T>(actor: Actor, query: string, variables?: Record<string, unknown>): Promise<Answer<T>>;
  ask<T>(actor: Actor, query: string, variables?: Record<string, unknown>): Promise<T>;
  /** Uploads as a client does and gives the artifact's id. */
  upload(actor: Actor, content: string | Buffer, input?: Record<string, unknown>): Promise<string>;
  /** Live payloads over SSE until the stream completes or `enough` says so. */
  follow<T>(
    actor: Actor,
    query: string,
    variables: Record<string, unknown>,
    enough?: (payloads: T[]) => boolean,
  ): Promise<T[]>;
  tellJob(fact: JobFact): Promise<void>;
  tellJobRecord(fact: JobRecordChanged): Promise<void>;
  tellServiceVersion(serviceVersionId: string, artifactId: string, organizationId: string): Promise<void>;
}

export interface JobFact {
  readonly jobId: string;
  readonly organizationId: string;
  readonly seq: number;
  readonly state: JobState;
  readonly targetId?: string;
  readonly serviceVersionId?: string;
  readonly artifactIds?: readonly string[];
  readonly attempts?: JobChanged['attempts'];
}

export const anAttempt = (
  fact: Partial<JobChanged['attempts'][number]> = {},
): JobChanged['attempts'][number] => ({
  number: 1,
  fence: 7,
  workerId: 'worker-1',
  targetId: 'local-process',
  outcome: 'RUNNING',
  firstItem: 0,
  lastItem: 0,
  claimedAt: new Date().toISOString(),
  endedAt: null,
  ...fact,
});

/** Called at the top of a test file, not in a hook: vitest forgets clean-ups that are registered while hooks run. */
export async function testExecution(
  options: TestBrokerOptions = {},
  settings: Record<string, string> = {},
): Promise<TestExecution> {
  const identity = await testIdentity();
  const broker = await testBroker(options);
  const databaseUrl = await emptyTestDatabase('execution');
  const artifactDir = mkdtempSync(join(tmpdir(), 'weft-artifacts-'));
  const config = executionConfig.read({
    DATABASE_URL: databaseUrl,
    NATS_URL: broker.url,
    NATS_USER: 'execution',
    NATS_PASSWORD: broker.password('execution'),
    ACTOR_JWKS: identity.jwks,
    ARTIFACT_DIR: artifactDir,
    ARTIFACT_SIGNING_KEY: randomBytes(32).toString('hex'),
    PUBLIC_URL: 'http://gateway.test',
    TARGET_REVIEW_EVERY: '100ms',
    ...settings,
  });
  const service = await createExecutionService(config, {
    logger: createLogger('execution', process.env['TEST_LOG'] ?? 'silent'),
  });
  const jobs = await broker.connect('jobs');
  afterAll(async () => {
    await service.stop();
    rmSync(artifactDir, { recursive: true, force: true });
  });
  const origin = new URL(service.url).origin;

  const post = async (
    actor: Actor,
    query: string,
    variables: Record<string, unknown>,
    accept: string,
  ): Promise<Response> =>
    fetch(service.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept,
        authorization: await identity.authorization(actor),
      },
      body: JSON.stringify({ query, variables }),
    });
  const send = async <T>(
    actor: Actor,
    query: string,
    variables: Record<string, unknown> = {},
  ): Promise<Answer<T>> =>
    (await (await post(actor, query, variables, 'application/json')).json()) as Answer<T>;
  const ask = async <T>(actor: Actor, query: string, variables?: Record<string, unknown>): Promise<T> => {
    const answer = await send<T>(actor, query, variables);
    expect(answer.errors).toBeUndefined();
    return answer.data;
  };
  const tell = async <T>(event: EventDefinition<T>, payload: T): Promise<void> => {
    await jobs.ensureStream();
    const told = envelope(event, event.schema.parse(payload), new Date(), 'correlation-test');
    await jobs.jetstream.publish(event.subject(payload), JSON.stringify(told), { msgID: told.id });
  };

  return {
    service,
    origin,
    artifactDir,
    databaseUrl,
    broker,
    jobs,
    authorization: identity.authorization,
    send,
    ask,
    async upload(actor, content, input = {}) {
      const mutation = `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { upload { artifactId url } userErrors { code message } } }`;
      const { createUpload } = await ask<{ createUpload: { upload: { artifactId: string; url: string } } }>(
        actor,
        mutation,
        {
          input: { name: 'file.txt', mediaType: 'text/plain', ...input },
        },
      );
      const answer = await fetch(createUpload.upload.url.replace('http://gateway.test', origin), {
        method: 'PUT',
        body: content,
      });
      expect(answer.status).toBe(201);
      return createUpload.upload.artifactId;
    },
    async follow<T>(
      actor: Actor,
      query: string,
      variables: Record<string, unknown>,
      enough: (payloads: T[]) => boolean = () => false,
    ) {
      const response = await post(actor, query, variables, 'text/event-stream');
      const payloads: T[] = [];
      let rest = '';
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        rest += Buffer.from(chunk).toString('utf8');
        const events = rest.split('\n\n');
        rest = events.pop() ?? '';
        for (const event of events) {
          const data = /^event: next\ndata: (.*)$/s.exec(event)?.[1];
          if (data !== undefined) payloads.push(JSON.parse(data) as T);
        }
        if (enough(payloads)) break;
      }
      return payloads;
    },
    tellJobRecord: (fact) => tell(jobRecordChanged, fact),
    tellJob: (fact) =>
      tell(jobChanged, {
        createdBy: 'someone',
        name: 'a job',
        kind: 'MANAGED_SERVICE',
        serviceId: null,
        serviceVersionId: fact.serviceVersionId ?? null,
        targetId: fact.targetId ?? 'local-process',
        itemsTotal: 1,
        submittedAt: new Date().toISOString(),
        startedAt: null,
        endedAt: null,
        retryOf: null,
        inputs: { dataSha256: null, paramsSha256: null, artifactIds: [...(fact.artifactIds ?? [])] },
        transitions: [
          {
            seq: fact.seq,
            at: new Date().toISOString(),
            cause: 'TEST',
            actor: { kind: 'system', id: 'test' },
            from: null,
            to: fact.state,
            reason: null,
            attempt: null,
            items: [],
            message: null,
          },
        ],
        attempts: [...(fact.attempts ?? [])],
        outcomes: [],
        jobId: fact.jobId,
        organizationId: fact.organizationId,
        state: fact.state,
        seq: fact.seq,
      }),
    async tellServiceVersion(serviceVersionId, artifactId, organizationId) {
      const marketplace = await broker.connect('marketplace');
      const payload = {
        serviceVersionId,
        seq: 1,
        serviceId: randomUUID(),
        organizationId,
        serviceName: 'solver',
        version: '1.0.0',
        lifecycle: 'PUBLISHED' as const,
        code: { artifactId, runtime: 'NODEJS' as const },
        dataSchema: null,
        paramsSchema: null,
      };
      const told = envelope(serviceVersionChanged, payload, new Date(), 'correlation-test');
      await marketplace.jetstream.publish(serviceVersionChanged.subject(payload), JSON.stringify(told), {
        msgID: told.id,
      });
    },
  };
}
