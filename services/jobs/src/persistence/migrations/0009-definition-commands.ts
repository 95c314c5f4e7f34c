import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A command can be large: it lies beside the template, where lists do not read it. */
export class DefinitionCommands1763000000009 implements MigrationInterface {
  readonly name = 'DefinitionCommands1763000000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table job_definition_version add column command json`);
    // What is there says the same as before, in full: the only change that history ever sees.
    await runner.query(
      `alter table job_definition_version disable trigger job_definition_version_append_only`,
    );
    await runner.query(`
      update job_definition_version set template =
        ('{"size": null, "image": null, "codeArtifactId": null, "webhook": null}'::jsonb || template::jsonb)::json`);
    await runner.query(
      `alter table job_definition_version enable trigger job_definition_version_append_only`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table job_definition_version drop column command`);
  }
}
