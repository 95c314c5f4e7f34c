import { JOB_KINDS } from '@weft/contracts';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Commands lie beside the other inputs: a job's own row, which every transition rewrites, stays as small as it is. */
export class Commands1763000000004 implements MigrationInterface {
  readonly name = 'Commands1763000000004';

  async up(runner: QueryRunner): Promise<void> {
    const kinds = JOB_KINDS.map((kind) => `'${kind}'`).join(', ');
    await runner.query(`
      alter table job_input
        add column command json,
        add column code_artifact_id text,
        add column size text,
        add column image text`);
    await runner.query(`
      alter table job
        alter column service_version_id drop not null,
        drop constraint job_kind_check,
        add constraint job_kind_check check (kind in (${kinds})),
        add constraint job_runs_something check (kind <> 'MANAGED_SERVICE' or service_version_id is not null)`);
    await runner.query(`
      alter table known_target
        add column sizes jsonb not null default '[]',
        add column images jsonb not null default '[]'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table known_target drop column sizes, drop column images`);
    await runner.query(
      `alter table job drop constraint job_runs_something, alter column service_version_id set not null`,
    );
    await runner.query(
      `alter table job_input drop column command, drop column code_artifact_id, drop column size, drop column image`,
    );
  }
}
