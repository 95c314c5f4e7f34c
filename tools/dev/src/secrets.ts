// Everything secret of one installation, made once and kept in <data>/secrets.json (mode 0600). Never logged.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@weft/errors';
import { writeAtomically } from '@weft/embedded';
import type { SigningKey } from '@weft/identity';
import { newSecretsKey } from '@weft/secrets';

export interface Secrets {
  readonly postgresSuperuser: string;
  readonly firstUserToken: string;
  readonly artifactSigningKey: string;
  /** What secret environment values of jobs are encrypted with: lost, they are lost. */
  readonly secretsKey: string;
  readonly actorSigningKey: SigningKey;
  /** By service. */
  readonly databases: Readonly<Record<string, string>>;
  /** By NATS user: the services and the workers. */
  readonly nats: Readonly<Record<string, string>>;
}

/** Reads the secrets of the data folder, adding what is missing. */
export async function ensureSecrets(
  dataDir: string,
  services: readonly string[],
  natsUsers: readonly string[],
): Promise<Secrets> {
  const file = join(dataDir, 'secrets.json');
  const known = read(file);
  const secrets: Secrets = {
    postgresSuperuser: known.postgresSuperuser ?? random(),
    firstUserToken: known.firstUserToken ?? `weft_${randomBytes(32).toString('base64url')}`,
    artifactSigningKey: known.artifactSigningKey ?? random(),
    secretsKey: known.secretsKey ?? newSecretsKey(),
    actorSigningKey: known.actorSigningKey ?? (await newSigningKey()),
    databases: complete(known.databases, services),
    nats: complete(known.nats, natsUsers),
  };
  const text = `${JSON.stringify(secrets, undefined, 2)}\n`;
  if (text !== known.text) writeAtomically(file, text, 0o600);
  writeAtomically(join(dataDir, 'token'), `${secrets.firstUserToken}\n`, 0o600);
  return secrets;
}

function read(file: string): Partial<Secrets> & { text?: string } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  try {
    return { ...(JSON.parse(text) as Secrets), text };
  } catch (cause) {
    // Made anew, the secrets would not open the databases that were made with the old ones.
    throw new AppError(
      'CONFIG_INVALID',
      `${file} is not readable as JSON; restore it from a backup.`,
      {},
      { cause },
    );
  }
}

const complete = (
  known: Readonly<Record<string, string>> = {},
  names: readonly string[],
): Record<string, string> => ({
  ...known,
  ...Object.fromEntries(names.map((name) => [name, known[name] ?? random()])),
});

const random = (): string => randomBytes(24).toString('base64url');

/** Loaded on the first start only: a running supervisor stays light. */
async function newSigningKey(): Promise<SigningKey> {
  const { generateSigningKey } = await import('@weft/identity');
  return generateSigningKey();
}
