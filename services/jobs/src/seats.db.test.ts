// No job stays in the queue beside a worker that waits for it, and nothing is given that its worker does not learn of.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startEngine, limits, succeeded, type Engine } from './testing/engine.js';
import type { Seat } from './waiting-workers.js';

const CLAIMANT = { workerId: 'worker-1', targetId: 'local-process' };

interface Seated {
  readonly seat: Seat;
  look(): Promise<boolean>;
  /** Looks at the queue so far. */
  looks(): number;
}

async function sit(engine: Engine, capacity: number, requestId: string = randomUUID()): Promise<Seated> {
  const request = { requestId, capacity, start: true, fresh: true };
  const seat = await engine.desk.seat(CLAIMANT, request, () => undefined);
  let looks = 0;
  return {
    seat,
    look: () =>
      seat.look((fresh, begin) => {
        looks += 1;
        return engine.desk.claim(CLAIMANT, { ...request, fresh, begin });
      }),
    looks: () => looks,
  };
}

const told = async ({ seat }: Seated): Promise<string[]> => (await seat.leave()).map((one) => one.jobId);

it('a round that could not give all that was asked for leaves the others something to look for', async () => {
  const engine = await startEngine({ target: { limits: { ...limits, itemsPerSlice: 4_096 } } });
  const ids = await Promise.all([1, 2, 3].map(() => engine.submit()));
  const first = await sit(engine, 3);
  expect(await first.look()).toBe(true);
  expect(await told(first)).toHaveLength(1);
  const second = await sit(engine, 3);
  expect(await second.look()).toBe(true);
  expect(ids).toContain((await told(second))[0]);
});

it('memory that is behind hides nothing from who looks next', async () => {
  const engine = await startEngine();
  const elsewhere = engine.replica();
  const moved = await engine.submit();
  const [held] = await elsewhere.claim();
  await elsewhere.report(held!, 'RELEASED');
  const other = await engine.submit();
  const first = await sit(engine, 8);
  await first.look();
  const second = await sit(engine, 8);
  await second.look();
  expect([...(await told(first)), ...(await told(second))].sort()).toEqual([moved, other].sort());
});

it('an end while a look is under way lets go what that look held back', async () => {
  let during: (() => Promise<unknown>) | undefined;
  const woken: string[] = [];
  const engine = await startEngine({
    target: { limits: { ...limits, concurrentAttempts: 1 } },
    around: (ports) => ({
      ...ports,
      signals: { ...ports.signals, claimable: (targetId) => void woken.push(targetId) },
      hot: {
        ...ports.hot,
        async look(...asked) {
          const look = await ports.hot.look(...asked);
          await during?.();
          return look;
        },
      },
    }),
  });
  await engine.submit();
  await engine.submit();
  const [running] = await engine.claim({ capacity: 1 });
  woken.length = 0;
  during = () => {
    during = undefined;
    return engine.report(running!, 'FINISHED', [succeeded(0)]);
  };
  const waiting = await sit(engine, 4);
  expect(await waiting.look()).toBe(false);
  expect(woken).toEqual(['local-process']);
  expect(await waiting.look()).toBe(true);
  expect(await told(waiting)).toHaveLength(1);
});

it('what was handed over and could not be told is told when the worker asks again', async () => {
  let failing = false;
  const engine = await startEngine({
    around: (ports) => ({
      ...ports,
      references: {
        ...ports.references,
        serviceVersions: (ids) =>
          failing ? Promise.reject(new Error('away')) : ports.references.serviceVersions(ids),
      },
    }),
  });
  const requestId = randomUUID();
  const waiting = await sit(engine, 2, requestId);
  expect(await waiting.look()).toBe(false);
  failing = true;
  const id = await engine.submit();
  await waiting.seat.served;
  await expect(waiting.seat.leave()).rejects.toThrow('away');
  failing = false;
  const again = await engine.desk.claim(CLAIMANT, { requestId, capacity: 2, start: true, fresh: false });
  expect(again.map((one) => one.jobId)).toEqual([id]);
});

it('who is served while the look waits for its turn is answered without it', async () => {
  const engine = await startEngine();
  const warm = await sit(engine, 1);
  expect(await warm.look()).toBe(false);
  await warm.seat.leave();
  const waiting = await sit(engine, 1);
  expect(await waiting.look()).toBe(false);
  engine.desk.stirred('local-process');
  const id = await engine.submit();
  await waiting.look();
  expect(await told(waiting)).toEqual([id]);
});

it('of one worker one request is filled before the next, so that another one waits on', async () => {
  const engine = await startEngine();
  const seats = [await sit(engine, 4), await sit(engine, 4)];
  for (const seat of seats) expect(await seat.look()).toBe(false);
  const ids = await Promise.all([1, 2, 3].map(() => engine.submit()));
  await Promise.race(seats.map((one) => one.seat.served));
  await sleep(20);
  const given = await Promise.all(seats.map(told));
  expect(given.map((one) => one.length).sort()).toEqual([0, 3]);
  expect(given.flat().sort()).toEqual(ids.sort());
});

it('ends make room for what is handed over next, without a look', async () => {
  const engine = await startEngine({ target: { limits: { ...limits, concurrentAttempts: 2 } } });
  const first = await sit(engine, 1);
  expect(await first.look()).toBe(false);
  await first.seat.leave();
  for (let round = 0; round < 6; round++) {
    const waiting = await sit(engine, 1);
    expect(await waiting.look()).toBe(false);
    const id = await engine.submit();
    await waiting.seat.served;
    const [attempt] = await waiting.seat.leave();
    expect(attempt?.jobId).toBe(id);
    await engine.report(attempt!, 'FINISHED', [succeeded(0)]);
    expect(waiting.looks(), 'looks at the queue').toBe(0);
  }
});
