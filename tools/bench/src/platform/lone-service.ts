// One service in this process, on a PostgreSQL of its own; no broker: reading needs none.
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ensureDatabases, startPostgres } from '@weft/embedded';
import { createActorIssuer, generateSigningKey, type Actor } from '@weft/identity';
import pg from 'pg';
import type { Answered, Asked } from './asker.js';
import { freePort } from '../measure/free-port.js';
import { newDataFolder, REPO } from './weft.js';

export interface LoneService extends AsyncDisposable {
  readonly client: pg.Client;
  /** For further connections. */
  readonly databaseUrl: string;
  ask<T>(actor: Actor, query: string, variables?: Variables): Promise<T>;
  /** Also how long the service took, as a client over loopback sees it. */
  timed<T>(
    actor: Actor,
    query: string,
    variables?: Variables,
  ): Promise<{ readonly data: T; readonly ms: number }>;
}

type Variables = Readonly<Record<string, unknown>>;

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
  const asker = new Worker(new URL('./asker.js', import.meta.url));
  undo.defer(() => asker.terminate().then(() => undefined));
  const waiting = new Map<number, (answer: Answered) => void>();
  asker.on('message', (answer: Answered) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  let asked = 0;
  const timed = async <T>(actor: Actor, query: string, variables: Variables = {}) => {
    const id = (asked += 1);
    const authorization = `Bearer ${await issuer.sign(actor)}`;
    const answer = new Promise<Answered>((resolve) => waiting.set(id, resolve));
    const message: Asked = {
      id,
      url: service.url,
      authorization,
      body: JSON.stringify({ query, variables }),
    };
    asker.postMessage(message);
    const { text, ms } = await answer;
    const { data, errors } = JSON.parse(text) as { data: T; errors?: unknown[] };
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return { data, ms };
  };
  const cleanup = undo.move();
  return {
    client,
    databaseUrl,
    timed,
    ask: async <T>(actor: Actor, query: string, variables?: Variables) =>
      (await timed<T>(actor, query, variables)).data,
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}
