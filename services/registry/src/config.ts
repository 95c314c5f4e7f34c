import { defineConfig, portSetting, secret } from '@weft/config';
import { z } from 'zod';

/** The settings of the registry service; `docs/processes.md` says how they fit together. */
export const registrySettings = defineConfig('Registry service', {
  HOST: { schema: z.string().min(1), default: '127.0.0.1', description: 'Address to listen on' },
  PORT: { schema: portSetting(), default: '0', description: 'Port to listen on; 0 takes a free one' },
  DATABASE_URL: { schema: secret(), description: "PostgreSQL URL of the registry's own database" },
  NATS_URL: { schema: z.string().min(1), description: 'NATS server, or several separated by commas' },
  NATS_USER: { schema: z.string().min(1), default: null, description: "The registry's NATS user" },
  NATS_PASSWORD: { schema: secret(), default: null, description: 'Its password' },
  ACTOR_JWKS: {
    schema: z.string().min(2),
    default: null,
    description: 'JSON Web Key Set, by value, that verifies signed actors',
  },
  ACTOR_JWKS_URL: { schema: z.url(), default: null, description: 'Or the URL of that key set' },
  LOG_LEVEL: {
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
    default: 'info',
    description: 'debug, info, warn, error or silent',
  },
});

export type RegistryConfig = ReturnType<typeof registrySettings.read>;
