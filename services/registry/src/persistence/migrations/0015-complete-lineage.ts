import type { MigrationInterface, QueryRunner } from 'typeorm';

const DELEGATED = `relation = 'ACTED_ON_BEHALF_OF'`;
const MADE_HERE = `select id from record where kind <> 'IMPORT'`;

const SAID_IN = `from record_edge r where (r.src, r.dst, r.relation, r.role) = (e.src, e.dst, e.relation, e.role)`;
const ISO = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

/**
 * What new statements say is said of what is there: whoever is responsible is associated with the activity itself, and the
 * delegation is marked and not walked; runs used their templates, and these have members; files of pools have one name.
 */
export class CompleteLineage1700000015000 implements MigrationInterface {
  readonly name = 'CompleteLineage1700000015000';

  async up(runner: QueryRunner): Promise<void> {
    await this.#joinPoolFiles(runner);
    await runner.query(`
      insert into edge (src, dst, relation, role, organization_id)
      select a.src, d.dst, 'WAS_ASSOCIATED_WITH', 'on behalf of', a.organization_id
      from edge a
      join node job on job.id = a.src and job.subtype = 'JOB'
      join edge d on d.src = a.dst and d.relation = 'ACTED_ON_BEHALF_OF'
      join node responsible on responsible.id = d.dst and responsible.subtype = 'OWNING_ORGANIZATION'
      where a.relation = 'WAS_ASSOCIATED_WITH' and a.role = 'submitter'
      on conflict do nothing`);
    await runner.query(`
      with told as (
        select r.record, a.id as src, r.dst, coalesce(a.organization_id, record.organization_id) as organization_id
        from record_edge r
        join record on record.id = r.record and record.kind <> 'IMPORT'
        join node a on a.public_id = (r.detail ->> 'activity')::uuid
        where r.${DELEGATED}
      ), edges as (
        insert into edge (src, dst, relation, role, organization_id)
        select distinct src, dst, 'WAS_ASSOCIATED_WITH', 'on behalf of', organization_id from told
        on conflict do nothing
      )
      insert into record_edge (record, src, dst, relation, role)
      select distinct record, src, dst, 'WAS_ASSOCIATED_WITH', 'on behalf of' from told`);
    await this.#rename(runner, '', 'within activities');
    await runner.query(`
      with told as (
        select r.record, r.src, template.id as dst, record.organization_id
        from record_edge r
        join record on record.id = r.record and record.kind = 'MODEL_RUN'
        join node template on template.public_id = (r.detail ->> 'plan')::uuid
        where r.relation = 'WAS_ASSOCIATED_WITH'
      ), edges as (
        insert into edge (src, dst, relation, role, organization_id)
        select distinct src, dst, 'USED', 'template', organization_id from told on conflict do nothing
      )
      insert into record_edge (record, src, dst, relation, role) select record, src, dst, 'USED', 'template' from told
      on conflict do nothing`);
    await runner.query(`
      insert into edge (src, dst, relation, role, organization_id)
      select r.node, r.target, 'HAD_MEMBER', '', n.organization_id
      from item_reference r join node n on n.id = r.node and n.subtype = 'MODEL_RUN_WORKFLOW_TEMPLATE'
      on conflict do nothing`);
    await runner.query(`
      update node set facts = facts || jsonb_build_object('startedAt', told.at, 'endedAt', told.at)
      from (select activity, to_char(requested_at at time zone 'UTC', ${ISO}) as at from activity_workflow) told
      where node.id = told.activity and node.subtype in ('CREATE', 'VERSION')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index data_pool_file_artifact');
    await runner.query(`
      delete from edge e using node n where n.id = e.src and n.subtype = 'MODEL_RUN_WORKFLOW_TEMPLATE'
        and e.relation = 'HAD_MEMBER' and not exists (select ${SAID_IN})`);
    await runner.query(
      `update node set facts = facts - 'startedAt' - 'endedAt' where subtype in ('CREATE', 'VERSION')`,
    );
    await this.#rename(runner, 'within activities', '');
    for (const table of ['record_edge', 'edge'])
      await runner.query(`
        delete from ${table} using node run where run.id = ${table}.src and run.subtype = 'MODEL_RUN'
          and ${table}.relation = 'USED' and ${table}.role = 'template'`);
    for (const table of ['record_edge', 'edge'])
      await runner.query(
        `delete from ${table} where relation = 'WAS_ASSOCIATED_WITH' and role = 'on behalf of'`,
      );
  }

  /** What jobs of other organizations used from a pool is the file that is in it. */
  async #joinPoolFiles(runner: QueryRunner): Promise<void> {
    await runner.query('create index data_pool_file_artifact on data_pool_file (artifact_id)');
    await runner.query(`
      insert into edge (src, dst, relation, role, organization_id)
      select distinct n.id, f.node, 'ALTERNATE_OF', '', n.organization_id
      from data_pool_file f join node n on n.described_by = 'artifact/' || f.artifact_id and n.id <> f.node
      where n.organization_id is not null
      on conflict do nothing`);
  }

  /** Of what documents say in these words the edge stays as it is. */
  async #rename(runner: QueryRunner, from: string, to: string): Promise<void> {
    await runner.query(`
      insert into edge (src, dst, relation, role, organization_id)
      select src, dst, relation, '${to}', organization_id from edge e
      where ${DELEGATED} and role = '${from}'
        and (not exists (select ${SAID_IN}) or exists (select ${SAID_IN} and r.record in (${MADE_HERE})))
      on conflict do nothing`);
    await runner.query(
      `update record_edge set role = '${to}' where ${DELEGATED} and role = '${from}' and record in (${MADE_HERE})`,
    );
    await runner.query(
      `delete from edge e where ${DELEGATED} and role = '${from}' and not exists (select ${SAID_IN})`,
    );
  }
}
