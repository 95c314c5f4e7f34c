// The jobs service as it is, in this process, on a database and a broker of the bench.
import { randomUUID } from 'node:crypto';
import { createActorIssuer, generateSigningKey, type Actor, type ActorIssuer } from '@weft/identity';
import { createJobsService, jobsConfig, type JobsService, type Submission } from '@weft/jobs';
import { newSecretsKey } from '@weft/secrets';
import { createLogger } from '@weft/telemetry';
import type { Place } from '../contestant.js';

export const TARGET = 'local-noop';

export interface RunningEngine extends AsyncDisposable {
  readonly service: JobsService;
  readonly user: Actor;
  readonly issuer: ActorIssuer;
  readonly organizationId: string;
  /** Submits a job that needs nothing and gives its id. */
  submit(organizationId?: string): Promise<string>;
}

export async function startEngine({ databaseUrl, nats }: Place): Promise<RunningEngine> {
  const key = await generateSigningKey();
  const config = jobsConfig.read({
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: databaseUrl,
    NATS_URL: nats.url,
    NATS_USER: 'jobs',
    NATS_PASSWORD: nats.jobsPassword,
    ACTOR_JWKS: JSON.stringify(key.jwks),
    SECRETS_KEY: newSecretsKey(),
    LOG_LEVEL: 'error',
  });
  const service = await createJobsService(config, { logger: createLogger('jobs', 'error') });
  while (!service.context.connected()) await new Promise((resolve) => setTimeout(resolve, 5));
  const organizationId = randomUUID();
  const user = userOf(organizationId);
  const serviceVersionId = await keepReferences(service, organizationId);
  const submission: Submission = {
    organizationId,
    name: 'no-op',
    serviceVersionId,
    command: null,
    size: null,
    image: null,
    targetId: TARGET,
    data: '{"n":1}',
    dataArtifactId: null,
    params: null,
    items: [null],
    priority: 0,
    tags: [],
    maxAttempts: 1,
    timeoutSeconds: null,
    idempotencyKey: null,
    startAt: null,
    deadline: null,
  };
  return {
    service,
    user,
    issuer: await createActorIssuer(key.privateJwk),
    organizationId,
    async submit(organization = organizationId) {
      const outcome = await service.context.engine.submit(user.id, 'bench', {
        ...submission,
        organizationId: organization,
      });
      if (!outcome.ok) throw new Error(outcome.errors.map((error) => error.message).join(' '));
      return outcome.value.jobId;
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

const userOf = (organizationId: string): Actor => ({
  kind: 'user',
  id: randomUUID(),
  organizations: [{ id: organizationId, role: 'OWNER' }],
  teams: [],
  personalOrganizationId: organizationId,
  scopes: ['read', 'write'],
  roles: [],
  tokenId: undefined,
});

/** What marketplace and execution would have told: a target for everybody, and a version whose lifecycle lets it run. */
async function keepReferences(service: JobsService, organizationId: string): Promise<string> {
  const serviceVersionId = randomUUID();
  await service.context.ports.transact(async (tx) => {
    await tx.references.keepTarget({
      id: TARGET,
      seq: 1,
      organizationId: null,
      name: 'No-op',
      kinds: ['MANAGED_SERVICE'],
      runtimes: ['NODEJS'],
      limits: {
        timeSeconds: 60,
        memoryBytes: 256 << 20,
        processes: 32,
        diskBytes: 64 << 20,
        logBytes: 1 << 20,
        resultBytes: 8 << 20,
        itemsPerSlice: 10,
        concurrentAttempts: 64,
      },
      sizes: [],
      images: [],
      cancelsRunning: true,
      status: 'AVAILABLE',
      statusReason: null,
    });
    await tx.references.keepServiceVersion({
      id: serviceVersionId,
      seq: 1,
      serviceId: randomUUID(),
      organizationId,
      name: 'no-op',
      version: '1.0.0',
      lifecycle: 'PUBLISHED',
      codeArtifactId: randomUUID(),
      runtime: 'NODEJS',
      dataSchema: null,
      paramsSchema: null,
    });
  });
  return serviceVersionId;
}
