// Replicas whose clocks differ by more than a step of a job takes: its history never runs backwards.
import { eventually } from '@weft/testkit';
import { beforeAll, expect, it } from 'vitest';
import { cancelItems } from './application/cancel-items.js';
import { cancelJob } from './application/cancel-job.js';
import { disagreements } from './testing/engine-tables.js';
import { failed, startEngine, succeeded, type Engine } from './testing/engine.js';

const APART_MS = 400;

let engine: Engine;
let behind: ReturnType<Engine['replica']>;
let ahead: ReturnType<Engine['replica']>;

beforeAll(async () => {
  engine = await startEngine();
  const apart = (ms: number) => engine.replica({ now: () => new Date(engine.ports.now().getTime() + ms) });
  [behind, ahead] = [apart(-APART_MS), apart(APART_MS)];
});

/** By the clock that is behind it is not due at once. */
const dueAtLast = (what: string) => eventually(what, async () => (await behind.claim())[0]);

async function expectForwards(id: string, ...causes: string[]): Promise<void> {
  const { rows } = await engine.reader.timeline(id, 0, 100);
  expect(rows.map((row) => row.cause)).toEqual(causes);
  const times = rows.map((row) => row.at.getTime());
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(await disagreements(engine)).toEqual([]);
}

it('a report is never before its claim: not the first one, not that of a second attempt', async () => {
  const id = await engine.submit();
  const [first] = await ahead.claim({ start: false });
  expect(await behind.report(first!, 'RELEASED')).toEqual({ standing: 'accepted' });
  const [second] = await ahead.claim({ start: false });
  expect(await behind.report(second!, 'FINISHED', [succeeded(0)])).toEqual({ standing: 'accepted' });
  await expectForwards(id, 'SUBMITTED', 'CLAIMED', 'RELEASED', 'CLAIMED', 'STARTED', 'SUCCEEDED');
});

it('a claim is never before the end of the attempt before it', async () => {
  const id = await engine.submit();
  const first = await dueAtLast('the first claim');
  expect(await ahead.report(first, 'RELEASED')).toEqual({ standing: 'accepted' });
  const second = await dueAtLast('the second claim');
  expect(await behind.report(second, 'FINISHED', [succeeded(0)])).toEqual({ standing: 'accepted' });
  await expectForwards(id, 'SUBMITTED', 'CLAIMED', 'STARTED', 'RELEASED', 'CLAIMED', 'STARTED', 'SUCCEEDED');
});

it('a claim or a report is never before what clients asked for meanwhile', async () => {
  const id = await engine.submit({ items: [null, null, null, null] });
  const [first] = await engine.claim({ capacity: 1 });
  expect((await cancelItems(engine.ports, engine.user, id, [0])).ok).toBe(true);
  const second = await dueAtLast('the second slice');
  expect(second.items.map((item) => item.index)).toEqual([2, 3]);
  expect((await cancelJob(engine.ports, engine.user, id)).ok).toBe(true);
  expect(await behind.report(first!, 'FINISHED', [succeeded(0), succeeded(1)])).toEqual({
    standing: 'accepted',
  });
  await expectForwards(
    id,
    ...['SUBMITTED', 'CLAIMED', 'STARTED', 'CANCEL_REQUESTED', 'CLAIMED', 'STARTED'],
    ...['CANCEL_REQUESTED', 'SUCCEEDED'],
  );
});

it('what happens under the lock is never before what a replica wrote whose clock is ahead', async () => {
  const id = await engine.submit({ maxAttempts: 2 });
  const [first] = await ahead.claim({ start: false });
  expect(await ahead.report(first!, 'FINISHED', [failed(0)])).toEqual({ standing: 'accepted' });
  expect((await cancelJob(engine.ports, engine.user, id)).ok).toBe(true);
  expect((await engine.job(id)).state).toBe('CANCELLED');
  await expectForwards(id, 'SUBMITTED', 'CLAIMED', 'STARTED', 'RETRYING', 'CANCEL_REQUESTED');
});
