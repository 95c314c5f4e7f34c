import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Templates say how long after its start a job may take; those from before say so by null. */
export class DefinitionDeadlines1763000000016 implements MigrationInterface {
  readonly name = 'DefinitionDeadlines1763000000016';

  async up(runner: QueryRunner): Promise<void> {
    await changeTemplates(runner, `('{"deadlineSeconds": null}'::jsonb || template::jsonb)::json`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await changeTemplates(runner, `(template::jsonb - 'deadlineSeconds')::json`);
  }
}

async function changeTemplates(runner: QueryRunner, template: string): Promise<void> {
  const table = 'alter table job_definition_version';
  await runner.query(`${table} disable trigger job_definition_version_append_only`);
  await runner.query(`update job_definition_version set template = ${template}`);
  await runner.query(`${table} enable trigger job_definition_version_append_only`);
}
