import { randomUUID } from 'node:crypto';
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

  it('are merged over several organizations, the newest first, page by page', async () => {
    const tenant = await startEngine();
    const id = await tenant.submit();
    const other = { id: randomUUID(), role: 'OWNER' as const };
    const user = { ...tenant.user, organizations: [...tenant.user.organizations, other] };
    await tenant.database.query(
      `insert into job select (jsonb_populate_record(j, jsonb_build_object('id', gen_random_uuid(), 'claimable_at', null,
          'organization_id', case when n % 2 = 0 then $2 else j.organization_id::text end,
          'submitted_at', j.submitted_at - n * interval '1 minute'))).*
        from job j, generate_series(1, 300) n where j.id = $1`,
      [id, other.id],
    );
    const read = async (after?: (string | number)[]) => tenant.reader.jobs(user, {}, { first: 100, after });
    const first = await read();
    const last = first.rows.at(-1)!;
    const second = await read([last.submittedAt.toISOString(), last.id]);
    const minutes = [...first.rows, ...second.rows].map((row) => row.submittedAt.getTime() / 60_000);
    expect(minutes.map((minute) => Math.round(minutes[0]! - minute))).toEqual(
      minutes.map((_, index) => index),
    );
  });
});
