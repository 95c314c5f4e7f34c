import { EntitySchema } from 'typeorm';
import type { Team, TeamMember } from '../domain/team.js';
import { createdAt, id, text, uuid } from './columns.js';

export const TeamTable = new EntitySchema<Team>({
  name: 'Team',
  tableName: 'team',
  columns: {
    id,
    organizationId: uuid('organization_id'),
    name: text('name'),
    description: text('description'),
    createdAt,
  },
  uniques: [{ name: 'team_in_organization', columns: ['organizationId', 'id'] }],
  indices: [{ name: 'team_name', columns: ['organizationId', 'name'], unique: true, synchronize: false }],
  foreignKeys: [
    {
      name: 'team_organization_fk',
      target: 'Organization',
      columnNames: ['organizationId'],
      referencedColumnNames: ['id'],
    },
  ],
});

export const TeamMemberTable = new EntitySchema<TeamMember>({
  name: 'TeamMember',
  tableName: 'team_member',
  columns: {
    teamId: uuid('team_id', { primary: true, primaryKeyConstraintName: 'team_member_pkey' }),
    userId: uuid('user_id', { primary: true, primaryKeyConstraintName: 'team_member_pkey' }),
    organizationId: uuid('organization_id'),
    createdAt,
  },
  indices: [{ name: 'team_member_user', columns: ['userId', 'organizationId', 'teamId'] }],
  foreignKeys: [
    {
      name: 'team_member_team_fk',
      target: 'Team',
      columnNames: ['organizationId', 'teamId'],
      referencedColumnNames: ['organizationId', 'id'],
      onDelete: 'CASCADE',
    },
    {
      name: 'team_member_member_fk',
      target: 'Member',
      columnNames: ['organizationId', 'userId'],
      referencedColumnNames: ['organizationId', 'userId'],
      onDelete: 'CASCADE',
    },
  ],
});
