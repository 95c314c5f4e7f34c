// The tables of this service and the history that made them: an explicit list, in order.
import { Outbox1700000000000, ToldStream1700000000010 } from '@weft/outbox';
import { MemberTable } from './member-table.js';
import { Marketplace1700000000001 } from './migrations/1700000000001-marketplace.js';
import { Teams1700000000002 } from './migrations/1700000000002-teams.js';
import { OrganizationTable } from './organization-table.js';
import { PersonalTokenTable } from './personal-token-table.js';
import { ServiceTable } from './service-table.js';
import { ServiceVersionTable } from './service-version-table.js';
import { TeamMemberTable, TeamTable } from './team-table.js';
import { UserTable } from './user-table.js';

export const entities = [
  UserTable,
  OrganizationTable,
  MemberTable,
  TeamTable,
  TeamMemberTable,
  PersonalTokenTable,
  ServiceTable,
  ServiceVersionTable,
];

export const migrations = [
  Outbox1700000000000,
  ToldStream1700000000010,
  Marketplace1700000000001,
  Teams1700000000002,
];
