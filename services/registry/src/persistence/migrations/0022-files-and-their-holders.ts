import { datasetFileChanged } from '@weft/contracts';
import { outboxRow } from '@weft/outbox';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dataReadersOf, type ItemAccess } from '../../domain/access.js';

/** Which job made a file, so that it is forgotten with it; archives by their run; and datasets that were results before datasets held anything hold them. */
export class FilesAndTheirHolders1700000022000 implements MigrationInterface {
  readonly name = 'FilesAndTheirHolders1700000022000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table known_artifact add column job_id uuid`);
    await runner.query(
      `update known_artifact a set job_id = (n.facts ->> 'jobId')::uuid from node n
       where n.kind = 'ENTITY' and n.facts ? 'jobId' and n.facts ->> 'artifactId' = a.id::text`,
    );
    await runner.query(
      `create index known_artifact_of_job on known_artifact (job_id) where job_id is not null`,
    );
    for (const run of ['run_job_id', 'workflow_id'])
      await runner.query(
        `create index ro_crate_archive_of_${run} on ro_crate_archive (${run}, requested_at desc, id desc) where ${run} is not null`,
      );
    const adopted = (await runner.query(ADOPT)) as Adopted[];
    for (const { itemId, seq, artifactId, size, sha256, ...access } of adopted) {
      const news = {
        ...{ itemId, seq, organizationId: access.organizationId, artifactId, size: Number(size), sha256 },
        ...{ held: true, dataReaders: dataReadersOf(access) },
      };
      const row = outboxRow(datasetFileChanged, news, new Date(), 'datasets-hold-their-data');
      await runner.query(`insert into outbox (id, subject, body) values ($1, $2, $3)`, [
        row.id,
        row.subject,
        row.body,
      ]);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index ro_crate_archive_of_run_job_id, ro_crate_archive_of_workflow_id`);
    await runner.query(`alter table known_artifact drop column job_id`);
  }
}

interface Adopted extends ItemAccess {
  readonly itemId: string;
  readonly seq: number;
  readonly artifactId: string;
  readonly size: string;
  readonly sha256: string;
}

// Results that were registered before datasets held data are their files: held from now on, and opened to who may read the data.
// Whoever keeps the files has to hear it. A file that went with its job is not known any more.
const ADOPT = `
  with adopted as (
    insert into item_data (node, artifact_id, size, sha256)
    select n.id, a.id, a.size, a.sha256
    from item i join node n on n.id = i.node
    join known_artifact a on a.id::text = n.facts ->> 'artifactId'
    where n.subtype = 'DATASET' and i.withdrawn_at is null and not exists (select from item_data d where d.node = n.id)
    returning node, artifact_id, size, sha256
  )
  select n.public_id as "itemId", i.seq, d.artifact_id as "artifactId", d.size, d.sha256, n.organization_id as "organizationId",
    i.owner_id as "ownerId",
    (select coalesce(json_agg(json_build_object('kind', g.kind, 'principalId', g.principal_id, 'roles', g.roles)), '[]')
     from item_grant g where g.node = n.id) as grants
  from adopted d join node n on n.id = d.node join item i on i.node = d.node`;
