// What the registry's worker may read of other jobs: what all members of the organization of its job may, and nothing else.
import { randomUUID } from 'node:crypto';
import { REGISTRY_TARGET, type ClaimedAttempt, type InputRequest } from '@weft/contracts';
import { beforeAll, expect, it } from 'vitest';
import { startEngine, succeeded, type Engine } from '../testing/engine.js';
import { askerOf, aWorkflow, claimRegistrations } from '../testing/registrations.js';
import { readInput } from './read-input.js';
import { startRegistrations } from './start-registrations.js';

let engine: Engine;
let mine: ClaimedAttempt;
let theirs: ClaimedAttempt;
let job: string;
beforeAll(async () => {
  engine = await startEngine();
  job = await engine.submit({ data: '{"tides":[1,2]}', params: '{"days":3}', items: [null, '{"days":4}'] });
  const [attempt] = await engine.claim();
  await engine.report(attempt!, 'FINISHED', [succeeded(0, { high: 2 }), succeeded(1, 'low')]);
  const start = startRegistrations(engine.ports);
  await start.workflow(aWorkflow(askerOf(engine)), 'test');
  const stranger = { organizationId: randomUUID(), createdBy: randomUUID() };
  await start.workflow(aWorkflow(stranger), 'test');
  const claimed = await claimRegistrations(engine);
  mine = claimed.find(({ organizationId }) => organizationId === engine.organizationId)!;
  theirs = claimed.find(({ organizationId }) => organizationId === stranger.organizationId)!;
});

const REGISTRY = { workerId: 'registry-1', targetId: REGISTRY_TARGET };

async function read(
  { jobId, attempt, fence }: ClaimedAttempt,
  which: InputRequest['which'],
  item: number | null = null,
  of: string = job,
  claimant = REGISTRY,
): Promise<unknown> {
  const request = { jobId, attempt, fence, requestId: 'request-1', which, item, offset: 0, of };
  const { bytes, total } = await readInput(engine.ports, claimant, request);
  expect(bytes.length).toBe(total);
  return JSON.parse(Buffer.from(bytes).toString());
}

it('data, params and the result of each item of a job of the same organization', async () => {
  expect(await read(mine, 'data')).toEqual({ tides: [1, 2] });
  expect(await read(mine, 'params')).toEqual({ days: 3 });
  expect([await read(mine, 'result', 0), await read(mine, 'result', 1)]).toEqual([{ high: 2 }, 'low']);
});

it('and the params that an item brought of its own', async () => {
  expect(await read(mine, 'params', 1)).toEqual({ days: 4 });
});

it.each([
  ['of params of an item that has none of its own', () => read(mine, 'params', 0)],
  ['of params of an item that there is none of', () => read(mine, 'params', 7)],
  ['of params of an item of another organization', () => read(theirs, 'params', 1)],
  ['of a job of another organization', () => read(theirs, 'data')],
  ['of no job', () => read(mine, 'data', null, randomUUID())],
  ['of what is no id', () => read(mine, 'data', null, 'no uuid')],
  ['of an item that there is none of', () => read(mine, 'result', 7)],
])('nothing %s', async (_, reading) => {
  await expect(reading()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('no command, whose secrets are in the clear', async () => {
  await expect(read(mine, 'command')).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

it('and no other worker does', async () => {
  await engine.submit();
  const [attempt] = await engine.claim();
  const worker = { workerId: 'worker-1', targetId: 'local-process' };
  await expect(read(attempt!, 'data', null, job, worker)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});
