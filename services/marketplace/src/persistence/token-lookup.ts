import type { Queryable, Statement } from '@weft/database';
import type { TokenActor, TokenLookup } from '../application/ports.js';

// The one hot question here: the gateway asks it for every token it has not asked about in the last seconds.
const ACTORS: Statement = {
  name: 'token-actors',
  text: `
    select t.hash, t.id as "tokenId", u.id as "userId", o.id as "personalOrganizationId", t.scopes, u.roles, t.expires_at as "expiresAt",
      (select json_agg(json_build_object('id', m.organization_id, 'role', m.role) order by m.organization_id)
        from member m where m.user_id = u.id) as organizations,
      (select coalesce(json_agg(tm.team_id order by tm.team_id), '[]') from team_member tm where tm.user_id = u.id) as teams,
      (t.last_used_at is null or t.last_used_at < now() - interval '1 minute') as "lastUseIsOld"
    from personal_token t join "user" u on u.id = t.user_id join organization o on o.personal_user_id = u.id
    where t.hash = any ($1) and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())`,
};

// Locks in one order and passes over rows that another replica is touching at this moment.
const TOUCH: Statement = {
  name: 'token-touch',
  text: `
    update personal_token set last_used_at = now() where id in (
      select id from personal_token
      where id = any ($1) and (last_used_at is null or last_used_at < now() - interval '1 minute')
      order by id for no key update skip locked)`,
};

export const tokenLookup = (database: Queryable): TokenLookup => ({
  actors: (hashes) => database.query<TokenActor>(ACTORS, [hashes]),
  touch: async (tokenIds) => {
    await database.query(TOUCH, [tokenIds]);
  },
});
