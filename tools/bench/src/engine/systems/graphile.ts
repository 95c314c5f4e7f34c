// graphile-worker with what its documentation offers for speed: a local queue and completion in batches.
import { groupCommit } from '@weft/database';
import { Endings, type Contestant, type Place } from '../contestant.js';
import { peer, watchQueries } from '../peers.js';

interface AddedJob {
  readonly id: string;
}
interface Graphile {
  runMigrations(options: object): Promise<void>;
  makeWorkerUtils(options: object): Promise<{
    addJobs(specs: readonly object[]): Promise<readonly AddedJob[]>;
    release(): Promise<void>;
  }>;
  run(options: object): Promise<{ stop(): Promise<void> }>;
  Logger: new (factory: () => () => void) => object;
}
interface Pg {
  readonly default: {
    readonly Pool: new (options: object) => {
      end(): Promise<void>;
      on(event: string, listener: () => void): void;
    };
  };
}

const COMPLETION = /^\s*delete from \S*_private_jobs\S* as jobs/i;

/** As it is used: every submission adds its job. */
export const startGraphile = (place: Place): Promise<Contestant> => start(place, 1);

/** With a gatherer that it does not bring along: what is submitted while a call is on its way goes with the next one. */
export const startGraphileGathering = (place: Place): Promise<Contestant> => start(place, 64);

async function start({ databaseUrl, concurrency }: Place, most: number): Promise<Contestant> {
  const endings = new Endings();
  await watchQueries(({ text, values }) => {
    if (COMPLETION.test(text)) for (const id of [values[0]].flat()) endings.ended(String(id));
  });
  const { Logger, makeWorkerUtils, run, runMigrations } = await peer<Graphile>('graphile-worker');
  const { default: pg } = await peer<Pg>('pg');
  const pgPool = new pg.Pool({ connectionString: databaseUrl, max: 20 });
  for (const event of ['error', 'connect']) pgPool.on(event, () => undefined);
  const logger = new Logger(() => () => undefined);
  await runMigrations({ pgPool, logger });
  const runner = await run({
    pgPool,
    logger,
    noHandleSignals: true,
    taskList: { noop: () => undefined },
    preset: {
      worker: {
        concurrentJobs: concurrency,
        pollInterval: 1_000,
        preparedStatements: true,
        localQueue: { size: concurrency + 1 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  });
  const utils = await makeWorkerUtils({ pgPool, logger });
  const add = groupCommit<object, AddedJob>({
    most,
    lanes: most === 1 ? concurrency : 1,
    write: (payloads) => utils.addJobs(payloads.map((payload) => ({ identifier: 'noop', payload }))),
  });
  return {
    async cycle() {
      await endings.of(String((await add({ n: 1 })).id));
    },
    async [Symbol.asyncDispose]() {
      await runner.stop();
      await utils.release();
      await pgPool.end();
    },
  };
}
