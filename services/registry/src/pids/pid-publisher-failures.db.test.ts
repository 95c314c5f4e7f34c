import type { TestDatabase } from '@weft/testkit';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TakenPid } from '../application/pid-ports.js';
import { pidQueue } from '../persistence/pid-publication-store.js';
import { aRecord, pidDatabase, pidStage, recorder, type PidStage } from '../testing/pid-stage.js';

let database: TestDatabase;
let stage: PidStage;
beforeAll(async () => {
  database = await pidDatabase();
});
beforeEach(async () => {
  stage = await pidStage(database);
});
afterEach(() => stage.end());

describe('failures', () => {
  it('tries again after those of the registrar, and after lost answers', async () => {
    const pid = stage.aPid();
    await stage.publish(pid);
    stage.server.faults.push({ status: 502 }, 'LOST');
    stage.start();
    await stage.reached(pid, 'PUBLISHED');
    expect(stage.server.asked).toHaveLength(3);
    expect(stage.server.dois.size).toBe(1);
    expect(await stage.view(pid)).toMatchObject({ problem: null, tries: 0, nextTryAt: null });
  });

  it('gives up after so many, and begins anew when the service does', async () => {
    const pid = stage.aPid();
    await stage.publish(pid);
    stage.server.faults.push('BROKEN', 'BROKEN', { status: 500, body: 'out of order' });
    const first = stage.start();
    await stage.reached(pid, 'FAILED');
    expect(await stage.view(pid)).toMatchObject({
      tries: 3,
      problem: 'UNAVAILABLE: answered 500: out of order',
    });
    await first.stop();
    expect(stage.server.asked).toHaveLength(3);
    stage.start();
    await stage.reached(pid, 'PUBLISHED');
  });

  it('goes slower when it is asked to, which costs no try', async () => {
    const pids = [stage.aPid(), stage.aPid(), stage.aPid()];
    for (const pid of pids) await stage.publish(pid);
    const pauses: number[] = [];
    const busy = { status: 429, headers: { 'retry-after': '1' } };
    stage.server.faults.push(busy, busy, busy, busy);
    stage.start({ pauseMs: (ms) => (pauses.push(ms), 5) });
    for (const pid of pids) await stage.reached(pid, 'PUBLISHED');
    expect(pauses).toEqual([1_000, 1_000, 1_000, 1_000]);
    expect(stage.server.asked).toHaveLength(7);
  });

  it('does not repeat what is refused, until it is another', async () => {
    const pid = stage.aPid();
    await stage.publish(pid, { ...aRecord(), creators: [] });
    const { lines, logger } = recorder();
    stage.start({ logger });
    await stage.reached(pid, 'FAILED');
    expect((await stage.view(pid))?.problem).toMatch(/REFUSED.*creators/);
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
      { facts: { pid, kind: 'REFUSED' } },
    ]);
    await stage.publish(pid);
    await stage.reached(pid, 'PUBLISHED');
    expect(stage.server.asked).toHaveLength(2);
  });

  it('asks with one at a time while the credentials are wrong, says so, and comes to an end', async () => {
    const pids = Array.from({ length: 5 }, stage.aPid);
    for (const pid of pids) await stage.publish(pid);
    const { lines, logger } = recorder();
    const pauses: number[] = [];
    stage.start({ logger, provider: stage.datacite('wrong'), pauseMs: (ms) => (pauses.push(ms), 5) });
    for (const pid of pids) await stage.reached(pid, 'FAILED');
    // Three tries for each, none at the same time as another, each followed by a pause that grows.
    expect(stage.server.asked).toHaveLength(15);
    expect(pauses.slice(0, 4)).toEqual([60_000, 120_000, 240_000, 480_000]);
    expect(pauses).toHaveLength(15);
    const errors = lines.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(15);
    expect(errors[0]?.facts['problem']).toMatch(/401.*Bad credentials.*DATACITE_PASSWORD/);
    expect(JSON.stringify(lines)).not.toContain('wrong');
  });

  it('is taken over when the one who told it died', async () => {
    const pid = stage.aPid();
    await stage.publish(pid);
    const queue = pidQueue(stage.database);
    const [dead] = (await queue.take('datacite', 1, 50)) as [TakenPid];
    expect(await queue.take('datacite', 1, 50)).toEqual([]);
    stage.start();
    await stage.reached(pid, 'PUBLISHED');
    // Who wakes up late has no say any more.
    await queue.failed(dead, 'late', { waitMs: undefined, counts: true });
    await stage.publish(pid, aRecord('Other'));
    await queue.done(dead, 'https://old.example.org');
    await stage.reached(pid, 'PUBLISHED');
    expect(stage.doi(pid)?.attributes['titles']).toEqual([{ title: 'Other' }]);
  });

  it('bears a database that fails', async () => {
    const pid = stage.aPid();
    await stage.publish(pid);
    const queue = pidQueue(stage.database);
    const broken = new Set(['reopen', 'take', 'done']);
    // The first of each; that of `done` is the answer of the registrar that nobody keeps.
    const once = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
      if (broken.delete(name)) throw new Error('no database');
      return work();
    };
    stage.start({
      leaseMs: 50,
      queue: {
        reopen: (...all) => once('reopen', () => queue.reopen(...all)),
        take: (...all) => once('take', () => queue.take(...all)),
        done: (...all) => once('done', () => queue.done(...all)),
        failed: (...all) => queue.failed(...all),
      },
    });
    await stage.reached(pid, 'PUBLISHED');
    expect(stage.server.asked).toHaveLength(2);
  });
});
