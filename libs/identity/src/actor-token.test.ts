import { importJWK, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { Actor } from './actor.js';
import {
  ACTOR_AUDIENCE,
  ACTOR_ISSUER,
  createActorIssuer,
  createActorVerifier,
  generateSigningKey,
} from './actor-token.js';

const key = await generateSigningKey();
const verifier = createActorVerifier(key.jwks);
const issuer = await createActorIssuer(key.privateJwk);

const ada: Actor = {
  kind: 'user',
  id: 'ada',
  organizations: [{ id: 'o1', role: 'MAINTAINER' }],
  teams: ['t1', 't2'],
  personalOrganizationId: 'o1',
  scopes: ['read'],
  roles: [],
  tokenId: 'k1',
};

describe('a signed actor', () => {
  it.each([[['t1', 't2']], [[]]])('arrives as it was sent, with the teams %j', async (teams) => {
    const actor = { ...ada, teams };
    expect(await verifier.verify(`Bearer ${await issuer.sign(actor)}`)).toEqual(actor);
  });

  it('of a gateway that does not know teams is in none', async () => {
    const token = await new SignJWT({ kind: 'user', org: [], scopes: ['read'] })
      .setProtectedHeader({ alg: 'EdDSA', kid: key.privateJwk.kid as string })
      .setSubject('ada')
      .setIssuer(ACTOR_ISSUER)
      .setAudience(ACTOR_AUDIENCE)
      .setExpirationTime('60s')
      .sign(await importJWK(key.privateJwk, 'EdDSA'));
    expect(await verifier.verify(`Bearer ${token}`)).toMatchObject({ id: 'ada', teams: [] });
  });
});
