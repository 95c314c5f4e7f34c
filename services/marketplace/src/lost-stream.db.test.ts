import { serviceVersionChanged } from '@weft/contracts';
import { startConsumer } from '@weft/messaging';
import { createLogger } from '@weft/telemetry';
import { emptyTestDatabase, eventually, testBroker } from '@weft/testkit';
import { afterAll, expect, it } from 'vitest';
import { aName, startTestMarketplace } from './testing/test-marketplace.js';

const broker = await testBroker();
const market = await startTestMarketplace({
  DATABASE_URL: await emptyTestDatabase('lost_stream'),
  NATS_URL: broker.url,
  NATS_USER: 'marketplace',
  NATS_PASSWORD: broker.password('marketplace'),
});
afterAll(() => market.stop());

it('a broker that lost its files is told of every service version again', async () => {
  const name = { name: aName('service') };
  const { service } = await market.mutate<{ service: { id: string } }>(
    market.operator,
    'createService',
    name,
    'service { id }',
  );
  const code = { artifactId: '0190c0de-0000-7000-8000-000000000001', runtime: 'PYTHON' };
  const ids: string[] = [];
  // More than a page.
  for (let patch = 0; patch < 23; patch++) {
    const input = { serviceId: service.id, version: `1.0.${patch}`, code };
    const added = await market.mutate<{ serviceVersion: { id: string } }>(
      market.operator,
      'addServiceVersion',
      input,
      'serviceVersion { id }',
    );
    ids.push(added.serviceVersion.id);
  }
  const { connection } = await broker.connect('jobs');
  const streamed = async (): Promise<number> =>
    (await (await connection.jetstreamManager({ checkAPI: false })).streams.info('WEFT')).state.messages;
  await eventually('the first telling', async () => (await streamed()) === ids.length);

  await broker.kill();
  broker.loseFiles();
  await broker.restart();

  const heard: string[] = [];
  const previous = new Map<string, string | null | undefined>();
  const consumer = startConsumer({
    messaging: await broker.connect('jobs'),
    event: serviceVersionChanged,
    durable: 'jobs-after-the-loss',
    logger: createLogger('test', 'silent'),
    onDeadLetter: (letter) => Promise.reject(new Error(letter.error)),
    handle: ({ payload: { serviceVersionId, previousVersionId } }) => {
      previous.set(serviceVersionId, previousVersionId);
      return Promise.resolve(void heard.push(serviceVersionId));
    },
  });
  await eventually('the second telling', () => heard.length >= ids.length, 20_000);
  expect([...heard].sort()).toEqual([...ids].sort());
  // Each with the one that was added before it.
  expect(ids.map((id) => previous.get(id))).toEqual([null, ...ids.slice(0, -1)]);
  await consumer.stop();
}, 60_000);
