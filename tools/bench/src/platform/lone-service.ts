// One service in this process, on a PostgreSQL of its own; no broker: reading needs none.
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { ensureDatabases, startPostgres } from '@weft/embedded';
import { createActorIssuer, generateSigningKey, type Actor } from '@weft/identity';
import pg from 'pg';
import { freePort } from '../measure/free-port.js';
import { newDataFolder, REPO } from './weft.js';

export interface LoneService extends AsyncDisposable {
  readonly client: pg.Client;
  /** For further connections. */
  readonly databaseUrl: string;
  ask<T>(actor: Actor, query: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
}

/** What every service reads of its settings. */
export interface LoneSettings {
  readonly DATABASE_URL: string;
  readonly NATS_URL: string;
  readonly ACTOR_JWKS: string;
}

export async function startLoneService(
  name: string,
  create: (settings: LoneSettings) => Promise<AsyncDisposable & { readonly url: string }>,
): Promise<LoneService> {
  await using undo = new AsyncDisposableStack();
  const data = undo.use(newDataFolder());
  const postgres = await startPostgres({
    dataDir: data.path,
    cacheDir: resolve(REPO, '.cache'),
    superPassword: randomBytes(18).toString('base64url'),
    logFile: join(data.path, 'postgres.log'),
  });
  undo.defer(() => postgres.stop(10_000).then(() => undefined));
  const account = { name, password: randomBytes(18).toString('base64url') };
  const databaseUrl = (await ensureDatabases(postgres.adminUrl, [account])).get(name) as string;
  const { privateJwk, jwks } = await generateSigningKey();
  const issuer = await createActorIssuer(privateJwk);
  const service = undo.use(
    await create({
      DATABASE_URL: databaseUrl,
      NATS_URL: `nats://127.0.0.1:${await freePort()}`,
      ACTOR_JWKS: JSON.stringify(jwks),
    }),
  );
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  undo.defer(() => client.end());
  const cleanup = undo.move();
  return {
    client,
    databaseUrl,
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
