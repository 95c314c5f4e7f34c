import { Secret } from '@weft/config';
import { createLogger } from '@weft/telemetry';
import { eventually, testDatabase, type TestDatabase } from '@weft/testkit';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PidProvider, PidRecord, Pids, TakenPid } from '../application/pid-ports.js';
import { registryDatabase } from '../context.js';
import { registryConfig } from '../config.js';
import { createPids } from '../pids.js';
import {
  pidPublications,
  pidQueue,
  wishPublished,
  wishRetired,
} from '../persistence/pid-publication-store.js';
import {
  DATACITE_PASSWORD,
  DATACITE_PREFIX,
  DATACITE_REPOSITORY,
  startDataciteServer,
  type DataciteServer,
} from '../testing/datacite-server.js';
import { dataciteProvider } from './datacite.js';
import { startPidPublisher, type PidPublisher, type PublisherOptions } from './pid-publisher.js';

const BASE = 'https://weft.example.org/id';
const silent = createLogger('test', 'silent');

let database: TestDatabase;
let server: DataciteServer;
let publishers: PidPublisher[] = [];

beforeAll(async () => {
  database = await testDatabase(registryDatabase);
});
beforeEach(async () => {
  await database.query(`truncate pid_publication`);
  server = await startDataciteServer();
});
afterEach(async () => {
  await Promise.all(publishers.map((one) => one.stop()));
  publishers = [];
});

const datacite = (password = DATACITE_PASSWORD): PidProvider =>
  dataciteProvider({
    url: server.url,
    prefix: DATACITE_PREFIX,
    shoulder: 'w1',
    user: DATACITE_REPOSITORY,
    password: new Secret(password),
    timeoutMs: 2_000,
  });

/** What was logged, by its level. */
function recorder() {
  const lines: { level: string; facts: Record<string, unknown>; message: string }[] = [];
  const logger = Object.create(silent) as typeof silent;
  for (const level of ['info', 'warn', 'error'] as const)
    Object.assign(logger, {
      [level]: (facts: Record<string, unknown>, message: string) => lines.push({ level, facts, message }),
    });
  return { lines, logger };
}

function start(options: Partial<PublisherOptions> = {}): PidPublisher {
  const publisher = startPidPublisher({
    queue: pidQueue(database),
    provider: datacite(),
    resolverUrl: BASE,
    logger: silent,
    leaseMs: 60_000,
    everyMs: 10,
    retry: { tries: 3, backoffMs: 10 },
    pauseMs: () => 10,
    ...options,
  });
  publishers.push(publisher);
  return publisher;
}

const aRecord = (title = 'Reef survey'): PidRecord => ({
  title,
  creators: ['Lovelace, Ada'],
  publisher: 'Example Institute',
  year: 2026,
  type: 'DATASET',
});
const aPid = () => datacite().mint();
const publish = (pid: string, record = aRecord()) => wishPublished(database, 'datacite', [{ pid, record }]);
const doi = (pid: string) => server.dois.get(pid.slice('doi:'.length));
const view = async (pid: string) => (await pidPublications(database, [pid])).get(pid);
const reached = (pid: string, state: string) =>
  eventually(`${pid} ${state}`, async () => (await view(pid))?.state === state);

it('tells what was wished by what was committed', async () => {
  const [kept, undone] = [aPid(), aPid()];
  const { pids } = dataciteByConfig();
  await database.transaction((tx) => pids.publish(tx, [{ pid: kept, record: aRecord() }]));
  await database
    .transaction(async (tx) => {
      await pids.publish(tx, [{ pid: undone, record: aRecord() }]);
      throw new Error('undone');
    })
    .catch(() => undefined);
  expect((await view(kept))?.state).toBe('PENDING');
  start();
  await reached(kept, 'PUBLISHED');
  expect(doi(kept)).toMatchObject({ state: 'findable', attributes: { url: `${BASE}/${kept}` } });
  expect(await view(undone)).toBeUndefined();
  expect(server.dois.size).toBe(1);
});

it('tells the last of many wishes, and nothing where nothing is new', async () => {
  const pid = aPid();
  for (const title of ['One', 'Two', 'Three']) await publish(pid, aRecord(title));
  start();
  await reached(pid, 'PUBLISHED');
  await publish(pid, aRecord('Three'));
  expect((await view(pid))?.state).toBe('PUBLISHED');
  expect(server.asked).toHaveLength(1);
  expect(doi(pid)?.attributes['titles']).toEqual([{ title: 'Three' }]);
});

