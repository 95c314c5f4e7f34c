// pg-boss with what its documentation offers for speed: notifications, batches, bursts and a few pollers.
import { randomUUID } from 'node:crypto';
import { groupCommit } from '@weft/database';
import { Endings, type Contestant, type Place } from '../contestant.js';
import { peer, watchQueries } from '../peers.js';

interface Boss {
  on(event: string, listener: (error: unknown) => void): void;
  start(): Promise<unknown>;
  stop(options: object): Promise<void>;
  createQueue(name: string, options: object): Promise<void>;
  insert(name: string, jobs: readonly object[]): Promise<unknown>;
  work(name: string, options: object, handler: () => Promise<void>): Promise<string>;
}
interface PgBossModule {
  readonly PgBoss: new (options: object) => Boss;
}

const QUEUE = 'noop';
const POLLERS = 4;

/** As it is used: every submission inserts its job. */
export const startPgBoss = (place: Place): Promise<Contestant> => start(place, 1);

/** With a gatherer that it does not bring along: what is submitted while a call is on its way goes with the next one. */
export const startPgBossGathering = (place: Place): Promise<Contestant> => start(place, 64);

async function start({ databaseUrl, concurrency }: Place, most: number): Promise<Contestant> {
  const endings = new Endings();
  await watchQueries(({ text, values }) => {
    const [, ids] = values;
    if (text.includes('SET completed_on') && Array.isArray(ids))
      for (const id of ids) endings.ended(String(id));
  });
  const { PgBoss } = await peer<PgBossModule>('pg-boss');
  const boss = new PgBoss({ connectionString: databaseUrl, max: 20, useListenNotify: true, schedule: false });
  boss.on('error', (error) => process.stderr.write(`pg-boss: ${String(error)}\n`));
  await boss.start();
  await boss.createQueue(QUEUE, { notify: true });
  const pollers = Math.min(POLLERS, concurrency);
  await boss.work(
    QUEUE,
    {
      localConcurrency: pollers,
      batchSize: Math.max(1, Math.ceil(concurrency / pollers)),
      burstWhenBatchFull: true,
      pollingIntervalSeconds: 0.5,
      notifyPollingIntervalSeconds: 0.5,
    },
    () => Promise.resolve(),
  );
  const insert = groupCommit<string, void>({
    most,
    lanes: most === 1 ? concurrency : 1,
    async write(ids) {
      await boss.insert(
        QUEUE,
        ids.map((id) => ({ id, data: { n: 1 } })),
      );
      return ids.map(() => undefined);
    },
  });
  return {
    async cycle() {
      const id = randomUUID();
      await insert(id);
      await endings.of(id);
    },
    [Symbol.asyncDispose]: () => boss.stop({ graceful: true, timeout: 2_000 }),
  };
}
