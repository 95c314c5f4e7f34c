import { ensureDatabases } from '@weft/embedded';
import type { Secrets } from './secrets.js';
import { SERVICES, suffixOf, type ServiceName, type Settings } from './settings.js';

type Urls = Readonly<Record<ServiceName, string>>;

/** The ready-made databases that settings name. */
export const givenDatabases = (settings: Settings): Partial<Urls> =>
  Object.fromEntries(
    SERVICES.flatMap((service) => {
      const given = settings[`DATABASE_URL_${suffixOf(service) as Uppercase<ServiceName>}`];
      return given === undefined ? [] : [[service, given.reveal()]];
    }),
  );

/** A database for each service: the given ones, the others made on the administrator's server. */
export async function databaseUrls(
  given: Partial<Urls>,
  adminUrl: () => Promise<string>,
  secrets: Secrets,
): Promise<Urls> {
  const missing = SERVICES.filter((service) => given[service] === undefined);
  if (missing.length === 0) return given as Urls;
  const accounts = missing.map((service) => ({
    name: `weft_${service}`,
    password: secrets.databases[service] ?? '',
  }));
  const made = await ensureDatabases(await adminUrl(), accounts);
  return {
    ...Object.fromEntries(missing.map((service) => [service, made.get(`weft_${service}`) ?? ''])),
    ...given,
  } as Urls;
}
