import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One person is one user: of several who said to be the same one, the first is. Old records of deleted jobs are found by their age. */
export class PeopleOnce1700000019000 implements MigrationInterface {
  readonly name = 'PeopleOnce1700000019000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      with later as (
        delete from person_link l using person_link first
        where first.node = l.node and (first.linked_at, first.user_id) < (l.linked_at, l.user_id)
        returning l.user_id, l.node
      )
      delete from edge using later join node n on n.facts ->> 'userId' = later.user_id::text and n.kind = 'AGENT' and n.subtype = 'USER'
      where edge.src = n.id and edge.dst = later.node and edge.relation = 'SPECIALIZATION_OF'
        and not exists (select from record_edge r
          where (r.src, r.dst, r.relation, r.role) = (edge.src, edge.dst, edge.relation, edge.role))`);
    await runner.query(`alter table person_link add constraint person_link_once unique (node)`);
    await runner.query(
      `create index known_job_record_deleted on known_job_record (deleted_at, job_id) where deleted_at is not null`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index known_job_record_deleted`);
    await runner.query(`alter table person_link drop constraint person_link_once`);
  }
}