it('tells each once, however many publishers there are', async () => {
  const pids = Array.from({ length: 60 }, aPid);
  await wishPublished(
    database,
    'datacite',
    pids.map((pid) => ({ pid, record: aRecord() })),
  );
  for (let n = 0; n < 3; n++) start();
  await eventually('all told', async () => {
    const views = await pidPublications(database, pids);
    return [...views.values()].every(({ state }) => state === 'PUBLISHED');
  });
  expect(server.asked).toHaveLength(60);
});

it('tells a wish that comes while an earlier one is told after it', async () => {
  const pid = aPid();
  const order: string[] = [];
  let go = (): void => undefined;
  const slow: PidProvider = {
    ...datacite(),
    async publish(_pid, { title }) {
      order.push(`begin ${title}`);
      if (title === 'One') await new Promise<void>((resolve) => (go = resolve));
      order.push(`end ${title}`);
    },
  };
  await publish(pid, aRecord('One'));
  start({ provider: slow });
  start({ provider: slow });
  await eventually('begun', () => order.length === 1);
  await publish(pid, aRecord('Two'));
  // Long enough for either of them to look again.
  await new Promise((resolve) => setTimeout(resolve, 60));
  go();
  await reached(pid, 'PUBLISHED');
  expect(order).toEqual(['begin One', 'end One', 'begin Two', 'end Two']);
});

describe('withdrawal', () => {
  it('hides what is known, and shows it again when it comes back', async () => {
    const pid = aPid();
    await publish(pid);
    start();
    await reached(pid, 'PUBLISHED');
    await wishRetired(database, [pid], 'It was wrong.');
    await reached(pid, 'RETIRED');
    expect(doi(pid)?.state).toBe('registered');
    await publish(pid);
    await reached(pid, 'PUBLISHED');
    expect(doi(pid)?.state).toBe('findable');
  });

  it('makes known what nobody had heard of, so that it leads to its tombstone', async () => {
    const pid = aPid();
    await publish(pid);
    await wishRetired(database, [pid], 'It was wrong.');
    start();
    await reached(pid, 'RETIRED');
    expect(doi(pid)).toMatchObject({ state: 'registered', attributes: { url: `${BASE}/${pid}` } });
  });
});

describe('failures', () => {
  it('tries again after those of the registrar, and after lost answers', async () => {
    const pid = aPid();
    await publish(pid);
    server.faults.push({ status: 502 }, 'LOST');
    start();
    await reached(pid, 'PUBLISHED');
    expect(server.asked).toHaveLength(3);
    expect(server.dois.size).toBe(1);
    expect(await view(pid)).toMatchObject({ problem: null, tries: 0, nextTryAt: null });
  });

  it('gives up after so many, and begins anew when the service does', async () => {
    const pid = aPid();
    await publish(pid);
    server.faults.push('BROKEN', 'BROKEN', { status: 500, body: 'out of order' });
    const first = start();
    await reached(pid, 'FAILED');
    expect(await view(pid)).toMatchObject({ tries: 3, problem: 'UNAVAILABLE: answered 500: out of order' });
    await first.stop();
    expect(server.asked).toHaveLength(3);
    start();
    await reached(pid, 'PUBLISHED');
  });

  it('goes slower when it is asked to, which costs no try', async () => {
    const pids = [aPid(), aPid(), aPid()];
    for (const pid of pids) await publish(pid);
    const pauses: number[] = [];
    const busy = { status: 429, headers: { 'retry-after': '1' } };
    server.faults.push(busy, busy, busy, busy);
    start({ pauseMs: (ms) => (pauses.push(ms), 5) });
    for (const pid of pids) await reached(pid, 'PUBLISHED');
    expect(pauses).toEqual([1_000, 1_000, 1_000, 1_000]);
    expect(server.asked).toHaveLength(7);
  });

  it('does not repeat what is refused, until it is another', async () => {
    const pid = aPid();
    await publish(pid, { ...aRecord(), creators: [] });
    const { lines, logger } = recorder();
    start({ logger });
    await reached(pid, 'FAILED');
    expect((await view(pid))?.problem).toMatch(/REFUSED.*creators/);
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
      { facts: { pid, kind: 'REFUSED' } },
    ]);
    await publish(pid);
    await reached(pid, 'PUBLISHED');
    expect(server.asked).toHaveLength(2);
  });

  it('asks with one at a time while the credentials are wrong, says so, and comes to an end', async () => {
    const pids = Array.from({ length: 5 }, aPid);
    for (const pid of pids) await publish(pid);
    const { lines, logger } = recorder();
    const pauses: number[] = [];
    start({ logger, provider: datacite('wrong'), pauseMs: (ms) => (pauses.push(ms), 5) });
    for (const pid of pids) await reached(pid, 'FAILED');
    // Three tries for each, none at the same time as another, each followed by a pause that grows.
    expect(server.asked).toHaveLength(15);
    expect(pauses.slice(0, 4)).toEqual([60_000, 120_000, 240_000, 480_000]);
    expect(pauses).toHaveLength(15);
    const errors = lines.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(15);
    expect(errors[0]?.facts['problem']).toMatch(/401.*Bad credentials.*DATACITE_PASSWORD/);
    expect(JSON.stringify(lines)).not.toContain('wrong');
  });

  it('is taken over when the one who told it died', async () => {
    const pid = aPid();
    await publish(pid);
    const queue = pidQueue(database);
    const [dead] = (await queue.take('datacite', 1, 50)) as [TakenPid];
    expect(await queue.take('datacite', 1, 50)).toEqual([]);
    start();
    await reached(pid, 'PUBLISHED');
    // Who wakes up late has no say any more.
    await queue.failed(dead, 'late', { waitMs: undefined, counts: true });
    await publish(pid, aRecord('Other'));
    await queue.done(dead, 'https://old.example.org');
    await reached(pid, 'PUBLISHED');
    expect(doi(pid)?.attributes['titles']).toEqual([{ title: 'Other' }]);
  });

  it('bears a database that fails', async () => {
    const pid = aPid();
    await publish(pid);
    const queue = pidQueue(database);
    const broken = new Set(['reopen', 'take', 'done']);
    // The first of each; that of `done` is the answer of the registrar that nobody keeps.
    const once = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
      if (broken.delete(name)) throw new Error('no database');
      return work();
    };
    start({
      leaseMs: 50,
      queue: {
        reopen: (...all) => once('reopen', () => queue.reopen(...all)),
        take: (...all) => once('take', () => queue.take(...all)),
        done: (...all) => once('done', () => queue.done(...all)),
        failed: (...all) => queue.failed(...all),
      },
    });
    await reached(pid, 'PUBLISHED');
    expect(server.asked).toHaveLength(2);
  });
});

