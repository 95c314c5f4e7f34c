import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { TokenUse } from './token-use.js';

describe('uses of tokens', () => {
  it('are recorded in one batch, each token once, without the request waiting', async () => {
    const batches: (readonly string[])[] = [];
    const use = new TokenUse(
      { touch: (ids) => Promise.resolve(void batches.push(ids)) },
      () => undefined,
      10,
    );
    use.note(['a', 'b']);
    use.note(['b', 'c']);
    expect(batches).toEqual([]);
    await sleep(50);
    expect(batches).toEqual([['a', 'b', 'c']]);
    await use.flush();
    expect(batches).toHaveLength(1);
  });

  it('survive a failing database: the failure is told and the next batch goes', async () => {
    const failures: unknown[] = [];
    let down = true;
    const batches: (readonly string[])[] = [];
    const touch = (ids: readonly string[]): Promise<void> =>
      down ? Promise.reject(new Error('down')) : Promise.resolve(void batches.push(ids));
    const use = new TokenUse({ touch }, (error) => failures.push(error), 60_000);
    use.note(['a']);
    await use.flush();
    down = false;
    use.note(['a']);
    await use.flush();
    expect(failures).toHaveLength(1);
    expect(batches).toEqual([['a']]);
  });
});
