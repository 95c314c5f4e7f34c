import type { TestDatabase } from '@weft/testkit';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Pids } from '../application/pid-ports.js';
import { registryConfig } from '../config.js';
import { createPids } from '../pids.js';
import { DATACITE_PASSWORD, DATACITE_PREFIX, DATACITE_REPOSITORY } from '../testing/datacite-server.js';
import { aRecord, BASE, pidDatabase, pidStage, silent, type PidStage } from '../testing/pid-stage.js';

let database: TestDatabase;
let stage: PidStage;
beforeAll(async () => {
  database = await pidDatabase();
});
beforeEach(async () => {
  stage = await pidStage(database);
});
afterEach(() => stage.end());

function dataciteByConfig() {
  return createPids(
    registryConfig.read({
      DATABASE_URL: 'postgres://x',
      NATS_URL: 'nats://x',
      PID_PROVIDER: 'datacite',
      PID_RESOLVER_URL: BASE,
      DATACITE_URL: stage.server.url,
      DATACITE_PREFIX,
      DATACITE_REPOSITORY,
      DATACITE_PASSWORD,
    }),
  );
}

it('tells what was wished by what was committed', async () => {
  const [kept, undone] = [stage.aPid(), stage.aPid()];
  const { pids } = dataciteByConfig();
  await stage.database.transaction((tx) => pids.publish(tx, [{ pid: kept, record: aRecord() }]));
  await stage.database
    .transaction(async (tx) => {
      await pids.publish(tx, [{ pid: undone, record: aRecord() }]);
      throw new Error('undone');
    })
    .catch(() => undefined);
  expect((await stage.view(kept))?.state).toBe('PENDING');
  stage.start();
  await stage.reached(kept, 'PUBLISHED');
  expect(stage.doi(kept)).toMatchObject({ state: 'findable', attributes: { url: `${BASE}/${kept}` } });
  expect(await stage.view(undone)).toBeUndefined();
  expect(stage.server.dois.size).toBe(1);
});

describe('by the settings', () => {
  it('tells the registrar', async () => {
    const { pids, start: begin } = dataciteByConfig();
    const pid = pids.mint();
    const publisher = begin(stage.database, silent);
    await stage.database.transaction((tx) => pids.publish(tx, [{ pid, record: aRecord() }]));
    await stage.reached(pid, 'PUBLISHED');
    await stage.database.transaction((tx) => pids.retire(tx, [pid, 'ark:99999/unknown'], 'It was wrong.'));
    await stage.reached(pid, 'RETIRED');
    await publisher?.stop();
  });

  it('leaves alone what another provider made', async () => {
    const { pids } = dataciteByConfig();
    await stage.database.transaction((tx) => pids.publish(tx, [{ pid: 'ark:99999/w1x', record: aRecord() }]));
    expect(await stage.view('ark:99999/w1x')).toBeUndefined();
  });

  it('has nothing to tell of ARKs of our own', async () => {
    const local: { pids: Pids; start: unknown } = createPids(
      registryConfig.read({ DATABASE_URL: 'postgres://x', NATS_URL: 'nats://x' }),
    );
    const pid = local.pids.mint();
    await stage.database.transaction(async (tx) => {
      await local.pids.publish(tx, [{ pid, record: aRecord() }]);
      await local.pids.retire(tx, [pid], 'It was wrong.');
    });
    expect(await stage.view(pid)).toBeUndefined();
  });
});
