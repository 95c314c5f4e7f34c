import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Runs that were transferred belong to their organization also where twins are looked for, one of those that say the same. */
export class OwnersOfRuns1700000016000 implements MigrationInterface {
  readonly name = 'OwnersOfRuns1700000016000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(): Promise<void> {
    // Where they were registered is not known any more, and nothing reads it.
  }
}

const UP = `
  update model_run m set organization_id = moved.organization_id
  from (
    select distinct on (n.organization_id, run.hash, run.removed) run.node, n.organization_id
    from model_run run join node n on n.id = run.node
    where n.organization_id <> run.organization_id
      and (run.removed or not exists (select from model_run other
        where other.organization_id = n.organization_id and other.hash = run.hash and not other.removed))
    order by n.organization_id, run.hash, run.removed, run.node
  ) moved
  where m.node = moved.node`;
