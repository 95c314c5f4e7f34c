// A process that can be killed at its writes: the statement never came, or its answer never did.
import type { HotStore, Ports } from '../application/ports.js';

export interface Death {
  when: 'never' | 'before' | 'after';
  /** At which of the writes from now on. */
  write: number;
}

export const noDeath = (): Death => ({ when: 'never', write: 0 });

export class Killed extends Error {
  constructor() {
    super('killed');
  }
}

/** These ports until death, and afterwards none. */
export function mortal(death: Death, ports: Ports): Ports {
  let dead = false;
  const die = (): never => {
    dead = true;
    throw new Killed();
  };
  /** Whether this write is the last. */
  const comes = (): boolean => {
    if (dead) die();
    return death.when !== 'never' && --death.write === 0;
  };
  const statement =
    <Args extends unknown[], Answer>(write: (...args: Args) => Promise<Answer>) =>
    async (...args: Args): Promise<Answer> => {
      const last = comes();
      if (last && death.when === 'before') die();
      const answer = await write(...args);
      return last ? die() : answer;
    };
  const hot: HotStore = {
    ...ports.hot,
    insert: statement(ports.hot.insert),
    save: statement(ports.hot.save),
    saveMany: statement(ports.hot.saveMany),
  };
  return {
    ...ports,
    hot,
    async transact(work) {
      const last = comes();
      const value = await ports.transact(async (tx) => {
        const done = await work(tx);
        return last && death.when === 'before' ? die() : done;
      });
      return last ? die() : value;
    },
    signals: {
      ...ports.signals,
      stuck: (jobId, error) => {
        if (!(error instanceof Killed)) ports.signals.stuck(jobId, error);
      },
    },
  };
}
