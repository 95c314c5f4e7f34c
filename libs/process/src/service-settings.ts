import { durationMs, portSetting, secret, type Secret } from '@weft/config';
import { AppError } from '@weft/errors';
import { createActorVerifier, type ActorVerifier, type JSONWebKeySet } from '@weft/identity';
import { z } from 'zod';

const text = z.string().min(1);

const keySet = () =>
  z.string().transform((json, context): JSONWebKeySet => {
    try {
      const parsed = JSON.parse(json) as JSONWebKeySet;
      if (Array.isArray(parsed.keys)) return parsed;
    } catch {
      // Falls through to the issue below.
    }
    context.addIssue({ code: 'custom', message: 'is not a JSON Web Key Set' });
    return z.NEVER;
  });

/** The settings that every service reads (docs/processes.md); each adds its own. */
export const serviceSettings = {
  HOST: { schema: text, default: '127.0.0.1', description: 'Address to listen on.' },
  PORT: { schema: portSetting(), default: '0', description: 'Port to listen on; 0 takes a free one.' },
  DATABASE_URL: { schema: secret(), description: "PostgreSQL URL of the service's own database." },
  NATS_URL: { schema: text, description: 'URL of the NATS server, or several separated by commas.' },
  NATS_USER: { schema: text, default: null, description: "User of the service's role." },
  NATS_PASSWORD: { schema: secret(), default: null, description: "Password of the service's role." },
  EVENT_DUPLICATE_WINDOW: {
    schema: durationMs(),
    default: '10m',
    description:
      'How long the event stream remembers message ids, when this service makes it; consumers bear repetition.',
  },
  ACTOR_JWKS: {
    schema: keySet(),
    default: null,
    description: 'JSON Web Key Set that verifies signed actors, by value.',
  },
  ACTOR_JWKS_URL: {
    schema: z.url(),
    default: null,
    description: 'Where to fetch it, instead of ACTOR_JWKS.',
  },
  LOG_LEVEL: {
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
    default: 'info',
    description: 'How much is logged.',
  },
  WEFT_SYNC_POINTS: {
    schema: z.string(),
    default: null,
    description: 'Tests only: named points to kill, stop or sleep at.',
  },
} as const;

export interface ServiceSettings {
  readonly HOST: string;
  readonly PORT: number;
  readonly DATABASE_URL: Secret;
  readonly NATS_URL: string;
  readonly NATS_USER: string | undefined;
  readonly NATS_PASSWORD: Secret | undefined;
  readonly EVENT_DUPLICATE_WINDOW: number;
  readonly ACTOR_JWKS: JSONWebKeySet | undefined;
  readonly ACTOR_JWKS_URL: string | undefined;
  readonly LOG_LEVEL: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly WEFT_SYNC_POINTS: string | undefined;
}

/** Verifies actors with the key set that the settings give or point to. */
export function actorVerifierOf(
  settings: Pick<ServiceSettings, 'ACTOR_JWKS' | 'ACTOR_JWKS_URL'>,
): ActorVerifier {
  if (settings.ACTOR_JWKS !== undefined) return createActorVerifier(settings.ACTOR_JWKS);
  if (settings.ACTOR_JWKS_URL !== undefined) return createActorVerifier(new URL(settings.ACTOR_JWKS_URL));
  throw new AppError(
    'CONFIG_INVALID',
    'ACTOR_JWKS or ACTOR_JWKS_URL is required: the key set that verifies signed actors.',
  );
}
