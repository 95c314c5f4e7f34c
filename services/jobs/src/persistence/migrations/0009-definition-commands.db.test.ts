import { randomUUID } from 'node:crypto';
import { openDatabase, type Database } from '@weft/database';
import { createLogger } from '@weft/telemetry';
import { emptyTestDatabase } from '@weft/testkit';
import { expect, it } from 'vitest';
import { createDefinitionStore } from '../definition-store.js';
import { DefinitionCommands1763000000009 } from './0009-definition-commands.js';
import { MIGRATIONS } from './index.js';

it('says in full what definitions from before it say, and leaves their history closed', async () => {
  const url = await emptyTestDatabase('definition-commands');
  const withMigrations = async <T>(
    migrations: typeof MIGRATIONS,
    work: (database: Database) => Promise<T>,
  ): Promise<T> => {
    const logger = createLogger('test', 'silent');
    const database = await openDatabase({ url, applicationName: 'test', entities: [], migrations, logger });
    try {
      await database.migrate();
      return await work(database);
    } finally {
      await database.close();
    }
  };
  const id = randomUUID();
  const before = MIGRATIONS.filter((one) => one !== DefinitionCommands1763000000009);
  await withMigrations(before, async (database) => {
    await database.query(`insert into job_definition values ($1, $2, 'old', 1, 'u', now(), now(), null)`, [
      id,
      randomUUID(),
    ]);
    await database.query(
      `insert into job_definition_version (definition_id, version, name, description, template, data, params, inputs, created_by, created_at)
        values ($1, 1, 'old', '', '{"format":1,"kind":"MANAGED_SERVICE","serviceVersionId":"v","priority":3}', '1', null, null, 'u', now())`,
      [id],
    );
  });
  await withMigrations(MIGRATIONS, async (database) => {
    const found = await createDefinitionStore(database).current(id);
    expect(found?.current.template).toEqual({
      format: 1,
      kind: 'MANAGED_SERVICE',
      serviceVersionId: 'v',
      priority: 3,
      codeArtifactId: null,
      size: null,
      image: null,
      webhook: null,
      data: '1',
      params: null,
      command: null,
    });
    await expect(database.query(`update job_definition_version set name = 'x'`)).rejects.toThrow(
      /append-only/,
    );
  });
});
