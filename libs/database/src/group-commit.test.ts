import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { groupCommit } from './group-commit.js';

const failure = (code: string): Error => Object.assign(new Error(code), { code });

describe('a group commit', () => {
  it('sends what is alone at once, and what comes meanwhile together', async () => {
    const groups: number[][] = [];
    const commit = groupCommit<number, number>({
      most: 3,
      async write(entries) {
        groups.push([...entries]);
        await sleep(5);
        return entries.map((entry) => entry * 10);
      },
    });
    const first = commit(1);
    // What is asked for in the same turn of the loop, however many promises away, is not alone.
    await sleep(0);
    const others = [2, 3, 4, 5].map((entry) => commit(entry));
    expect(await Promise.all([first, ...others])).toEqual([10, 20, 30, 40, 50]);
    expect(groups).toEqual([[1], [2, 3, 4], [5]]);
  });

  it('takes along what is asked for in the same turn, however many promises later', async () => {
    const groups: number[][] = [];
    const commit = groupCommit<number, void>({
      most: 10,
      write: (entries) => {
        groups.push([...entries]);
        return Promise.resolve(entries.map(() => undefined));
      },
    });
    const later = async (entry: number, promises: number): Promise<void> => {
      for (let n = 0; n < promises; n++) await Promise.resolve();
      return commit(entry);
    };
    await Promise.all([later(1, 0), later(2, 3), later(3, 20)]);
    expect(groups).toEqual([[1, 2, 3]]);
  });

  it('never puts two entries of one key into a statement, and keeps their order', async () => {
    const groups: string[][] = [];
    const commit = groupCommit<string, void>({
      most: 10,
      keysOf: (entry) => [entry.slice(0, 1)],
      async write(entries) {
        groups.push([...entries]);
        await sleep(1);
        return entries.map(() => undefined);
      },
    });
    await Promise.all(['a1', 'a2', 'b1', 'a3', 'b2'].map((entry) => commit(entry)));
    expect(groups).toEqual([['a1', 'b1'], ['a2', 'b2'], ['a3']]);
  });

  it('what one entry breaks fails that entry alone', async () => {
    const written: string[] = [];
    const commit = groupCommit<string, string>({
      most: 10,
      write(entries) {
        if (entries.includes('bad')) return Promise.reject(failure('23505'));
        written.push(...entries);
        return Promise.resolve(entries);
      },
    });
    const answers = await Promise.allSettled(['a', 'bad', 'b'].map((entry) => commit(entry)));
    expect(answers.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(written).toEqual(['a', 'b']);
  });

  it('whatever it throws, if only the database is there', async () => {
    let isThere = true;
    let tries = 0;
    const commit = groupCommit<string, string>({
      most: 10,
      ping: () => (isThere ? Promise.resolve() : Promise.reject(new Error('connect ECONNREFUSED'))),
      write(entries) {
        tries += 1;
        if (entries.includes('bad')) return Promise.reject(new RangeError('Invalid time value'));
        return Promise.resolve(entries);
      },
    });
    const ends = async () =>
      (await Promise.allSettled(['a', 'bad', 'b'].map((entry) => commit(entry)))).map(({ status }) => status);
    expect(await ends()).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    isThere = false;
    tries = 0;
    expect(await ends()).toEqual(['rejected', 'rejected', 'rejected']);
    expect(tries).toBe(1);
  });

  it.each(['57P01', '08006', undefined])(
    'a database that is away (%s) fails all at once, not one after the other',
    async (code) => {
      let tries = 0;
      const commit = groupCommit<number, number>({
        most: 10,
        write() {
          tries += 1;
          return Promise.reject(code === undefined ? new Error('connect ECONNREFUSED') : failure(code));
        },
      });
      const answers = await Promise.allSettled([1, 2, 3].map((entry) => commit(entry)));
      expect(answers.every((one) => one.status === 'rejected')).toBe(true);
      expect(tries).toBe(1);
    },
  );
});
