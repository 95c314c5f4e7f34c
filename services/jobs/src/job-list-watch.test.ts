import { createLogger } from '@weft/telemetry';
import { eventually } from '@weft/testkit';
import { expect, it, onTestFinished } from 'vitest';
import type { JobListFollower } from './application/follow-jobs.js';
import type { ListedJob } from './application/takes-job.js';
import { startJobListWatch, type JobListWatch } from './job-list-watch.js';
import { listedJob } from './testing/listed-jobs.js';

const MINE = 'mine';
const logger = createLogger('jobs', 'silent');

function start(most?: number) {
  const jobs = new Map<string, ListedJob>();
  const asked: string[][] = [];
  let answer: (() => Promise<void>) | undefined;
  const watch = startJobListWatch({
    listed: async (ids) => {
      asked.push([...ids]);
      const found = ids.flatMap((id) => jobs.get(id) ?? []);
      await answer?.();
      return found;
    },
    logger,
    lookMs: 1,
    lingerMs: 5,
    ...(most === undefined ? {} : { most }),
  });
  onTestFinished(() => watch.stop());
  const hear = (jobId: string, seq = 1, organizationId = MINE, revision = 0): void => {
    if (seq > (jobs.get(jobId)?.job.seq ?? 0)) jobs.set(jobId, listedJob({ id: jobId, organizationId, seq }));
    watch.heard({ jobId, seq, revision, organizationIds: () => [organizationId] });
  };
  /** Each answer of the database waits for this. */
  const hold = (until: () => Promise<void>): void => void (answer = until);
  return { watch, asked, hear, hold };
}

function follow(watch: JobListWatch, after?: string, organizationIds = [MINE]) {
  const told: string[] = [];
  const follower: JobListFollower = {
    organizationIds,
    offer: (jobId, _heardIn, listed) => void told.push(`${jobId}:${listed?.job.seq ?? 'gone'}`),
    refetch: () => void told.push('REFETCH'),
    offered: () => undefined,
  };
  let opened = false;
  const stop = watch.follow(follower, after, 'scope', () => (opened = true));
  return { told, stop, opened: () => opened };
}

it('begins every list with a REFETCH, at once', () => {
  const { watch } = start();
  const list = follow(watch);
  expect(list.told).toEqual(['REFETCH']);
  expect(list.opened()).toBe(true);
});

it('asks once for all lists, whatever changed and however often it was said', async () => {
  const { watch, asked, hear } = start();
  const lists = Array.from({ length: 20 }, () => follow(watch));
  hear('first');
  for (let n = 0; n < 50; n++) hear(`job${n}`, 3);
  for (let n = 0; n < 50; n++) hear(`job${n}`, 2);
  await eventually('all are told', () => lists.every(({ told }) => told.includes('job49:3')));
  expect(asked.flat()).toHaveLength(51);
  expect(asked.length).toBeLessThan(5);
  for (let n = 0; n < 50; n++) hear(`job${n}`, 3);
  hear('last');
  await eventually('the last is told', () => lists.every(({ told }) => told.includes('last:1')));
  expect(asked.at(-1)).toEqual(['last']);
  for (const { told } of lists) expect(told).toHaveLength(1 + 52);
});

it('asks for nothing that nobody follows', async () => {
  const { watch, asked, hear } = start();
  hear('before anybody came');
  const list = follow(watch);
  hear('of others', 1, 'theirs');
  hear('of mine');
  await eventually('it is told', () => list.told.includes('of mine:1'));
  expect(asked).toEqual([['of mine']]);
});

it('lets a list go on where it was, and tells what came meanwhile to that one only', async () => {
  const { watch, hear } = start();
  const [leaving, staying] = [follow(watch), follow(watch)];
  hear('one');
  await eventually('it is told', () => leaving.told.includes('one:1'));
  const cursor = watch.cursor('scope');
  leaving.stop();
  hear('two');
  hear('three', 1, 'theirs');
  await eventually('the other is told', () => staying.told.includes('two:1'));
  const back = follow(watch, cursor);
  await eventually('it is open', back.opened);
  expect(back.told).toEqual(['two:1']);
  expect(staying.told).toEqual(['REFETCH', 'one:1', 'two:1']);
  const upToDate = follow(watch, watch.cursor('scope'));
  await eventually('it is open', upToDate.opened);
  expect(upToDate.told).toEqual([]);
});

