import { eventually, type TestDatabase } from '@weft/testkit';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PidProvider } from '../application/pid-ports.js';
import { pidPublications, wishPublished, wishRetired } from '../persistence/pid-publication-store.js';
import { aRecord, BASE, pidDatabase, pidStage, type PidStage } from '../testing/pid-stage.js';

let database: TestDatabase;
let stage: PidStage;
beforeAll(async () => {
  database = await pidDatabase();
});
beforeEach(async () => {
  stage = await pidStage(database);
});
afterEach(() => stage.end());

it('tells the last of many wishes, and nothing where nothing is new', async () => {
  const pid = stage.aPid();
  for (const title of ['One', 'Two', 'Three']) await stage.publish(pid, aRecord(title));
  stage.start();
  await stage.reached(pid, 'PUBLISHED');
  await stage.publish(pid, aRecord('Three'));
  expect((await stage.view(pid))?.state).toBe('PUBLISHED');
  expect(stage.server.asked).toHaveLength(1);
  expect(stage.doi(pid)?.attributes['titles']).toEqual([{ title: 'Three' }]);
});

it('tells each once, however many publishers there are', async () => {
  const pids = Array.from({ length: 60 }, stage.aPid);
  await wishPublished(
    stage.database,
    'datacite',
    pids.map((pid) => ({ pid, record: aRecord() })),
  );
  for (let n = 0; n < 3; n++) stage.start();
  await eventually('all told', async () => {
    const views = await pidPublications(stage.database, pids);
    return [...views.values()].every(({ state }) => state === 'PUBLISHED');
  });
  expect(stage.server.asked).toHaveLength(60);
});

it('tells a wish that comes while an earlier one is told after it', async () => {
  const pid = stage.aPid();
  const order: string[] = [];
  let go = (): void => undefined;
  const slow: PidProvider = {
    ...stage.datacite(),
    async publish(_pid, { title }) {
      order.push(`begin ${title}`);
      if (title === 'One') await new Promise<void>((resolve) => (go = resolve));
      order.push(`end ${title}`);
    },
  };
  await stage.publish(pid, aRecord('One'));
  stage.start({ provider: slow });
  stage.start({ provider: slow });
  await eventually('begun', () => order.length === 1);
  await stage.publish(pid, aRecord('Two'));
  // Long enough for either of them to look again.
  await new Promise((resolve) => setTimeout(resolve, 60));
  go();
  await stage.reached(pid, 'PUBLISHED');
  expect(order).toEqual(['begin One', 'end One', 'begin Two', 'end Two']);
});

describe('withdrawal', () => {
  it('hides what is known, and shows it again when it comes back', async () => {
    const pid = stage.aPid();
    await stage.publish(pid);
    stage.start();
    await stage.reached(pid, 'PUBLISHED');
    await wishRetired(stage.database, [pid], 'It was wrong.');
    await stage.reached(pid, 'RETIRED');
    expect(stage.doi(pid)?.state).toBe('registered');
    await stage.publish(pid);
    await stage.reached(pid, 'PUBLISHED');
    expect(stage.doi(pid)?.state).toBe('findable');
  });

  it('makes known what nobody had heard of, so that it leads to its tombstone', async () => {
    const pid = stage.aPid();
    await stage.publish(pid);
    await wishRetired(stage.database, [pid], 'It was wrong.');
    stage.start();
    await stage.reached(pid, 'RETIRED');
    expect(stage.doi(pid)).toMatchObject({ state: 'registered', attributes: { url: `${BASE}/${pid}` } });
  });
});

it('stops where a registrar does not answer', async () => {
  const pid = stage.aPid();
  await stage.publish(pid);
  stage.server.faults.push('SILENT');
  const publisher = stage.start({ provider: stage.datacite(), leaseMs: 60_000 });
  await eventually('asked', () => stage.server.asked.length === 1);
  await publisher.stop();
  expect((await stage.view(pid))?.state).not.toBe('PUBLISHED');
});

it('moves everything when identifiers are resolved elsewhere', async () => {
  const [shown, hidden] = [stage.aPid(), stage.aPid()];
  await stage.publish(shown);
  await stage.publish(hidden);
  await wishRetired(stage.database, [hidden], 'It was wrong.');
  const first = stage.start();
  await stage.reached(shown, 'PUBLISHED');
  await stage.reached(hidden, 'RETIRED');
  await first.stop();
  stage.start({ resolverUrl: 'https://new.example.org' });
  await eventually('moved', () =>
    [shown, hidden].every((pid) => stage.doi(pid)?.attributes['url'] === `https://new.example.org/${pid}`),
  );
  expect([stage.doi(shown)?.state, stage.doi(hidden)?.state]).toEqual(['findable', 'registered']);
});