it('stops where a registrar does not answer', async () => {
  const pid = aPid();
  await publish(pid);
  server.faults.push('SILENT');
  const publisher = start({ provider: datacite(), leaseMs: 60_000 });
  await eventually('asked', () => server.asked.length === 1);
  await publisher.stop();
  expect((await view(pid))?.state).not.toBe('PUBLISHED');
});

it('moves everything when identifiers are resolved elsewhere', async () => {
  const [shown, hidden] = [aPid(), aPid()];
  await publish(shown);
  await publish(hidden);
  await wishRetired(database, [hidden], 'It was wrong.');
  const first = start();
  await reached(shown, 'PUBLISHED');
  await reached(hidden, 'RETIRED');
  await first.stop();
  start({ resolverUrl: 'https://new.example.org' });
  await eventually('moved', () =>
    [shown, hidden].every((pid) => doi(pid)?.attributes['url'] === `https://new.example.org/${pid}`),
  );
  expect([doi(shown)?.state, doi(hidden)?.state]).toEqual(['findable', 'registered']);
});

function dataciteByConfig() {
  return createPids(
    registryConfig.read({
      DATABASE_URL: 'postgres://x',
      NATS_URL: 'nats://x',
      PID_PROVIDER: 'datacite',
      PID_RESOLVER_URL: BASE,
      DATACITE_URL: server.url,
      DATACITE_PREFIX,
      DATACITE_REPOSITORY,
      DATACITE_PASSWORD,
    }),
  );
}

describe('by the settings', () => {
  it('tells the registrar', async () => {
    const { pids, start: begin } = dataciteByConfig();
    const pid = pids.mint();
    const publisher = begin(database, silent);
    await database.transaction((tx) => pids.publish(tx, [{ pid, record: aRecord() }]));
    await reached(pid, 'PUBLISHED');
    await database.transaction((tx) => pids.retire(tx, [pid, 'ark:99999/unknown'], 'It was wrong.'));
    await reached(pid, 'RETIRED');
    await publisher?.stop();
  });

  it('leaves alone what another provider made', async () => {
    const { pids } = dataciteByConfig();
    await database.transaction((tx) => pids.publish(tx, [{ pid: 'ark:99999/w1x', record: aRecord() }]));
    expect(await view('ark:99999/w1x')).toBeUndefined();
  });

  it('has nothing to tell of ARKs of our own', async () => {
    const local: { pids: Pids; start: unknown } = createPids(
      registryConfig.read({ DATABASE_URL: 'postgres://x', NATS_URL: 'nats://x' }),
    );
    const pid = local.pids.mint();
    await database.transaction(async (tx) => {
      await local.pids.publish(tx, [{ pid, record: aRecord() }]);
      await local.pids.retire(tx, [pid], 'It was wrong.');
    });
    expect(await view(pid)).toBeUndefined();
  });
});
