import { beforeAll, expect, it } from 'vitest';
import type { ClaimedAttempt, RenewReply } from '@weft/contracts';
import { startEngine, type Engine } from '../testing/engine.js';
import { renewLeases } from './renew-leases.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

const WORKER = { workerId: 'worker-1', targetId: 'local-process' };
const MINUTE_MS = 60_000;

const renew = (attempts: readonly ClaimedAttempt[], message: string | null = null): Promise<RenewReply> =>
  renewLeases(engine.ports, WORKER, {
    requestId: 'renewal-1',
    attempts: attempts.map(({ jobId, attempt, fence }) => ({
      jobId,
      attempt,
      fence,
      progress: message === null ? null : { fraction: 0.5, message },
    })),
  });

it.each(['\u0000', '\ud800', 'x\udc00'])(
  'what one job says of its progress (%j) costs no other job its lease',
  async (message) => {
    await engine.submit();
    await engine.submit();
    const attempts = await engine.claim();
    expect((await renew(attempts, message)).attempts.map((one) => one.standing)).toEqual(['held', 'held']);
  },
);

it('a worker that hangs cannot keep its attempt for ever', async () => {
  const short = await engine.submit({ timeoutSeconds: 5 });
  const long = await engine.submit();
  const attempts = await engine.claim();
  const age = (ms: number) =>
    engine.database.query(`update attempt set claimed_at = now() - make_interval(secs => $1)`, [ms / 1_000]);
  const standings = async () =>
    Object.fromEntries((await renew(attempts)).attempts.map((one) => [one.jobId, one.standing]));
  await age(5_000 + 9 * MINUTE_MS);
  expect(await standings()).toEqual({ [short]: 'held', [long]: 'held' });
  await age(5_000 + 10 * MINUTE_MS);
  expect(await standings()).toEqual({ [short]: 'lost', [long]: 'held' });
  await age(60_000 + 10 * MINUTE_MS);
  expect(await standings()).toEqual({ [short]: 'lost', [long]: 'lost' });
});
