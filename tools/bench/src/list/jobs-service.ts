// The jobs service in this process, on a PostgreSQL of its own; no broker: reading needs none.
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { ensureDatabases, startPostgres } from '@weft/embedded';
import { createActorIssuer, generateSigningKey, type Actor } from '@weft/identity';
import { createJobsService, jobsConfig } from '@weft/jobs';
import { newSecretsKey } from '@weft/secrets';
import { createLogger } from '@weft/telemetry';
import pg from 'pg';
import { freePort } from '../measure/free-port.js';
import { newDataFolder, REPO } from '../platform/weft.js';

export interface ListedJobs extends AsyncDisposable {
  readonly client: pg.Client;
  ask<T>(actor: Actor, query: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
}

export async function startJobsService(): Promise<ListedJobs> {
  await using undo = new AsyncDisposableStack();
  const data = undo.use(newDataFolder());
  const postgres = await startPostgres({
    dataDir: data.path,
    cacheDir: resolve(REPO, '.cache'),
    superPassword: randomBytes(18).toString('base64url'),
    logFile: join(data.path, 'postgres.log'),
  });
  undo.defer(() => postgres.stop(10_000).then(() => undefined));
  const account = { name: 'jobs', password: randomBytes(18).toString('base64url') };
  const url = (await ensureDatabases(postgres.adminUrl, [account])).get('jobs') as string;
  const { privateJwk, jwks } = await generateSigningKey();
  const issuer = await createActorIssuer(privateJwk);
  const service = undo.use(
    await createJobsService(
      jobsConfig.read({
        DATABASE_URL: url,
        NATS_URL: `nats://127.0.0.1:${await freePort()}`,
        ACTOR_JWKS: JSON.stringify(jwks),
        SECRETS_KEY: newSecretsKey(),
      }),
      { logger: createLogger('jobs', 'silent') },
    ),
  );
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  undo.defer(() => client.end());
  const cleanup = undo.move();
  return {
    client,
    async ask<T>(actor: Actor, query: string, variables: Readonly<Record<string, unknown>> = {}) {
      const response = await fetch(service.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${await issuer.sign(actor)}` },
        body: JSON.stringify({ query, variables }),
      });
      const { data: given, errors } = (await response.json()) as { data: T; errors?: unknown[] };
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      return given;
    },
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}
