import { JOB_KINDS, REGISTRY_TARGET } from '@weft/contracts';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const LISTS = [
  ['open_job', 'submitted_at'],
  ['ended_job', 'ended_at'],
  ['dead_job', 'ended_at'],
] as const;
const UNSUCCESSFUL = 'create index ended_job_unsuccessful on ended_job';

/** Jobs of the registry's own: what they do, the target that they run on, and indexes by which lists do without them. */
export class RegistryJobs1763000000019 implements MigrationInterface {
  readonly name = 'RegistryJobs1763000000019';

  async up(runner: QueryRunner): Promise<void> {
    const kinds = JOB_KINDS.map((kind) => `'${kind}'`).join(', ');
    await runner.query(`
      alter table job
        add column operation text,
        drop constraint job_kind_check,
        add constraint job_kind_check check (kind in (${kinds})),
        add constraint job_of_registry check ((kind = 'REGISTRATION') = (operation is not null))`);
    await runner.query(`drop index job_of_organization, job_failed, job_cancelled`);
    await createJobIndexes(runner, `(organization_id, (kind = 'REGISTRATION'), submitted_at desc, id desc)`);
    for (const [table, at] of LISTS) {
      await runner.query(`alter table ${table} add column hidden boolean not null default false`);
      await runner.query(`alter table ${table} drop constraint ${table}_pkey,
        add primary key (organization_id, hidden, ${at}, job_id)`);
    }
    await runner.query(`drop index ended_job_unsuccessful`);
    await runner.query(
      `${UNSUCCESSFUL} (organization_id, hidden, state, ended_at, job_id) where state is not null`,
    );
    await runner.query(`alter table batch add column hidden boolean not null default false`);
    await createBatchIndexes(runner, '(organization_id, hidden, submitted_at desc, id desc)');
    await runner.query(`
      create table registry_batch_part (
        batch_id uuid not null,
        index int not null,
        payload json not null,
        primary key (batch_id, index)
      )`);
    // No news is newer than what is known of it from the start.
    await runner.query(
      `insert into known_target (id, seq, organization_id, name, kinds, runtimes, limits, sizes, images, cancels_running)
        values ($1, 2147483647, null, 'Registry', '{REGISTRATION}', '{}', $2, '[]', '[]', true)`,
      [REGISTRY_TARGET, JSON.stringify(LIMITS)],
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`delete from known_target where id = $1`, [REGISTRY_TARGET]);
    await runner.query(`drop table registry_batch_part`);
    await createBatchIndexes(runner, '(organization_id, submitted_at desc, id desc)');
    await runner.query(`alter table batch drop column hidden`);
    await runner.query(`drop index ended_job_unsuccessful`);
    for (const [table, at] of LISTS)
      await runner.query(
        `alter table ${table} drop column hidden, add primary key (organization_id, ${at}, job_id)`,
      );
    await runner.query(`${UNSUCCESSFUL} (organization_id, state, ended_at, job_id) where state is not null`);
    await runner.query(`drop index job_of_organization, job_failed, job_cancelled`);
    await createJobIndexes(runner, '(organization_id, submitted_at desc, id desc)');
    await runner.query(`alter table job drop column operation`);
  }
}

/** An operation runs in the registry's own process: of these only its time, and how many run at once, are kept. */
const LIMITS = {
  timeSeconds: 120,
  memoryBytes: 1,
  processes: 1,
  diskBytes: 1,
  logBytes: 1,
  resultBytes: 128 * 1024,
  itemsPerSlice: 1,
  concurrentAttempts: 64,
};

async function createJobIndexes(runner: QueryRunner, newest: string): Promise<void> {
  await runner.query(`create index job_of_organization on job ${newest}`);
  await runner.query(`create index job_failed on job ${newest} where failed > 0`);
  await runner.query(`create index job_cancelled on job ${newest} where cancelled > 0`);
}

async function createBatchIndexes(runner: QueryRunner, newest: string): Promise<void> {
  await runner.query(`drop index batch_of_organization, workflow_of_organization`);
  await runner.query(`create index batch_of_organization on batch ${newest} where on_failure is null`);
  await runner.query(`create index workflow_of_organization on batch ${newest} where on_failure is not null`);
}
