import { AppError } from '@weft/errors';
import type { Client } from 'pg';

export interface DatabaseAccount {
  /** Name of the role and of the database that it owns. */
  readonly name: string;
  readonly password: string;
}

/**
 * Ensures a login role and a database of its own for each account, on the server of an administrator's URL.
 * Nobody but its owner may connect to a database. Returns the URL of each, by name.
 */
export async function ensureDatabases(
  adminUrl: string,
  accounts: readonly DatabaseAccount[],
): Promise<Map<string, string>> {
  // Loaded when needed: a supervisor on foreign servers never needs it.
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: adminUrl, application_name: 'weft-setup' });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const hint =
      code === '28P01'
        ? ' The password in DATABASE_URL is wrong; or, without it, the one in secrets.json is not of these database files.'
        : '';
    throw new AppError(
      'CONFIG_INVALID',
      `PostgreSQL refused the administrator's connection: ${message}.${hint}`,
      {},
      { cause },
    );
  }
  try {
    for (const account of accounts) await ensureAccount(client, account);
  } finally {
    await client.end();
  }
  return new Map(accounts.map((account) => [account.name, urlOf(adminUrl, account)]));
}

async function ensureAccount(client: Client, { name, password }: DatabaseAccount): Promise<void> {
  const role = client.escapeIdentifier(name);
  const known = await client.query('select 1 from pg_roles where rolname = $1', [name]);
  const verb = known.rowCount === 0 ? 'create' : 'alter';
  await client.query(`${verb} role ${role} login password ${client.escapeLiteral(password)}`);
  const database = await client.query('select 1 from pg_database where datname = $1', [name]);
  if (database.rowCount !== 0) return;
  // An administrator who is no superuser must be a member of the role to give it a database.
  const admin = await client.query<{ rolsuper: boolean }>(
    'select rolsuper from pg_roles where rolname = current_user',
  );
  if (admin.rows[0]?.rolsuper !== true) await client.query(`grant ${role} to current_user`);
  await client.query(`create database ${role} owner ${role} encoding 'UTF8' template template0`);
  await client.query(`revoke connect, temporary on database ${role} from public`);
}

function urlOf(adminUrl: string, account: DatabaseAccount): string {
  const url = new URL(adminUrl);
  url.username = account.name;
  url.password = encodeURIComponent(account.password);
  url.pathname = `/${account.name}`;
  return url.href;
}
