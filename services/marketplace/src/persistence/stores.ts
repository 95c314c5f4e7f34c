import type { Tx } from '@weft/database';
import type { Transaction } from '../application/ports.js';
import { memberStore } from './member-store.js';
import { organizationStore } from './organization-store.js';
import { personalTokenStore } from './personal-token-store.js';
import { serviceStore } from './service-store.js';
import { serviceVersionStore } from './service-version-store.js';
import { teamMemberStore, teamStore } from './team-store.js';
import { userStore } from './user-store.js';

/** Everything that a transaction can do here but tell of it, which is messaging's part. */
export const stores = (tx: Tx): Omit<Transaction, 'announce'> => ({
  users: userStore(tx.manager),
  organizations: organizationStore(tx.manager),
  members: memberStore(tx.manager),
  teams: teamStore(tx.manager),
  teamMembers: teamMemberStore(tx.manager),
  tokens: personalTokenStore(tx.manager),
  services: serviceStore(tx.manager),
  versions: serviceVersionStore(tx.manager),
  now: async () => {
    const [row] = await tx.query<{ now: Date }>('select now() as now');
    return (row as { now: Date }).now;
  },
  holdFirstUser: async () => {
    await tx.query(`select pg_advisory_xact_lock(hashtext('weft-first-user'))`);
  },
});
