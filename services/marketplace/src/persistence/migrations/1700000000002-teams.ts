import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Teams1700000000002 implements MigrationInterface {
  readonly name = 'Teams1700000000002';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [TEAM, TEAM_MEMBER]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table team_member, team');
  }
}

const TEAM = `
  create table team (
    id uuid not null constraint team_pkey primary key,
    organization_id uuid not null constraint team_organization_fk references organization (id),
    name text not null,
    description text not null,
    created_at timestamptz not null default now(),
    constraint team_in_organization unique (organization_id, id)
  );
  create unique index team_name on team (organization_id, lower(name));`;

// The keys see to it that only members of the team's organization are in it, and leave it with their membership.
const TEAM_MEMBER = `
  create table team_member (
    team_id uuid not null,
    user_id uuid not null,
    organization_id uuid not null,
    created_at timestamptz not null default now(),
    constraint team_member_pkey primary key (team_id, user_id),
    constraint team_member_team_fk foreign key (organization_id, team_id) references team (organization_id, id) on delete cascade,
    constraint team_member_member_fk foreign key (organization_id, user_id)
      references member (organization_id, user_id) on delete cascade
  );
  create index team_member_user on team_member (user_id, organization_id, team_id);`;
