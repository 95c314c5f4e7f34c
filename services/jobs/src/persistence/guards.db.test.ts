import { JOB_STATES } from '@weft/contracts';
import { sqlState } from '@weft/database';
import { beforeAll, describe, expect, it } from 'vitest';
import { GUARD_SQLSTATE, renderGuardSql, storedMoves } from '../domain/lifecycle.js';
import { startEngine, type Engine } from '../testing/engine.js';
import { cancelJob } from '../application/cancel-job.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

describe('the database itself', () => {
  it('refuses every edge that is not in the table, and every change of what is final', async () => {
    const id = await engine.submit({ items: [null, null] });
    const states = JOB_STATES.filter((state) => state !== 'PENDING');
    for (const from of JOB_STATES) {
      for (const to of JOB_STATES) {
        if (from === to) continue;
        await engine.database.query(`alter table job_item disable trigger job_item_guard`);
        await engine.database.query(`update job_item set state = $2 where job_id = $1 and index = 0`, [
          id,
          from,
        ]);
        await engine.database.query(`alter table job_item enable trigger job_item_guard`);
        const move = engine.database.query(`update job_item set state = $2 where job_id = $1 and index = 0`, [
          id,
          to,
        ]);
        if (storedMoves().some((move) => move.from === from && move.to === to))
          await expect(move).resolves.toBeDefined();
        else await expect(move.catch((error: unknown) => sqlState(error))).resolves.toBe(GUARD_SQLSTATE);
      }
    }
    expect(states).toHaveLength(6);
  });

  it('runs the guard that the table renders today', async () => {
    const rows = await engine.database.query<{ source: string }>(
      `select prosrc as source from pg_proc where proname in ('guard_job_item', 'guard_final_job') order by proname desc`,
    );
    for (const { source } of rows) expect(renderGuardSql()).toContain(source);
    expect(rows).toHaveLength(2);
  });

  it('freezes a final job, but not its name', async () => {
    const id = await engine.submit();
    await cancelJob(engine.ports, engine.user, id);
    const change = (assignment: string) =>
      engine.database
        .query(`update job set ${assignment} where id = $1`, [id])
        .catch((error: unknown) => sqlState(error));
    for (const assignment of [
      `state = 'SUCCEEDED', succeeded = 1, cancelled = 0`,
      `seq = 99`,
      `ended_at = now()`,
    ]) {
      expect(await change(assignment)).toBe(GUARD_SQLSTATE);
    }
    expect(await change(`name = 'renamed'`)).toEqual([]);
    const item = engine.database
      .query(`update job_item set result = '1' where job_id = $1`, [id])
      .catch((error: unknown) => sqlState(error));
    expect(await item).toBe(GUARD_SQLSTATE);
    const event = engine.database
      .query(`update job_event set cause = 'x' where job_id = $1`, [id])
      .catch((error: unknown) => sqlState(error));
    expect(await event).toBe(GUARD_SQLSTATE);
  });

  it('gives one and the same object through TypeORM and through the prepared statements', async () => {
    const id = await engine.submit({ tags: ['a', 'b'], items: [null, '{"x":1}'] });
    const locked = await engine.ports.transact((tx) => tx.jobs.lock(id));
    expect(locked?.job).toEqual(await engine.job(id));
    const { rows } = await engine.reader.items(id, -1, 10);
    expect(locked?.items).toEqual(rows);
    await cancelJob(engine.ports, engine.user, id);
  });
});
