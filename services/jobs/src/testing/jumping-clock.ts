// A database whose clock can be put forward: whatever asks it for the time - statements, defaults, the engine - is told the
// time that it would be.
import { openDatabase } from '@weft/database';
import { createLogger } from '@weft/telemetry';
import { testDatabase, type TestDatabase } from '@weft/testkit';
import { MIGRATIONS } from '../persistence/migrations/index.js';
import { ENTITIES } from '../persistence/tables.js';

export interface JumpingDatabase extends TestDatabase {
  /** Puts the clock so many hours before the real one. */
  setAhead(hours: number): Promise<void>;
}

const HOUR_MS = 3_600_000;
const AHEAD = 'make_interval(hours => (select hours from jumping.ahead))';

/** Found before those of PostgreSQL by whoever connects from now on. */
const INSTALL = `
  create schema jumping;
  create table jumping.ahead (hours int not null);
  insert into jumping.ahead values (0);
  create function jumping.now() returns timestamptz language sql stable
    as 'select pg_catalog.now() + ${AHEAD}';
  create function jumping.clock_timestamp() returns timestamptz language sql volatile
    as 'select pg_catalog.clock_timestamp() + ${AHEAD}';
  do $$ declare c record; begin
    for c in select table_name, column_name from information_schema.columns
      where table_schema = 'public' and column_default = 'now()'
    loop
      execute format('alter table %I alter %I set default jumping.now()', c.table_name, c.column_name);
    end loop;
    execute format('alter database %I set search_path = jumping, pg_catalog, public', current_database());
  end $$`;

export async function jumpingDatabase(): Promise<JumpingDatabase> {
  const options = { applicationName: 'jobs', entities: ENTITIES, migrations: MIGRATIONS };
  const plain = await testDatabase(options);
  await plain.query(INSTALL);
  const database = await openDatabase({ ...options, url: plain.url, logger: createLogger('test', 'silent') });
  let hours = 0;
  return Object.assign(Object.create(database) as typeof database, {
    url: plain.url,
    // PostgreSQL runs on this machine: its clock is this one.
    now: () => new Date(Date.now() + hours * HOUR_MS),
    async setAhead(ahead: number) {
      await database.query('update jumping.ahead set hours = $1', [ahead]);
      hours = ahead;
    },
  });
}
