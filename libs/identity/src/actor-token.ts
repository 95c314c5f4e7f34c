import { AppError } from '@weft/errors';
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  createRemoteJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
  SignJWT,
  type JSONWebKeySet,
  type JWK,
  type JWTVerifyGetKey,
} from 'jose';
import { ACTOR_KINDS, MEMBER_ROLES, type Actor, type ActorKind, type Membership } from './actor.js';

export const ACTOR_ISSUER = 'weft-gateway';
export const ACTOR_AUDIENCE = 'weft-subgraph';

/** How long a signed actor is valid. Short, so that a leaked one is worth little; minted anew for each upstream request. */
export const ACTOR_TTL_SECONDS = 60;

const CLOCK_TOLERANCE_SECONDS = 10;

export interface SigningKey {
  readonly privateJwk: JWK;
  readonly jwks: JSONWebKeySet;
}

/** A fresh Ed25519 key pair: the private half for the gateway, the public JWKS for every subgraph. */
export async function generateSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const publicJwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  const shared = { kid, alg: 'EdDSA', use: 'sig' };
  return {
    privateJwk: { ...(await exportJWK(privateKey)), ...shared },
    jwks: { keys: [{ ...publicJwk, ...shared }] },
  };
}

export interface ActorIssuer {
  /** A signed JWT of this actor, valid for {@link ACTOR_TTL_SECONDS}. */
  sign(actor: Actor): Promise<string>;
}

export async function createActorIssuer(privateJwk: JWK): Promise<ActorIssuer> {
  const key = await importJWK(privateJwk, 'EdDSA');
  const header = { alg: 'EdDSA', typ: 'JWT', ...(privateJwk.kid ? { kid: privateJwk.kid } : {}) };
  return {
    sign: (actor) =>
      new SignJWT({
        kind: actor.kind,
        org: actor.organizations.map((one) => ({ id: one.id, role: one.role })),
        team: actor.teams.length > 0 ? [...actor.teams] : undefined,
        own: actor.personalOrganizationId,
        scopes: [...actor.scopes],
        roles: [...actor.roles],
        tid: actor.tokenId,
      })
        .setProtectedHeader(header)
        .setSubject(actor.id)
        .setIssuer(ACTOR_ISSUER)
        .setAudience(ACTOR_AUDIENCE)
        .setIssuedAt()
        .setExpirationTime(`${ACTOR_TTL_SECONDS}s`)
        .sign(key),
  };
}

export interface ActorVerifier {
  /** The actor of an `Authorization` value (`Bearer <jwt>`); throws UNAUTHENTICATED for anything else. */
  verify(authorization: string | undefined): Promise<Actor>;
}

const MAX_REMEMBERED = 5_000;

/** Verifies actors against a JWKS given by value or fetched from an issuer's URL. Verified tokens are remembered until they expire. */
export function createActorVerifier(keys: JSONWebKeySet | URL): ActorVerifier {
  const resolveKey: JWTVerifyGetKey =
    keys instanceof URL ? createRemoteJWKSet(keys) : createLocalJWKSet(keys);
  const remembered = new Map<string, { actor: Actor; expiresAtMs: number }>();

  return {
    async verify(authorization) {
      const token = /^Bearer ([\w.-]+)$/i.exec(authorization ?? '')?.[1];
      if (token === undefined) throw unauthenticated();
      const known = remembered.get(token);
      if (known !== undefined) {
        if (known.expiresAtMs > Date.now()) return known.actor;
        remembered.delete(token);
        throw unauthenticated();
      }
      const { payload } = await jwtVerify(token, resolveKey, {
        algorithms: ['EdDSA'],
        issuer: ACTOR_ISSUER,
        audience: ACTOR_AUDIENCE,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['sub', 'exp', 'kind'],
      }).catch((cause: unknown) => {
        throw unauthenticated(cause);
      });
      const actor = readActor(payload);
      if (remembered.size >= MAX_REMEMBERED) {
        for (const [old] of remembered) {
          remembered.delete(old);
          if (remembered.size < MAX_REMEMBERED / 2) break;
        }
      }
      remembered.set(token, {
        actor,
        expiresAtMs: ((payload.exp as number) + CLOCK_TOLERANCE_SECONDS) * 1_000,
      });
      return actor;
    },
  };
}

function readActor(claims: Record<string, unknown>): Actor {
  const kind = claims['kind'] as ActorKind;
  if (!ACTOR_KINDS.includes(kind)) throw unauthenticated();
  const organizations = (Array.isArray(claims['org']) ? claims['org'] : []) as Membership[];
  if (!organizations.every((one) => typeof one?.id === 'string' && MEMBER_ROLES.includes(one.role)))
    throw unauthenticated();
  const texts = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
  return {
    kind,
    id: claims['sub'] as string,
    organizations,
    teams: texts(claims['team']),
    personalOrganizationId: typeof claims['own'] === 'string' ? claims['own'] : undefined,
    scopes: texts(claims['scopes']),
    roles: texts(claims['roles']),
    tokenId: typeof claims['tid'] === 'string' ? claims['tid'] : undefined,
  };
}

const unauthenticated = (cause?: unknown): AppError =>
  new AppError(
    'UNAUTHENTICATED',
    'A signed actor is required: send the request through the gateway.',
    {},
    { cause },
  );
