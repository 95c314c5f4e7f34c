import type { Database, Queryable, Statement, Tx } from '@weft/database';
import { AppError } from '@weft/errors';
import type { EntityManager } from 'typeorm';

/**
 * A database that may come later than the process: until it is there, every use of it is SERVICE_UNAVAILABLE.
 * So the service listens, and can say what it lacks, whatever starts first.
 */
export class LateDatabase implements Queryable {
  #database: Database | undefined;

  arrive(database: Database): void {
    this.#database = database;
  }

  get manager(): EntityManager {
    return this.#required.dataSource.manager;
  }

  // The methods are async so that absence is a rejection like any other failure.
  async query<Row extends object>(
    statement: Statement | string,
    values?: readonly unknown[],
  ): Promise<Row[]> {
    return this.#required.query<Row>(statement, values);
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#required.transaction(work);
  }

  async ping(): Promise<void> {
    return this.#required.ping();
  }

  async close(): Promise<void> {
    await this.#database?.close();
  }

  get #required(): Database {
    if (this.#database !== undefined) return this.#database;
    throw new AppError(
      'SERVICE_UNAVAILABLE',
      'The database of the marketplace cannot be reached at the moment; try again shortly.',
    );
  }
}
