import { createServer, connect, type Server, type Socket } from 'node:net';
import { serviceVersionChanged, type Envelope, type ServiceVersionChanged } from '@weft/contracts';
import { startConsumer } from '@weft/messaging';
import { createLogger } from '@weft/telemetry';
import { aUser, emptyTestDatabase, eventually, testBroker, testIdentity } from '@weft/testkit';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMarketplaceService, marketplaceConfig } from './index.js';
import { aName, newSecret, startTestMarketplace, type TestMarketplace } from './testing/test-marketplace.js';

const code = { artifactId: '0190c0de-0000-7000-8000-000000000001', runtime: 'PYTHON' };

// At the top level, for only there does vitest heed the clean-up of these.
const broker = await testBroker();
const [newsUrl, firstUrl, lateUrl] = await Promise.all([
  emptyTestDatabase('news'),
  emptyTestDatabase('first'),
  emptyTestDatabase('late'),
]);

async function aMarketplace(
  settings: Record<string, string> & { readonly DATABASE_URL: string },
): Promise<TestMarketplace> {
  const market = await startTestMarketplace(settings);
  onTestFinished(() => market.stop());
  return market;
}

const missing = async (url: string): Promise<string[]> => {
  const response = await fetch(url.replace('/graphql', '/readyz'));
  const { missing: parts } = (await response.json()) as { missing: string[] };
  expect(response.status).toBe(parts.length === 0 ? 200 : 503);
  return parts;
};

async function rows<T extends object>(url: string, text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T & pg.QueryResultRow>(text)).rows;
  } finally {
    await client.end();
  }
}

const outboxOf = (market: TestMarketplace, versionId: string): Promise<object[]> =>
  rows(market.databaseUrl, `select id from outbox where subject like '%.${versionId}' order by position`);

async function aVersion(market: TestMarketplace): Promise<{ serviceId: string; name: string; id: string }> {
  const name = aName('service');
  const made = await market.mutate<{ service: { id: string } }>(
    market.operator,
    'createService',
    { name },
    'service { id }',
  );
  const input = { serviceId: made.service.id, version: '1.0.0', code, dataSchema: { type: 'object' } };
  const added = await market.mutate<{ serviceVersion: { id: string } }>(
    market.operator,
    'addServiceVersion',
    input,
    'serviceVersion { id }',
  );
  return { serviceId: made.service.id, name, id: added.serviceVersion.id };
}

describe('news of service versions', () => {
  it('waits in the outbox while the broker is away and then arrives, once for each change and in order', async () => {
    const listener = await broker.connect('jobs');
    const heard: Envelope<ServiceVersionChanged>[] = [];
    const consumer = startConsumer({
      messaging: listener,
      event: serviceVersionChanged,
      durable: 'jobs-marketplace-test',
      logger: createLogger('test', 'silent'),
      onDeadLetter: (letter) => Promise.reject(new Error(letter.error)),
      handle: (envelope) => Promise.resolve(void heard.push(envelope)),
    });
    const market = await aMarketplace({
      DATABASE_URL: newsUrl,
      NATS_URL: broker.url,
      NATS_USER: 'marketplace',
      NATS_PASSWORD: broker.password('marketplace'),
    });
    await eventually('readiness', async () => (await missing(market.url)).length === 0);

    await broker.kill();
    await eventually('the loss to be seen', async () => (await missing(market.url)).join() === 'nats');
    const version = await aVersion(market);
    const publish = () =>
      market.mutate(
        market.operator,
        'publishServiceVersion',
        { id: version.id },
        'serviceVersion { lifecycle }',
      );
    expect((await publish()).userErrors).toEqual([]);
    expect(await publish()).toMatchObject({ serviceVersion: { lifecycle: 'PUBLISHED' }, userErrors: [] });
    expect(await outboxOf(market, version.id)).toHaveLength(2);

    await broker.restart();
    await eventually('both events', () => heard.length === 2, 30_000);
    await eventually('an empty outbox', async () => (await outboxOf(market, version.id)).length === 0);
    const payload = {
      serviceVersionId: version.id,
      serviceId: version.serviceId,
      organizationId: market.operator.personalOrganizationId,
      serviceName: version.name,
      version: '1.0.0',
      previousVersionId: null,
      code,
      dataSchema: { type: 'object' },
      paramsSchema: null,
    };
    expect(heard.map((one) => [one.id, one.payload])).toEqual([
      [`service-version-changed:${version.id}:1`, { ...payload, seq: 1, lifecycle: 'CREATED' }],
      [`service-version-changed:${version.id}:2`, { ...payload, seq: 2, lifecycle: 'PUBLISHED' }],
    ]);
    await consumer.stop();
  }, 60_000);

  it('is not told of a version that was refused', async () => {
    const market = await aMarketplace({ DATABASE_URL: newsUrl });
    const { serviceId, id } = await aVersion(market);
    const again = await market.mutate(
      market.operator,
      'addServiceVersion',
      { serviceId, version: '1.0.0', code },
      '__typename',
    );
    expect(again.userErrors.map((error) => error.code)).toEqual(['CONFLICT']);
    expect(await outboxOf(market, id)).toHaveLength(1);
  });

  it('is told once, however many publish at the same moment', async () => {
    const market = await aMarketplace({ DATABASE_URL: newsUrl });
    // Several rounds: only with all connections of the pool open do the transactions really meet.
    for (let round = 0; round < 5; round++) {
      const { id } = await aVersion(market);
      const publish = () =>
        market.mutate(market.operator, 'publishServiceVersion', { id }, 'serviceVersion { publishedAt }');
      const answers = await Promise.all(Array.from({ length: 8 }, publish));
      expect(new Set(answers.map((one) => JSON.stringify(one)))).toHaveLength(1);
      expect(await outboxOf(market, id)).toEqual([
        { id: `service-version-changed:${id}:1` },
        { id: `service-version-changed:${id}:2` },
      ]);
    }
  });
});

