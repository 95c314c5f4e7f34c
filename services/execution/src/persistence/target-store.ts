import type { Tx } from '@weft/database';
import type { TargetStore } from '../application/ports.js';
import type { Beat } from '../domain/target-status.js';
import type { Target } from '../domain/target.js';
import { ProviderTable, TargetTable } from './tables.js';

const KEEP_BEAT = {
  name: 'keep-beat',
  text: `insert into worker_beat (target_id, worker_id, at, usable, problem, runtimes, running, capacity)
         values ($1, $2, now(), $3, $4, $5, $6, $7)
         on conflict (target_id, worker_id) do update set at = now(), usable = excluded.usable, problem = excluded.problem,
           runtimes = excluded.runtimes, running = excluded.running, capacity = excluded.capacity`,
};

export const targetStore = (tx: Tx): TargetStore => ({
  async ensureProvider(provider) {
    await tx.manager.upsert(ProviderTable, { ...provider }, ['id']);
  },
  async lock(id) {
    // Also holds back a second replica that would insert the same target.
    await tx.query(`select pg_advisory_xact_lock(hashtext('target'), hashtext($1))`, [id]);
    return (await tx.manager.findOneBy(TargetTable, { id })) ?? undefined;
  },
  async insert(target) {
    await tx.manager.insert(TargetTable, row(target));
  },
  async update(id, seq, change) {
    await tx.manager.update(TargetTable, { id }, { ...row({ ...change, seq }) });
  },
  async ids() {
    return (await tx.manager.find(TargetTable, { select: { id: true }, order: { id: 'ASC' } })).map(
      (one) => one.id,
    );
  },
  async keepBeat(targetId, beat) {
    await tx.query(KEEP_BEAT, [
      targetId,
      beat.workerId,
      beat.usable,
      beat.problem,
      beat.runtimes,
      beat.running,
      beat.capacity,
    ]);
  },
  beats: (targetId) =>
    tx.query<Beat>(
      `select worker_id as "workerId", at, usable, problem, runtimes from worker_beat where target_id = $1 order by worker_id`,
      [targetId],
    ),
  async now() {
    return (await tx.query<{ now: Date }>('select now() as now'))[0]?.now ?? new Date();
  },
});

/** Only the columns: what is handed in may carry more. */
const row = ({ id, seq, providerId, name, organizationId, kinds, runtimes, limits, sizes, images, cancelsRunning, status, statusReason }: Target) => ({
  id, seq, providerId, name, organizationId, kinds: [...kinds], runtimes: [...runtimes], limits, sizes: [...sizes], images: [...images], cancelsRunning, status, statusReason,
}); // prettier-ignore
