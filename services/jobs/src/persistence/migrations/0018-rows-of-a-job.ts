import type { MigrationInterface, QueryRunner } from 'typeorm';

const KEYS = ['job_item', 'attempt'];

/**
 * Items and attempts are written by the statement that writes their job, and only where it does: a foreign key would look
 * for each of their jobs again, a tenth of what that statement costs. What the keys did beside is done by a trigger.
 */
export class RowsOfAJob1763000000018 implements MigrationInterface {
  readonly name = 'RowsOfAJob1763000000018';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of KEYS) await runner.query(`alter table ${table} drop constraint ${table}_job_id_fkey`);
    await runner.query(`
      create function delete_rows_of_job() returns trigger language plpgsql as $$
      begin
        delete from job_event where job_id = old.id;
        delete from attempt where job_id = old.id;
        delete from job_item where job_id = old.id;
        return null;
      end $$`);
    await runner.query(
      `create trigger job_rows_go_with_it after delete on job for each row execute function delete_rows_of_job()`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop trigger job_rows_go_with_it on job`);
    await runner.query(`drop function delete_rows_of_job()`);
    for (const table of KEYS)
      await runner.query(
        `alter table ${table} add constraint ${table}_job_id_fkey foreign key (job_id) references job (id) on delete cascade`,
      );
  }
}
