import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, ERROR_CODES } from '@weft/errors';
import type { Logger } from '@weft/telemetry';
import pg from 'pg';
import { DataSource, type EntityManager, type EntitySchema, type MigrationInterface } from 'typeorm';
import { startDatabaseClock } from './clock.js';

// bigint columns are counters and sizes here, always below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** A prepared statement: named, so that PostgreSQL plans it once per connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Where a query runs: inside a transaction, or each on its own. */
export interface Queryable {
  query<Row extends object = Record<string, unknown>>(
    statement: Statement | string,
    values?: readonly unknown[],
  ): Promise<Row[]>;
}

/** An open transaction. TypeORM's manager and the prepared statements share its one connection. */
export interface Tx extends Queryable {
  readonly manager: EntityManager;
  /** Runs after the commit, never after a rollback. For waking relays and feeds, not for work that must happen. */
  afterCommit(callback: () => void): void;
}

export interface Database extends Queryable {
  readonly dataSource: DataSource;
  /** For writes whose loss costs nothing but doing them again: their commit does not wait for the disk. */
  readonly relaxed: Queryable;
  /** For reads that one request asks many of: few connections of their own, so that the others never wait for them, and 2 s for a statement; `READ_TOO_EXPENSIVE` beyond it. */
  readonly heavy: Queryable;
  /** The database's clock, as of the last look at it. */
  now(): Date;
  /** One transaction; repeated on serialization failures and deadlocks, so `work` must be free of outside effects. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  migrate(): Promise<void>;
  /** Resolves when PostgreSQL answers, rejects with the reason otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly entities: readonly EntitySchema[];
  readonly migrations: readonly (new () => MigrationInterface)[];
  readonly poolSize?: number;
  readonly logger: Logger;
}

// Prepared statements keep the plans that were made while their tables were small: without enable_seqscan=off those would
// read whole tables, more and more of them, until the first statistics come. Always generic ones: planning one of the
// engine's statements takes a millisecond, which is as long as it takes to write several jobs by it.
const SESSION =
  '-c idle_in_transaction_session_timeout=60000 -c statement_timeout=60000 -c enable_seqscan=off -c plan_cache_mode=force_generic_plan';

const MAX_TRIES = 5;
const HEAVY_CONNECTIONS = 4;
const RETRYABLE = new Set(['40001', '40P01']);
const QUERY_CANCELED = '57014';
/** As the pool says it: all connections were taken for ten seconds. */
const NO_CONNECTION_IN_TIME = 'timeout exceeded when trying to connect';

export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: options.url,
    applicationName: options.applicationName,
    entities: [...options.entities],
    migrations: [...options.migrations],
    migrationsTransactionMode: 'each',
    synchronize: false,
    logging: false,
    poolErrorHandler: (error: unknown) => options.logger.warn({ err: error }, 'database connection lost'),
    extra: {
      max: options.poolSize ?? 10,
      idleTimeoutMillis: 30_000,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      options: SESSION,
    },
  });
  await dataSource.initialize();
  const pool = (dataSource.driver as unknown as { master: pg.Pool }).master;
  // A terminated backend surfaces here; without a listener it would end the process.
  pool.on('error', (error) => options.logger.warn({ err: error }, 'idle database connection lost'));
  pool.on('connect', (client) =>
    client.on('error', (error) => options.logger.warn({ err: error }, 'database connection lost')),
  );

  const sidePool = (max: number, session: string): pg.Pool => {
    const side = new pg.Pool({
      connectionString: options.url,
      application_name: options.applicationName,
      max,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      options: `${SESSION} ${session}`,
    });
    side.on('error', (error) => options.logger.warn({ err: error }, 'idle database connection lost'));
    return side;
  };
  const relaxedPool = sidePool(1, '-c synchronous_commit=off');
  const heavyPool = sidePool(HEAVY_CONNECTIONS, '-c statement_timeout=2000');
  const clock = await startDatabaseClock({
    query: (statement, values) => run(pool, statement, values),
  }).catch(async (error: unknown) => {
    await dataSource.destroy();
    throw error;
  });

  const tryOnce = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    const runner = dataSource.createQueryRunner();
    const callbacks: (() => void)[] = [];
    try {
      const client = (await runner.connect()) as pg.PoolClient;
      await runner.startTransaction();
      const result = await work({
        manager: runner.manager,
        query: (statement, values) => run(client, statement, values),
        afterCommit: (callback) => callbacks.push(callback),
      });
      await runner.commitTransaction();
      for (const callback of callbacks) callback();
      return result;
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release().catch(() => undefined);
    }
  };

  return {
    dataSource,
    relaxed: { query: (statement, values) => run(relaxedPool, statement, values) },
    heavy: {
      query: <Row extends object>(statement: Statement | string, values?: readonly unknown[]) =>
        run<Row>(heavyPool, statement, values).catch(sayTooExpensive),
    },
    now: () => clock.now(),
    query: (statement, values) => run(pool, statement, values),
    async transaction(work) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await tryOnce(work);
        } catch (error) {
          if (attempt >= MAX_TRIES || !RETRYABLE.has(sqlState(error) ?? '')) throw error;
          await sleep(Math.random() * 10 * 2 ** attempt);
        }
      }
    },
    migrate: () => migrateOnce(dataSource),
    ping: async () => {
      await pool.query('select 1');
    },
    async close() {
      clock[Symbol.dispose]();
      await Promise.all([dataSource.destroy(), relaxedPool.end(), heavyPool.end()]);
    },
  };
}

/** What a heavy read may take is bounded, so that it ends there is nothing unexpected. */
function sayTooExpensive(error: unknown): never {
  if (sqlState(error) !== QUERY_CANCELED && (error as Error).message !== NO_CONNECTION_IN_TIME) throw error;
  throw new AppError('READ_TOO_EXPENSIVE', ERROR_CODES.READ_TOO_EXPENSIVE.meaning, {}, { cause: error });
}

async function run<Row extends object>(
  target: pg.Pool | pg.PoolClient,
  statement: Statement | string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const config =
    typeof statement === 'string' ? { text: statement } : { name: statement.name, text: statement.text };
  const result = await target.query<Row & pg.QueryResultRow>({ ...config, values: [...values] });
  return result.rows;
}

/** Replicas that start together migrate one after the other. */
async function migrateOnce(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  await runner.connect();
  try {
    await runner.query(`select pg_advisory_lock(hashtext('weft-migrate'))`);
    await dataSource.runMigrations();
  } finally {
    await runner.query(`select pg_advisory_unlock(hashtext('weft-migrate'))`).catch(() => undefined);
    await runner.release();
  }
}

/** The SQLSTATE of a database error, also when TypeORM wrapped it. */
export function sqlState(error: unknown): string | undefined {
  const candidate = error as { code?: unknown; driverError?: { code?: unknown } } | undefined;
  const code = candidate?.driverError?.code ?? candidate?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** The name of the constraint that a unique or check violation names. */
export function violatedConstraint(error: unknown): string | undefined {
  const candidate = error as { constraint?: unknown; driverError?: { constraint?: unknown } } | undefined;
  const name = candidate?.driverError?.constraint ?? candidate?.constraint;
  return typeof name === 'string' ? name : undefined;
}

export const UNIQUE_VIOLATION = '23505';
