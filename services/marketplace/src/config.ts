import { defineConfig, durationMs, portSetting, secret } from '@weft/config';
import { AppError } from '@weft/errors';
import type { JSONWebKeySet } from '@weft/identity';
import { z } from 'zod';
import { TOKEN_SECRET } from './token-secrets.js';

const jwks = () =>
  z.string().transform((text, issue): JSONWebKeySet => {
    try {
      const parsed = JSON.parse(text) as JSONWebKeySet;
      if (Array.isArray(parsed.keys)) return parsed;
    } catch {
      // Falls through to the issue below.
    }
    issue.addIssue({ code: 'custom', message: 'is not a JSON Web Key Set' });
    return z.NEVER;
  });

/** The settings of the marketplace service. */
export const marketplaceConfig = defineConfig('Marketplace service', {
  HOST: { schema: z.string(), default: '127.0.0.1', description: 'address to listen on' },
  PORT: { schema: portSetting(), default: '0', description: 'port to listen on; 0 takes a free one' },
  DATABASE_URL: { schema: secret(), description: "PostgreSQL URL of the service's own database" },
  NATS_URL: { schema: z.string(), default: 'nats://127.0.0.1:4222', description: 'URL of the broker' },
  NATS_USER: { schema: z.string().optional(), default: null, description: 'user of the broker' },
  NATS_PASSWORD: { schema: secret().optional(), default: null, description: 'password of the broker' },
  ACTOR_JWKS: {
    schema: jwks().optional(),
    default: null,
    description: 'JSON Web Key Set, by value, that verifies signed actors',
  },
  ACTOR_JWKS_URL: { schema: z.url().optional(), default: null, description: 'or the URL that has it' },
  LOG_LEVEL: {
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
    default: 'info',
    description: 'least severe level that is logged',
  },
  WEFT_SYNC_POINTS: {
    schema: z.string().optional(),
    default: null,
    description: 'tests only: named points to kill, stop or sleep at',
  },
  FIRST_USER_NAME: {
    schema: z.string(),
    default: 'first-user',
    description: "name of the first user, who is the platform's operator",
  },
  FIRST_USER_TOKEN: {
    schema: z
      .string()
      .regex(TOKEN_SECRET, 'is not "weft_" and 43 base64url characters')
      .pipe(secret())
      .optional(),
    default: null,
    description: "the first user's personal token, ensured at every start",
  },
  TOKEN_USE_DELAY: {
    schema: durationMs(),
    default: '2s',
    description: 'how long uses of tokens are gathered before they are recorded',
  },
});

/** The settings once read; checked across each other. */
export type MarketplaceConfig = ReturnType<typeof marketplaceConfig.read>;

/** What verifies actors: exactly one of the two settings gives it. */
export function actorKeys(config: MarketplaceConfig): JSONWebKeySet | URL {
  const { ACTOR_JWKS: byValue, ACTOR_JWKS_URL: url } = config;
  if (byValue !== undefined && url === undefined) return byValue;
  if (url !== undefined && byValue === undefined) return new URL(url);
  throw new AppError('CONFIG_INVALID', 'Set either ACTOR_JWKS or ACTOR_JWKS_URL.', {
    problems: ['ACTOR_JWKS', 'ACTOR_JWKS_URL'],
  });
}