describe('the first user', () => {
  it('is there once, whatever number of replicas starts, and again after the next start', async () => {
    const DATABASE_URL = firstUrl;
    const FIRST_USER_TOKEN = newSecret();
    const replicas = await Promise.all([1, 2, 3].map(() => aMarketplace({ DATABASE_URL, FIRST_USER_TOKEN })));
    const [first] = replicas as [TestMarketplace];
    expect(first.operator).toMatchObject({ roles: ['operator'], scopes: ['read', 'write', 'admin'] });
    await Promise.all(replicas.map((one) => one.stop()));

    const changed = newSecret();
    const next = await aMarketplace({ DATABASE_URL, FIRST_USER_TOKEN: changed });
    expect(next.operator.id).toBe(first.operator.id);
    expect((await next.actorOf(FIRST_USER_TOKEN))?.id).toBe(first.operator.id);
    expect(await rows(DATABASE_URL, `select name, roles from "user"`)).toEqual([
      { name: 'first-user', roles: ['operator'] },
    ]);
    expect(await rows(DATABASE_URL, `select name from organization`)).toEqual([{ name: 'first-user' }]);
    expect(await rows(DATABASE_URL, `select 1 from personal_token`)).toHaveLength(2);

    await next.mutate(next.operator, 'revokePersonalToken', { id: next.operator.tokenId }, '__typename');
    const again = await createMarketplaceService(
      marketplaceConfig.read({
        DATABASE_URL,
        NATS_URL: 'nats://127.0.0.1:1',
        ACTOR_JWKS: (await testIdentity()).jwks,
        FIRST_USER_TOKEN: changed,
      }),
      { logger: createLogger('marketplace', 'silent') },
    );
    await eventually(
      'the start with a revoked token',
      async () => (await missing(again.url)).join() === 'nats',
    );
    expect(await next.actorOf(changed)).toBeUndefined();
    await again.stop();
  });
});

describe('the service', () => {
  it('listens without its database, says so, and works once that is there', async () => {
    const database = await reachable(lateUrl);
    const identity = await testIdentity();
    const service = await createMarketplaceService(
      marketplaceConfig.read({
        DATABASE_URL: database.url,
        NATS_URL: 'nats://127.0.0.1:1',
        ACTOR_JWKS: identity.jwks,
      }),
      { logger: createLogger('marketplace', 'silent') },
    );
    try {
      expect(await missing(service.url)).toEqual(['database', 'nats']);
      const actor = aUser();
      const me = async (): Promise<unknown> => {
        const headers = {
          'content-type': 'application/json',
          authorization: await identity.authorization(actor),
        };
        return (
          await fetch(service.url, { method: 'POST', headers, body: '{"query":"{ me { id } }"}' })
        ).json();
      };
      expect(await me()).toMatchObject({ errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
      await database.open();
      await eventually('the database', async () => (await missing(service.url)).join() === 'nats', 15_000);
      expect(await me()).toEqual({ data: { me: null } });
    } finally {
      await service.stop();
    }
  }, 30_000);

  it('refuses settings that cannot work, naming them and no secret', () => {
    const read = () => marketplaceConfig.read({ PORT: 'x', ACTOR_JWKS: '[]', FIRST_USER_TOKEN: 'too-weak' });
    expect(read).toThrow(/PORT.*DATABASE_URL.*ACTOR_JWKS.*FIRST_USER_TOKEN/);
    expect(read).not.toThrow(/too-weak/);
  });
});

/** A port in front of PostgreSQL that takes connections only once it is opened. */
async function reachable(url: string): Promise<{ url: string; open(): Promise<void> }> {
  const real = new URL(url);
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    const upstream = connect(Number(real.port), real.hostname);
    for (const one of [socket, upstream]) {
      sockets.add(one);
      one.on('error', () => undefined).on('close', () => sockets.delete(one));
    }
    socket.pipe(upstream).pipe(socket);
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const through = new URL(url);
  through.host = `127.0.0.1:${port}`;
  return { url: through.toString(), open: () => listen(port) };
}
