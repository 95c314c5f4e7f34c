import { testDatabase } from '@weft/testkit';
import { expect, it } from 'vitest';
import { registryDatabase } from '../../context.js';
import { ACME, id, sha } from '../../testing/finished-jobs.js';
import { AutomaticProvenance1700000009000 } from './0009-automatic-provenance.js';

it('knows of files, retries and job records what was known before, back and forth', async () => {
  const database = await testDatabase(registryDatabase);
  const migration = new AutomaticProvenance1700000009000();
  const runner = database.dataSource.createQueryRunner();
  await migration.down(runner);
  const node = async (name: string): Promise<number> => {
    const [row] = (await runner.query(
      `insert into node (public_id, kind, subtype, organization_id, revision, name, facts, readers, search)
       values ($1, 'ACTIVITY', 'JOB', $2, 1, $3, jsonb_build_object('jobId', $4::text), '{}', '') returning id`,
      [id(name), ACME, name, id(name)],
    )) as [{ id: number }];
    return row.id;
  };
  const ends = [await node('retry'), await node('first')];
  await runner.query(
    `insert into edge (src, dst, relation, role, organization_id) values ($1, $2, 'WAS_INFORMED_BY', '', $3)`,
    [...ends, ACME],
  );
  await runner.query(`insert into known_artifact values ($1, $2, 'code.mjs', 'text/javascript', 3, $3)`, [
    id('file'),
    ACME,
    sha('file'),
  ]);
  await runner.query(`insert into known_job_record values ($1, $2, 1), ($3, null, 2)`, [
    id('given'),
    ACME,
    id('deleted'),
  ]);
  const RECORDS = 'select job_id, organization_id, revision from known_job_record order by revision';
  const before = (await runner.query(RECORDS)) as unknown;
  for (let round = 0; round < 2; round += 1) {
    await migration.up(runner);
    expect(
      await runner.query(`select facts ->> 'retryOf' as earlier from node where name = 'retry'`),
    ).toEqual([{ earlier: id('first') }]);
    expect(await runner.query('select * from node_description')).toEqual([
      { subject: `artifact/${id('file')}`, revision: 1, name: 'code.mjs', facts: { sha256: sha('file') } },
    ]);
    expect(
      await runner.query(
        'select given_to, deleted_at is not null as deleted from known_job_record order by revision',
      ),
    ).toEqual([
      { given_to: [ACME], deleted: false },
      { given_to: [], deleted: true },
    ]);
    await migration.down(runner);
    expect(await runner.query(RECORDS)).toEqual(before);
  }
  await migration.up(runner);
  await runner.release();
  await database.close();
});
