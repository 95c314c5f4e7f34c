// A process that can be killed at its writes: the statement never came, or its answer never did.
import type { Database } from '@weft/database';
import { INSERT_JOBS, SAVE_CHANGES } from '../persistence/write-statements.js';

export interface Death {
  when: 'never' | 'before' | 'after';
  /** At which of the writes from now on. */
  write: number;
  /** Only the connection broke: the process and its memory live on. */
  survived?: boolean;
}

export const noDeath = (): Death => ({ when: 'never', write: 0 });

export class Killed extends Error {
  constructor() {
    super('killed');
  }
}

/** This database until death, and afterwards none. */
export function mortal<D extends Database>(death: Death, database: D): D {
  let dead = false;
  const die = (): never => {
    dead = death.survived !== true;
    throw new Killed();
  };
  const alive = (): void => {
    if (dead) die();
  };
  /** Whether this write is the last. */
  const isLast = (): boolean => death.when !== 'never' && --death.write === 0;
  const query: Database['query'] = async (statement, values) => {
    alive();
    const last = (statement === INSERT_JOBS || statement === SAVE_CHANGES) && isLast();
    if (last && death.when === 'before') die();
    const rows = await database.query<never>(statement, values);
    return last ? die() : rows;
  };
  const transaction: Database['transaction'] = async (work) => {
    alive();
    const last = isLast();
    const value = await database.transaction(async (tx) => {
      const done = await work(tx);
      return last && death.when === 'before' ? die() : done;
    });
    return last ? die() : value;
  };
  return Object.assign(Object.create(database) as D, { query, transaction });
}
