import { openDatabase, type Database } from '@weft/database';
import { createLogger } from '@weft/telemetry';
import { emptyTestDatabase } from '@weft/testkit';
import { afterAll } from 'vitest';
import { entities, migrations } from '../persistence/schema.js';

/** The tables of this service without the service, for a whole file; called at its top level. */
export async function testTables(): Promise<Database> {
  const url = await emptyTestDatabase('marketplace_tables');
  const logger = createLogger('marketplace', 'silent');
  const database = await openDatabase({
    url,
    applicationName: 'marketplace-tables',
    entities,
    migrations,
    logger,
  });
  afterAll(() => database.close());
  await database.migrate();
  return database;
}
