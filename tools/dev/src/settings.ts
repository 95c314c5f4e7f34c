import { defineConfig, durationMs, portSetting, secret, type Setting } from '@weft/config';
import { secretsKeySetting } from '@weft/secrets';
import { z } from 'zod';

export const SERVICES = ['marketplace', 'execution', 'registry', 'jobs'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** The tail of a setting's name that is meant for one service, e.g. `JOBS`. */
export const suffixOf = (service: ServiceName): string => service.toUpperCase();

const text = () => z.string().min(1);
const databaseUrl = () =>
  secret().refine(
    (url) => /^postgres(ql)?:\/\/[^/]/.test(url.reveal()) && URL.canParse(url.reveal()),
    'is not a URL such as postgres://user:password@host:5432/database',
  );
const natsUrl = () =>
  z
    .string()
    .refine(
      (urls) =>
        urls.split(',').every((one) => /^(nats|tls):\/\/[^/]/.test(one.trim()) && URL.canParse(one.trim())),
      'is not a URL such as nats://host:4222 (several: with commas between them)',
    );
type OptionalSecret = Setting<ReturnType<ReturnType<typeof secret>['parse']> | undefined>;

const perService = <Prefix extends string>(prefix: Prefix, describe: (service: ServiceName) => string) =>
  Object.fromEntries(
    SERVICES.map((service) => [
      `${prefix}_${suffixOf(service)}`,
      { schema: databaseUrl(), default: null, description: describe(service) },
    ]),
  ) as unknown as Record<`${Prefix}_${Uppercase<ServiceName>}`, OptionalSecret>;

/** What `npm start` reads. Everything else in its environment is passed on to the parts, which check it themselves. */
export const settings = defineConfig('npm start (tools/dev)', {
  PORT: { schema: portSetting(), default: '4000', description: 'Port of the gateway; 0 chooses a free one' },
  HOST: { schema: text(), default: 'localhost', description: 'Address that the gateway listens on' },
  PUBLIC_URL: {
    schema: z.url(),
    default: null,
    description: 'Base URL under which clients reach the gateway',
  } as Setting<string | undefined>,
  WEFT_DATA_DIR: {
    schema: text(),
    default: null,
    description: 'Data folder; default .weft in the checkout',
  } as Setting<string | undefined>,
  WORKER_TARGETS: {
    schema: text(),
    default: 'local-process,local-batch',
    description: 'Targets that the local worker serves, comma-separated',
  },
  DATABASE_URL: {
    schema: databaseUrl(),
    default: null,
    description:
      'Administrator URL of a real PostgreSQL: roles and databases are made there, the embedded one stays off',
  } as OptionalSecret,
  ...perService(
    'DATABASE_URL',
    (service) => `URL of the ready-made database of ${service}; goes before DATABASE_URL`,
  ),
  NATS_URL: {
    schema: natsUrl(),
    default: null,
    description: 'A real NATS server with JetStream; the embedded one stays off',
  } as Setting<string | undefined>,
  NATS_USER: { schema: text(), default: null, description: 'User of every part on NATS_URL' } as Setting<
    string | undefined
  >,
  SECRETS_KEY: {
    schema: secretsKeySetting(),
    default: null,
    description:
      'Keys that encrypt secrets at rest (see jobs); made once and kept in the data folder when not given',
  } as OptionalSecret,
  NATS_PASSWORD: { schema: secret(), default: null, description: 'Password of NATS_USER' } as OptionalSecret,
  WEFT_RESTART_PAUSE_MAX: {
    schema: durationMs(),
    default: '5s',
    description: 'Longest pause before a part that crashes again and again is started anew',
  },
});

export type Settings = ReturnType<typeof settings.read>;
