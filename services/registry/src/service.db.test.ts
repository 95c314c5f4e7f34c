import { envelope, jobChanged, serviceVersionChanged, type EventDefinition } from '@weft/contracts';
import { openDatabase, type Database } from '@weft/database';
import type { Messaging } from '@weft/messaging';
import { createLogger } from '@weft/telemetry';
import {
  emptyTestDatabase,
  eventually,
  testBroker,
  testIdentity,
  type TestBroker,
  type TestIdentity,
} from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registryConfig } from './config.js';
import { createRegistryService, type RegistryService } from './service.js';
import { member } from './testing/ask.js';
import { aServiceVersion, aSucceededJob, id } from './testing/finished-jobs.js';

const logger = createLogger('test', 'silent');

describe('the registry as a service', () => {
  let broker: TestBroker;
  let identity: TestIdentity;
  let service: RegistryService;
  let database: Database;
  let jobs: Messaging;
  let marketplace: Messaging;

  beforeAll(async () => {
    broker = await testBroker();
    identity = await testIdentity();
    const url = await emptyTestDatabase('registry_service');
    service = await createRegistryService(
      registryConfig.read({
        DATABASE_URL: url,
        NATS_URL: broker.url,
        NATS_USER: 'registry',
        NATS_PASSWORD: broker.password('registry'),
        ACTOR_JWKS: identity.jwks,
      }),
      { logger },
    );
    database = await openDatabase({ url, applicationName: 'test', entities: [], migrations: [], logger });
    jobs = await broker.connect('jobs');
    marketplace = await broker.connect('marketplace');
  });
  afterAll(async () => {
    await service.stop();
    await database.close();
  });

  const publish = async <T>(from: Messaging, event: EventDefinition<T>, payload: T): Promise<void> => {
    const message = envelope(event, payload, new Date(), 'correlation-1');
    await from.ensureStream();
    await from.jetstream.publish(event.subject(payload), JSON.stringify(message), { msgID: message.id });
  };
  const post = async (query: string, authorization?: string) =>
    fetch(service.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: JSON.stringify({ query }),
    });
  const names = async (): Promise<string[]> => {
    const answer = await post(
      '{ items(first: 100) { edges { node { name } } } }',
      await identity.authorization(member()),
    );
    const { data } = (await answer.json()) as { data: { items: { edges: { node: { name: string } }[] } } };
    return data.items.edges.map((edge) => edge.node.name);
  };

  test('records finished jobs and service versions as they are told, and not jobs on their way, nor its own', async () => {
    await publish(jobs, jobChanged, aSucceededJob('running', { state: 'IN_PROGRESS', outcomes: [] }));
    await publish(
      jobs,
      jobChanged,
      aSucceededJob('registration', { kind: 'REGISTRATION', operation: 'REGISTER' }),
    );
    await publish(jobs, jobChanged, aSucceededJob('done'));
    await publish(jobs, jobChanged, aSucceededJob('gone', { state: 'CANCELLED', outcomes: [] }));
    await publish(marketplace, serviceVersionChanged, aServiceVersion());
    await eventually('both jobs and the version', async () => {
      const rows = await database.query<{ name: string }>(
        `select name from node where revision > 0 order by name`,
      );
      return rows.map((row) => row.name).join() === 'done,gone,result of done,tabu 1.0.0';
    });
    expect(await names()).toEqual(expect.arrayContaining(['result of done', 'tabu 1.0.0']));
    expect(await database.query(`select 1 from inbox where id like '%${id('running')}%'`)).toEqual([]);
  });

  test('keeps a message that it cannot read as a dead letter and goes on', async () => {
    await jobs.jetstream.publish(jobChanged.filter('SUCCEEDED', 'poison'), '{"payload": 1}', {
      msgID: 'poison',
    });
    await publish(jobs, jobChanged, aSucceededJob('after poison'));
    await eventually(
      'the dead letter',
      async () => (await database.query('select 1 from dead_letter where id = $1', ['poison'])).length === 1,
    );
    await eventually('the next job', async () => (await names()).includes('result of after poison'));
  });

  test('records the good ones of a batch of which one is poison, and keeps that one as a dead letter', async () => {
    const names = Array.from({ length: 9 }, (_, index) => `crowd ${index}`);
    const crowd = names.map((name) => aSucceededJob(name));
    await Promise.all(
      [...crowd, aSucceededJob('nul', { name: 'nul \0' })].map((job) => publish(jobs, jobChanged, job)),
    );
    const letter = await eventually('the dead letter', async () =>
      (await database.query('select error from dead_letter where id like $1', [`%${id('nul')}%`])).at(0),
    );
    expect(letter['error']).toMatch(/unicode|0x00/i);
    await eventually('the others', async () => {
      const rows = await database.query(`select 1 from node where revision > 0 and name = any($1)`, [names]);
      return rows.length === names.length;
    });
    const heard = await database.query('select 1 from inbox where id like any($1)', [
      crowd.map(({ jobId }) => `%${jobId}%`),
    ]);
    expect(heard).toHaveLength(names.length);
  });

  test('gives nothing without a signed actor', async () => {
    for (const query of [
      '{ items { edges { cursor } } }',
      '{ _service { sdl } }',
      '{ __schema { types { name } } }',
    ]) {
      expect((await post(query)).status).toBe(401);
      expect((await post(query, 'Bearer a.b.c')).status).toBe(401);
    }
  });

  test('serves on and says what is missing while NATS is away, and catches up when it is back', async () => {
    const ready = () => fetch(service.url.replace('/graphql', '/readyz'));
    await eventually('readiness', async () => (await ready()).status === 200);
    await broker.kill();
    await eventually(
      'nats to be missed',
      async () => ((await (await ready()).json()) as { missing: string[] }).missing.join() === 'nats',
    );
    expect(await names()).toContain('result of done');
    await broker.restart();
    await eventually('the connection', () => jobs.connected());
    await publish(jobs, jobChanged, aSucceededJob('after outage'));
    await eventually('the next job', async () => (await names()).includes('result of after outage'), 15_000);
  }, 40_000);
});
