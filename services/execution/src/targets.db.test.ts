import { createHash, randomUUID } from 'node:crypto';
import { canonicalEnvironment, environmentDescribed, targetChanged } from '@weft/contracts';
import { aUser, eventually } from '@weft/testkit';
import { describe, expect, test } from 'vitest';
import { say, setStage } from './testing/worker-words.js';

const stage = await setStage();
const { execution, worker, stranger } = stage;
const changes = stage.hear(targetChanged);
const places = stage.hear(environmentDescribed);

describe('targets', () => {
  const QUERY = `{ providers { id name } targets { id status statusReason runtimes cancelsRunning queueLength kinds provider { id } limits { timeSeconds memoryBytes itemsPerSlice } } }`;
  interface Seen { readonly targets: { id: string; status: string; statusReason: string | null; cancelsRunning: boolean; queueLength: number; runtimes: string[] }[] } // prettier-ignore
  const target = async (id: string) =>
    (await execution.ask<Seen>(aUser(), QUERY)).targets.find((one) => one.id === id);

  test('are registered at the start, announced, and unavailable until a worker speaks', async () => {
    expect(await target('local-batch')).toMatchObject({
      status: 'UNAVAILABLE',
      cancelsRunning: false,
      statusReason: expect.stringMatching(/No worker/),
    });
    await eventually('the announcement', () => changes.some((one) => one.targetId === 'local-batch'));
    expect(await target('local-noop')).toBeUndefined();
  });

  test('show their sizes and images, and tell them to those who keep a copy', async () => {
    const query = `{ target(id: "local-batch") { kinds sizes { name cpus memoryBytes timeSeconds } images { name runtime } } }`;
    const { target: shown } = await execution.ask<{ target: { sizes: object[]; images: object[] } }>(
      aUser(),
      query,
    );
    expect(shown).toMatchObject({ kinds: ['MANAGED_SERVICE', 'COMMAND'] });
    expect(shown.sizes[0]).toEqual({ name: 'small', cpus: 1, memoryBytes: 256 << 20, timeSeconds: 3_600 });
    expect(shown.images).toEqual([
      { name: 'shell', runtime: null },
      { name: 'nodejs', runtime: 'NODEJS' },
      { name: 'python', runtime: 'PYTHON' },
    ]);
    const told = await eventually('the announcement', () =>
      changes.find((one) => one.targetId === 'local-batch'),
    );
    expect([told.sizes?.map(({ name }) => name), told.images]).toEqual([
      ['small', 'medium', 'large'],
      expect.arrayContaining([expect.objectContaining({ name: 'python', runtime: 'PYTHON' })]),
    ]);
  });

  test('follow the beats of their workers', async () => {
    const beat = { runtimes: ['NODEJS'], problem: null, usable: true, running: 0, capacity: 4 };
    await say(worker, 'beat', 'worker-1', beat);
    expect(await target('local-process')).toMatchObject({
      status: 'AVAILABLE',
      statusReason: null,
      runtimes: ['NODEJS'],
      cancelsRunning: true,
    });
    await say(worker, 'beat', 'worker-1', { ...beat, problem: 'no cgroups' });
    expect(await target('local-process')).toMatchObject({ status: 'DEGRADED', statusReason: 'no cgroups' });
    await say(worker, 'beat', 'worker-1', { ...beat, usable: false, problem: 'bubblewrap is missing' });
    expect(await target('local-process')).toMatchObject({
      status: 'UNAVAILABLE',
      statusReason: 'bubblewrap is missing',
    });
    const statuses = await eventually('all announcements', () => {
      const facts = changes.filter((one) => one.targetId === 'local-process').map((one) => one.status);
      return facts.length >= 4 ? facts : undefined;
    });
    expect(statuses).toEqual(['UNAVAILABLE', 'AVAILABLE', 'DEGRADED', 'UNAVAILABLE']);
  });

  test('environments are told once, and only such as their digest says', async () => {
    const place = (version: string) => {
      const environment = {
        runtime: { name: 'NODEJS' as const, version },
        image: null,
        sandbox: { kind: 'bubblewrap', version: '0.8.0', meter: 'proc' },
        platform: { os: 'linux', release: '6.1', arch: 'x64' },
        worker: { version: '0.1.0' },
        limits: {
          ...{ timeSeconds: 60, memoryBytes: 1, processes: 1, diskBytes: 1, logBytes: 1, resultBytes: 1 },
        },
      };
      const digest = createHash('sha256').update(canonicalEnvironment(environment)).digest('hex');
      return { digest, environment };
    };
    const [one, two] = [place('24.1.0'), place('24.2.0')];
    const beat = { runtimes: ['NODEJS'], problem: null, usable: true, running: 0, capacity: 4 };
    await say(worker, 'beat', 'worker-1', { ...beat, environments: [one] });
    const lie = { digest: place('1').digest, environment: two.environment };
    await say(worker, 'beat', 'worker-1', { ...beat, environments: [one, lie] });
    await say(worker, 'beat', 'worker-1', { ...beat, environments: [one, two] });
    await eventually('both', () => places.length >= 2);
    expect(places).toEqual([one, two]);
  });

  test('the benchmark target appears with its worker; a worker cannot speak for a target that is not its own', async () => {
    const beat = { runtimes: ['NODEJS'], problem: null, usable: true, running: 0, capacity: 4 };
    await say(worker, 'beat', 'worker-1', beat, 'local-noop');
    expect(await target('local-noop')).toMatchObject({ status: 'AVAILABLE' });
    await expect(say(stranger, 'beat', 'worker-2', beat, 'local-noop')).rejects.toThrow();
    await expect(say(stranger, 'beat', 'worker-1', beat)).rejects.toThrow();
  });

  test('count what waits for them', async () => {
    const jobId = randomUUID();
    const organizationId = randomUUID();
    await execution.tellJob({ jobId, organizationId, seq: 1, state: 'PENDING', targetId: 'local-batch' });
    await eventually('one job waits', async () => (await target('local-batch'))?.queueLength === 1);
    await execution.tellJob({ jobId, organizationId, seq: 2, state: 'CANCELLED', targetId: 'local-batch' });
    await eventually('none waits', async () => (await target('local-batch'))?.queueLength === 0);
  });
});

test('nothing is told without a signed actor', async () => {
  const post = (query: string): Promise<Response> =>
    fetch(execution.service.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
  for (const query of ['{ targets { id } }', '{ _service { sdl } }', '{ __schema { types { name } } }'])
    expect((await post(query)).status).toBe(401);
  expect((await fetch(`${execution.origin}/readyz`)).status).toBe(200);
});
