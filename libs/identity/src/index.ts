export {
  ACTOR_KINDS,
  hasRole,
  hasScope,
  MEMBER_ROLES,
  organizationIds,
  type Actor,
  type ActorKind,
  type MemberRole,
  type Membership,
} from './actor.js';
export {
  ACTOR_AUDIENCE,
  ACTOR_ISSUER,
  ACTOR_TTL_SECONDS,
  createActorIssuer,
  createActorVerifier,
  generateSigningKey,
  type ActorIssuer,
  type ActorVerifier,
  type SigningKey,
} from './actor-token.js';
export type { JSONWebKeySet, JWK } from 'jose';
