import { randomUUID } from 'node:crypto';
import {
  createActorIssuer,
  createActorVerifier,
  generateSigningKey,
  type Actor,
  type ActorIssuer,
  type ActorVerifier,
} from '@weft/identity';

/** A user with a personal organization; each one is a tenant of its own. */
export function aUser(overrides: Partial<Actor> = {}): Actor {
  const organizationId = randomUUID();
  return {
    kind: 'user',
    id: randomUUID(),
    organizations: [{ id: organizationId, role: 'OWNER' }],
    teams: [],
    personalOrganizationId: organizationId,
    scopes: ['read', 'write', 'admin'],
    roles: [],
    tokenId: undefined,
    ...overrides,
  };
}

export const theGateway: Actor = {
  kind: 'gateway',
  id: 'gateway',
  organizations: [],
  teams: [],
  personalOrganizationId: undefined,
  scopes: [],
  roles: [],
  tokenId: undefined,
};

export interface TestIdentity {
  readonly issuer: ActorIssuer;
  readonly verifier: ActorVerifier;
  readonly jwks: string;
  /** `Bearer <jwt>` of the actor. */
  authorization(actor: Actor): Promise<string>;
}

export async function testIdentity(): Promise<TestIdentity> {
  const key = await generateSigningKey();
  const issuer = await createActorIssuer(key.privateJwk);
  return {
    issuer,
    verifier: createActorVerifier(key.jwks),
    jwks: JSON.stringify(key.jwks),
    authorization: async (actor) => `Bearer ${await issuer.sign(actor)}`,
  };
}
