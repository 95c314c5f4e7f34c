import { defineConfig, durationMs, portSetting, secret } from '@weft/config';
import { z } from 'zod';

const count = () => z.coerce.number('is not a number').int('is not a whole number').min(1, 'is less than 1');

const json = <T>(shape: z.ZodType<T>) =>
  z.string().transform((text, context): T => {
    try {
      const parsed = shape.safeParse(JSON.parse(text));
      if (parsed.success) return parsed.data;
      context.addIssue({
        code: 'custom',
        message: parsed.error.issues.map((issue) => issue.message).join('; '),
      });
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
    }
    return z.NEVER;
  });

/** Every setting of the gateway, as data: the block of `.env.example` is rendered from it. */
export const gatewayConfig = defineConfig('gateway', {
  HOST: {
    schema: z.string().min(1),
    default: null,
    description: 'Address to listen on; absent: every interface, or loopback alone when GATEWAY_AUTH=off',
  },
  PORT: {
    schema: portSetting(),
    default: '4000',
    description: 'Port of the one public door; 0 takes a free one',
  },
  LOG_LEVEL: {
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
    default: 'info',
    description: 'Least severe level that is logged: debug, info, warn, error or silent',
  },
  SUPERGRAPH_FILE: {
    schema: z.string().min(1),
    default: null,
    description: 'File with the composed supergraph; absent: the one committed beside the gateway',
  },
  SUBGRAPH_URLS: {
    schema: json(z.record(z.string(), z.url('holds something that is not a URL'))),
    default: '{}',
    description:
      'JSON object from subgraph name to GraphQL endpoint; overrides the addresses in the supergraph',
  },
  GATEWAY_AUTH: {
    schema: z.enum(['on', 'off']),
    default: 'on',
    description: 'off: serves any supergraph on loopback without identity, for federation suites',
  },
  ACTOR_SIGNING_KEY: {
    schema: secret(),
    default: null,
    description: 'Private JWK (Ed25519) that signs actors; required when GATEWAY_AUTH=on',
  },
  INTROSPECTION: {
    schema: z.enum(['on', 'token', 'off']),
    default: 'on',
    description:
      'Who may introspect the API schema: on (everyone), token (those with a valid token), off (nobody)',
  },
  CORS_ORIGINS: {
    schema: z.string().transform((text) =>
      text
        .split(',')
        .map((one) => one.trim())
        .filter(Boolean),
    ),
    default: '*',
    description: 'Origins that browsers may call from, separated by commas; * is any (no cookies are used)',
  },
  MAX_BODY_BYTES: { schema: count(), default: '8388608', description: 'Largest GraphQL request, in bytes' },
  MAX_ARTIFACT_BYTES: {
    schema: count(),
    default: '1073741824',
    description: 'Largest artifact that is uploaded, in bytes',
  },
  QUERY_MAX_DEPTH: {
    schema: count(),
    default: '25',
    description: 'Deepest nesting of fields in an operation',
  },
  QUERY_MAX_ALIASES: { schema: count(), default: '200', description: 'Most aliases in an operation' },
  QUERY_MAX_ROOT_FIELDS: {
    schema: count(),
    default: '50',
    description: 'Most fields on the root of an operation',
  },
  QUERY_MAX_FIELDS: {
    schema: count(),
    default: '2000',
    description: 'Most fields in an operation, fragments counted each time they are used',
  },
  QUERY_MAX_TOKENS: {
    schema: count(),
    default: '15000',
    description: 'Most lexical tokens in a GraphQL document',
  },
  LIVE_MAX_PER_CONNECTION: {
    schema: count(),
    default: '5000',
    description: 'Most operations open at once on one WebSocket',
  },
  LIVE_INIT_TIMEOUT: {
    schema: durationMs(),
    default: '10s',
    description: 'Time a WebSocket has to send connection_init',
  },
  LIVE_CLIENT_TIMEOUT: {
    schema: durationMs(),
    default: '2m',
    description: 'A WebSocket client that answers no ping for this long is cut off',
  },
  LIVE_RESUME_TIMEOUT: {
    schema: durationMs(),
    default: '5m',
    description:
      'How long a live field waits for its subgraph to come back before it ends with SERVICE_UNAVAILABLE',
  },
  SUBGRAPH_TIMEOUT: {
    schema: durationMs(),
    default: '30s',
    description: 'Longest wait for an answer of a subgraph',
  },
  SHUTDOWN_TIMEOUT: {
    schema: durationMs(),
    default: '10s',
    description: 'Time that open requests have to finish on SIGTERM',
  },
});

export type GatewayConfig = ReturnType<typeof gatewayConfig.read>;
