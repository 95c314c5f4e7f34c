import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What failed or was cancelled is found in the order of the ends, however much succeeded meanwhile. What succeeds has no
 * entry in the index, and pays nothing.
 */
export class HowJobsEnded1763000000015 implements MigrationInterface {
  readonly name = 'HowJobsEnded1763000000015';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table ended_job add column state text`);
    await runner.query(`update ended_job e set state = j.state from job j
      where j.id = e.job_id and (j.failed > 0 or j.cancelled > 0) and j.state <> 'SUCCEEDED'`);
    await runner.query(
      `create index ended_job_unsuccessful on ended_job (organization_id, state, ended_at, job_id) where state is not null`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index ended_job_unsuccessful`);
    await runner.query(`alter table ended_job drop column state`);
  }
}