it('does not tell those whom a job has left what becomes of it later, also when they come back', async () => {
  const { watch, hear } = start();
  const [theirs, mine] = [follow(watch, undefined, ['theirs']), follow(watch)];
  hear('job', 1);
  await eventually('it is told', () => mine.told.includes('job:1'));
  hear('job', 2, 'theirs');
  await eventually('it is told', () => theirs.told.includes('job:2'));
  expect(mine.told).toEqual(['REFETCH', 'job:1']);
  const back = follow(watch, watch.cursor('scope'));
  hear('job', 3, 'theirs');
  await eventually('it is told', () => theirs.told.includes('job:3') && back.opened());
  expect([...mine.told, ...back.told]).toEqual(['REFETCH', 'job:1']);
});

it.each([
  ['of another replica', () => start().watch.cursor('scope')],
  ['of another list', (watch: JobListWatch) => watch.cursor('another')],
  ['that is none', () => 'x'],
  ['from the future', (watch: JobListWatch) => watch.cursor('scope').replace('.0.', '.9.')],
])('does not go on from a cursor %s', (_name, cursor) => {
  const { watch } = start();
  expect(follow(watch, cursor(watch)).told).toEqual(['REFETCH']);
});

it('remembers a bounded number of jobs, and says when a cursor is older than that', async () => {
  const { watch, hear } = start(10);
  const list = follow(watch);
  const cursor = watch.cursor('scope');
  for (let n = 0; n < 15; n++) {
    hear(`job${n}`);
    await eventually('it is told', () => list.told.includes(`job${n}:1`));
  }
  expect(follow(watch, cursor).told).toEqual(['REFETCH']);
});

it('keeps a bounded number of jobs that wait, and then tells everybody to ask anew', async () => {
  const { watch, asked, hear, hold } = start(10);
  const list = follow(watch);
  const { promise, resolve } = Promise.withResolvers<void>();
  hold(() => promise);
  for (let n = 0; n < 25; n++) hear(`job${n}`);
  resolve();
  hear('last');
  await eventually('the last is told', () => list.told.includes('last:1'));
  expect(list.told.slice(0, 3)).toEqual(['REFETCH', 'REFETCH', 'REFETCH']);
  expect(Math.max(...asked.map((ids) => ids.length))).toBeLessThanOrEqual(10);
});

it('does not tell what it read before news were missed, for the list that is asked for now may be newer', async () => {
  const { watch, asked, hear, hold } = start();
  const list = follow(watch);
  const { promise, resolve } = Promise.withResolvers<void>();
  hold(() => promise);
  hear('job', 1);
  await eventually('it is asked for', () => asked.length === 1);
  watch.missed();
  resolve();
  hear('after');
  await eventually('the next is told', () => list.told.includes('after:1'));
  expect(list.told).toEqual(['REFETCH', 'REFETCH', 'after:1']);
});

it('tells what changed while it was read', async () => {
  const { watch, asked, hear, hold } = start();
  const list = follow(watch);
  const { promise, resolve } = Promise.withResolvers<void>();
  hold(() => promise);
  hear('job', 1);
  await eventually('it is asked for', () => asked.length === 1);
  hear('job', 2);
  resolve();
  await eventually('the newest is told', () => list.told.includes('job:2'));
});

it('goes on after the database was away', async () => {
  const { watch, hear, hold } = start();
  const list = follow(watch);
  let failures = 3;
  hold(() => (failures-- > 0 ? Promise.reject(new Error('away')) : Promise.resolve()));
  hear('job');
  await eventually('it is told', () => list.told.includes('job:1'));
});

it('forgets once nobody has followed for a while', async () => {
  const { watch, hear } = start();
  const first = follow(watch);
  const cursor = watch.cursor('scope');
  first.stop();
  await eventually('it is forgotten', () => {
    hear('unheard');
    const again = follow(watch, cursor);
    again.stop();
    return again.told.includes('REFETCH');
  });
});
