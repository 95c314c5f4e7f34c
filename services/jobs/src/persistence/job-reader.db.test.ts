import { describe, expect, it } from 'vitest';
import { startEngine } from '../testing/engine.js';

describe('lists', () => {
  it('are paged by cursor without a gap or repetition, and filtered', async () => {
    const tenant = await startEngine();
    const ids: string[] = [];
    for (let n = 0; n < 7; n++) ids.unshift(await tenant.submit({ name: `job ${n}` }));
    const seen: string[] = [];
    let after: (string | number)[] | undefined;
    for (let page = 0; page < 5; page++) {
      const { rows, hasNextPage } = await tenant.reader.jobs(tenant.user, {}, { first: 3, after });
      seen.push(...rows.map((row) => row.id));
      const last = rows.at(-1);
      after = last === undefined ? undefined : [last.submittedAt.toISOString(), last.id];
      if (!hasNextPage) break;
    }
    expect(seen).toEqual(ids);
    const [attempt] = await tenant.claim({ capacity: 1 });
    const running = await tenant.reader.jobs(
      tenant.user,
      { states: ['IN_PROGRESS'] },
      { first: 10, after: undefined },
    );
    expect(running.rows.map((row) => row.id)).toEqual([attempt?.jobId]);
    expect(
      (await tenant.reader.jobs(tenant.user, { targetId: 'other' }, { first: 10, after: undefined })).rows,
    ).toEqual([]);
    expect(
      (
        await tenant.reader.jobs(
          tenant.user,
          { serviceVersionId: tenant.version.id },
          { first: 10, after: undefined },
        )
      ).rows,
    ).toHaveLength(7);
  });
});
