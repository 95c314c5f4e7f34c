import { secret, type Secret } from '@weft/config';
import { AppError } from '@weft/errors';
import { z } from 'zod';
import { PID_KINDS, type PidKind, type PidProvider } from '../application/pid-ports.js';
import { naanProblem, shoulderProblem, TEST_NAAN } from '../domain/pid.js';
import { dataciteProvider } from './datacite.js';
import { handleProvider } from './handle.js';
import { localArk } from './local-ark.js';

const judged = (problemOf: (text: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const problem = problemOf(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

const addressProblem = (text: string, { anyHttp }: { anyHttp: boolean }): string | undefined => {
  if (!URL.canParse(text)) return 'is not a URL';
  const { protocol, hostname, search, hash, username } = new URL(text);
  if (search !== '' || hash !== '' || username !== '') return 'has a query, a fragment or credentials in it';
  if (protocol === 'https:' || (protocol === 'http:' && (anyHttp || LOOPBACK.test(hostname))))
    return undefined;
  return anyHttp ? 'is not an http or https URL' : 'is not an https URL; credentials go there';
};

const address = (options: { anyHttp: boolean }) =>
  judged((text) => addressProblem(text, options)).transform((text) => text.replace(/\/+$/, ''));

const prefix = (form: RegExp, example: string) =>
  z.string().regex(form, `is not a prefix such as ${example}`);

/** How persistent identifiers are made and made known. */
export const pidSettings = {
  PID_PROVIDER: {
    schema: z.enum(PID_KINDS),
    default: 'local-ark',
    description:
      'Which persistent identifiers new items get: local-ark (needs nobody), handle (a Handle.Net server) or datacite (DOIs).',
  },
  PID_NAAN: {
    schema: judged(naanProblem),
    default: TEST_NAAN,
    description: 'Name assigning authority number of our ARKs; 99999 is for tests.',
  },
  PID_SHOULDER: {
    schema: judged(shoulderProblem),
    default: 'w1',
    description: 'How the names of our identifiers begin: one or two consonants and a digit.',
  },
  PID_RESOLVER_URL: {
    schema: address({ anyHttp: true }),
    default: null,
    description:
      'Base URL under which our identifiers are resolved, as <URL>/<identifier>, such as https://weft.example.org/pid of the gateway; required by handle and datacite, who lead there.',
  },
  HANDLE_URL: {
    schema: address({ anyHttp: false }),
    default: null,
    description: 'Base URL of the Handle.Net server, without /api; required by PID_PROVIDER=handle.',
  },
  HANDLE_PREFIX: {
    schema: prefix(/^[0-9A-Za-z]+(\.[0-9A-Za-z]+)*$/, '20.500.12345'),
    default: null,
    description: 'Prefix under which handles are made; required by PID_PROVIDER=handle.',
  },
  HANDLE_USER: {
    schema: z.string().regex(/^\d{1,9}:\S+\/\S+$/, 'is not <index>:<handle>, such as 300:20.500.12345/ADMIN'),
    default: null,
    description:
      'Index and handle of the administrator, such as 300:20.500.12345/ADMIN; required by PID_PROVIDER=handle.',
  },
  HANDLE_PASSWORD: {
    schema: secret(),
    default: null,
    description: 'Secret key of HANDLE_USER; required by PID_PROVIDER=handle.',
  },
  DATACITE_URL: {
    schema: address({ anyHttp: false }),
    default: 'https://api.datacite.org',
    description: 'Base URL of the DataCite REST API; https://api.test.datacite.org for tests.',
  },
  DATACITE_PREFIX: {
    schema: prefix(/^10\.\d{4,9}(\.\d+)*$/, '10.5072'),
    default: null,
    description: 'Prefix under which DOIs are made; required by PID_PROVIDER=datacite.',
  },
  DATACITE_REPOSITORY: {
    schema: z.string().regex(/^[^\s:]+$/, 'is not the id of a repository account'),
    default: null,
    description: 'Id of the repository account; required by PID_PROVIDER=datacite.',
  },
  DATACITE_PASSWORD: {
    schema: secret(),
    default: null,
    description: 'Password of the repository account; required by PID_PROVIDER=datacite.',
  },
} as const;

export interface PidSettings {
  readonly PID_PROVIDER: PidKind;
  readonly PID_NAAN: string;
  readonly PID_SHOULDER: string;
  readonly PID_RESOLVER_URL: string | undefined;
  readonly HANDLE_URL: string | undefined;
  readonly HANDLE_PREFIX: string | undefined;
  readonly HANDLE_USER: string | undefined;
  readonly HANDLE_PASSWORD: Secret | undefined;
  readonly DATACITE_URL: string;
  readonly DATACITE_PREFIX: string | undefined;
  readonly DATACITE_REPOSITORY: string | undefined;
  readonly DATACITE_PASSWORD: Secret | undefined;
}

/** Throws CONFIG_INVALID with the name of every variable that the chosen provider lacks. */
export function pidProviderOf(settings: PidSettings): PidProvider {
  const shoulder = settings.PID_SHOULDER;
  switch (settings.PID_PROVIDER) {
    case 'local-ark':
      return localArk(settings.PID_NAAN, shoulder);
    case 'handle': {
      const given = complete(settings, [
        'PID_RESOLVER_URL',
        'HANDLE_URL',
        'HANDLE_PREFIX',
        'HANDLE_USER',
        'HANDLE_PASSWORD',
      ]);
      return handleProvider({
        shoulder,
        url: given.HANDLE_URL,
        prefix: given.HANDLE_PREFIX,
        user: given.HANDLE_USER,
        password: given.HANDLE_PASSWORD,
      });
    }
    case 'datacite': {
      const given = complete(settings, [
        'PID_RESOLVER_URL',
        'DATACITE_PREFIX',
        'DATACITE_REPOSITORY',
        'DATACITE_PASSWORD',
      ]);
      return dataciteProvider({
        shoulder,
        url: settings.DATACITE_URL,
        prefix: given.DATACITE_PREFIX,
        user: given.DATACITE_REPOSITORY,
        password: given.DATACITE_PASSWORD,
      });
    }
  }
}

type Complete<Names extends keyof PidSettings> = { readonly [K in Names]: NonNullable<PidSettings[K]> };

function complete<Names extends keyof PidSettings>(
  settings: PidSettings,
  names: readonly Names[],
): Complete<Names> {
  const problems = names
    .filter((name) => settings[name] === undefined)
    .map((name) => `${name} is required by PID_PROVIDER=${settings.PID_PROVIDER}`);
  if (problems.length > 0)
    throw new AppError('CONFIG_INVALID', `registry service: ${problems.join(' | ')}`, { problems });
  return settings as Complete<Names>;
}
