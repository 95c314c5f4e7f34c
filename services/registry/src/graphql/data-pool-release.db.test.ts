import { createHash, randomUUID } from 'node:crypto';
import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { ACME, anOutcome, aSucceededJob, id, RIVAL, sha } from '../testing/finished-jobs.js';
import { dataPoolSteps, type DataPoolSteps } from '../testing/data-pool-steps.js';
import { ADA, aMember } from '../testing/item-steps.js';

const OLGA = aMember('olga', 'OWNER');
const VERA = aMember('vera', 'VIEWER');

let database: Database;
let steps: DataPoolSteps;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  steps = await dataPoolSteps(database);
});
afterAll(() => database.close());

describe('release', () => {
  const asked = async (): Promise<string> => {
    const pool = await steps.aPool();
    await steps.add(pool, 'a', 'content');
    await steps.done('requestDataPoolRelease', { id: pool, reviewerId: OLGA.id, note: 'please' });
    return pool;
  };

  test('is asked for, approved by the reviewer, kept in history, and registers the pool with its files', async () => {
    const pool = await asked();
    expect(await steps.refused('decideDataPoolRelease', { id: pool, approve: true })).toEqual([
      'FORBIDDEN input.id',
    ]);
    expect(await steps.refused('decideDataPoolRelease', { id: pool, approve: true }, VERA)).toEqual([
      'FORBIDDEN input.id',
    ]);
    const released = await steps.done(
      'decideDataPoolRelease',
      { id: pool, approve: true, note: 'good' },
      OLGA,
    );
    expect(released).toMatchObject({
      releaseState: 'RELEASED',
      manifestSha256: sha(`${sha('content')} 7 a\n`),
    });
    const shown = await steps.pool(
      pool,
      `releasedAt reviewer { id } releaseHistory { edges { node { action note user { id } reviewer { id } } } }
       item { subtype name upstream { edges { relation node { id name } } } } file(name: "a") { item { id } }`,
    );
    expect(shown).toMatchObject({
      reviewer: { id: OLGA.id },
      releaseHistory: {
        edges: [
          { node: { action: 'APPROVE', note: 'good', user: { id: OLGA.id }, reviewer: { id: OLGA.id } } },
          { node: { action: 'REQUEST', note: 'please', user: { id: ADA.id }, reviewer: { id: OLGA.id } } },
        ],
      },
      item: { subtype: 'DATA_POOL' },
    });
    const { item, file } = shown as unknown as {
      item: { upstream: { edges: { relation: string; node: { id: string } }[] } };
      file: { item: { id: string } };
    };
    expect(item.upstream.edges.map(({ relation }) => relation).sort()).toEqual([
      'HAD_MEMBER',
      'WAS_ATTRIBUTED_TO',
    ]);
    expect(item.upstream.edges.find(({ relation }) => relation === 'HAD_MEMBER')?.node.id).toBe(file.item.id);
    expect(await steps.refused('decideDataPoolRelease', { id: pool, approve: true }, OLGA)).toEqual([
      'CONFLICT input.id',
    ]);
  });

  test('asked for or given, the files stay as they are', async () => {
    const pool = await asked();
    const artifactId = await steps.stored('more');
    const refusals = async (): Promise<string[]> => [
      ...(await steps.refused('addDataPoolFile', { dataPoolId: pool, name: 'b', artifactId })),
      ...(await steps.refused('removeDataPoolFile', { dataPoolId: pool, name: 'a' })),
      ...(await steps.refused('pruneDataPool', { id: pool })),
      ...(await steps.refused('deleteDataPool', { id: pool, reason: 'r' })),
    ];
    const locked = ['input.dataPoolId', 'input.dataPoolId', 'id', 'input.id'].map(
      (place) => `DATA_POOL_LOCKED ${place}`,
    );
    expect(await refusals()).toEqual(locked);
    expect(await steps.refused('sealDataPool', { id: pool })).toEqual(['DATA_POOL_LOCKED id']);
    await steps.done('decideDataPoolRelease', { id: pool, approve: true }, OLGA);
    expect(await refusals()).toEqual(locked);
    await steps.done('updateDataPool', { id: pool, description: 'still said' });
    expect(await steps.refused('updateDataPool', { id: pool, licence: 'MIT' })).toEqual([
      'DATA_POOL_LOCKED input.licence',
    ]);
    await steps.done('sealDataPool', { id: pool });
    expect(await steps.refused('updateDataPool', { id: pool, name: 'n', licence: 'MIT' })).toEqual([
      'DATA_POOL_SEALED input.licence',
    ]);
    await steps.done('updateDataPool', { id: pool, name: 'another name', licence: null });
  });

  test('asked for or given, every change of the pool leaves a trace', async () => {
    const HISTORY = 'changeHistory { edges { node { action before after user { id } } } }';
    const pool = await steps.aPool({ name: 'traced', description: 'At first.' });
    await steps.add(pool, 'a');
    await steps.done('updateDataPool', { id: pool, description: 'Nobody relies on it.' });
    await steps.done('requestDataPoolRelease', { id: pool, reviewerId: OLGA.id });
    await steps.done('updateDataPool', { id: pool, name: 'traced', tags: ['sea'] });
    await steps.done('updateDataPool', { id: pool, name: 'traced' });
    await steps.done('decideDataPoolRelease', { id: pool, approve: true }, OLGA);
    const everyone = { kind: 'EVERYONE', principalId: null, roles: ['METADATA_READ'] };
    const { access } = (await steps.pool(pool, 'access { kind principalId roles }')) as unknown as {
      access: object[];
    };
    await steps.done('setDataPoolAccess', { id: pool, grants: [...access, everyone] });
    await steps.done('transferDataPool', { id: pool, ownerId: OLGA.id });
    const told = (before: object, after: object, user = ADA.id) => ({ before, after, user: { id: user } });
    const owners = told({ ownerId: ADA.id }, { ownerId: OLGA.id });
    const tags = told({ tags: [] }, { tags: ['sea'] });
    const shown = (grants: object) => ({
      changeHistory: {
        edges: [
          { node: { action: 'TRANSFERRED', ...owners } },
          { node: { action: 'ACCESS_CHANGED', ...grants } },
          { node: { action: 'UPDATED', ...tags } },
        ],
      },
    });
    expect(await steps.pool(pool, HISTORY, OLGA)).toMatchObject(
      shown(told({ grants: access }, { grants: [...access, everyone] })),
    );
    expect(await steps.pool(pool, HISTORY, VERA)).toEqual(shown(told({}, {})));
  });

  test('is asked of nobody whom no grant lets read the data', async () => {
    const pool = await steps.aPool();
    await steps.add(pool, 'a');
    const grants = (...given: object[]) => steps.done('setDataPoolAccess', { id: pool, grants: given });
    const ask = { id: pool, reviewerId: VERA.id };
    const refused = ['BAD_USER_INPUT input.reviewerId'];
    await grants({ kind: 'USER', principalId: OLGA.id, roles: ['DATA_READ'] });
    expect(await steps.refused('requestDataPoolRelease', ask)).toEqual(refused);
    await grants({ kind: 'ORGANIZATION', principalId: ACME, roles: ['METADATA_READ'] });
    expect(await steps.refused('requestDataPoolRelease', ask)).toEqual(refused);
    await grants({ kind: 'USER', principalId: VERA.id, roles: ['DATA_READ'] });
    await steps.done('requestDataPoolRelease', { ...ask, reviewerId: VERA.id.toUpperCase() });
  });

  test('is rejected with a reason, or taken back, and can be asked for again', async () => {
    const pool = await asked();
    expect(await steps.refused('decideDataPoolRelease', { id: pool, approve: false }, OLGA)).toEqual([
      'BAD_USER_INPUT input.note',
    ]);
    await steps.done('decideDataPoolRelease', { id: pool, approve: false, note: 'incomplete' }, OLGA);
    await steps.add(pool, 'b');
    await steps.done('requestDataPoolRelease', { id: pool, reviewerId: OLGA.id });
    const back = await steps.done('decideDataPoolRelease', { id: pool, approve: false, note: 'too early' });
    expect(back).toMatchObject({ releaseState: 'NOT_RELEASED', manifestSha256: null });
  });

  test('nobody approves his own, but at home', async () => {
    const pool = await steps.aPool({}, OLGA);
    await steps.add(pool, 'a', 'x', OLGA);
    // ACME is the personal organization of none but those for whom it is said.
    const away = { ...OLGA, personalOrganizationId: id('home of olga') };
    expect(await steps.refused('requestDataPoolRelease', { id: pool, reviewerId: OLGA.id }, away)).toEqual([
      'FORBIDDEN input.reviewerId',
    ]);
    await steps.done('requestDataPoolRelease', { id: pool, reviewerId: ADA.id }, away);
    expect(await steps.refused('decideDataPoolRelease', { id: pool, approve: true }, away)).toEqual([
      'FORBIDDEN input.id',
    ]);
    expect((await steps.done('decideDataPoolRelease', { id: pool, approve: true }, OLGA)).releaseState).toBe(
      'RELEASED',
    );
  });

  test('is not asked for an empty pool', async () => {
    const pool = await steps.aPool();
    expect(await steps.refused('requestDataPoolRelease', { id: pool, reviewerId: OLGA.id })).toEqual([
      'CONFLICT input.id',
    ]);
    expect(await steps.refused('sealDataPool', { id: pool })).toEqual(['CONFLICT id']);
  });
});

describe('a sealed pool', () => {
  test('stays as it is for ever, also for whoever writes to the database', async () => {
    const pool = await steps.aPool();
    await steps.add(pool, 'b', 'first');
    await steps.add(pool, 'b', 'second');
    await steps.add(pool, 'a', 'other');
    const sealed = await steps.done('sealDataPool', { id: pool });
    const manifest = `${sha('other')} 5 a\n${sha('second')} 6 b\n`;
    expect(sealed.manifestSha256).toBe(createHash('sha256').update(manifest).digest('hex'));
    expect(await steps.done('sealDataPool', { id: pool })).toEqual(sealed);
    const artifactId = await steps.stored('more');
    expect(await steps.refused('addDataPoolFile', { dataPoolId: pool, name: 'c', artifactId })).toEqual([
      'DATA_POOL_SEALED input.dataPoolId',
    ]);
    expect(await steps.refused('deleteDataPool', { id: pool, reason: 'r' })).toEqual([
      'DATA_POOL_SEALED input.id',
    ]);
    const kept = await steps.pool(
      pool,
      'sealed { user { id } } file(name: "b") { versions { edges { node { version } } } }',
    );
    expect(kept).toEqual({
      sealed: { user: { id: ADA.id } },
      file: { versions: { edges: [{ node: { version: 2 } }] } },
    });
    for (const statement of [
      `delete from data_pool_file where pool = (select id from data_pool where public_id = $1)`,
      `update data_pool_file set name = 'z' where pool = (select id from data_pool where public_id = $1)`,
      `update data_pool set manifest_sha256 = repeat('0', 64) where public_id = $1`,
      `update data_pool set sealed_at = null, sealed_by = null where public_id = $1`,
    ])
      await expect(database.query(statement, [pool])).rejects.toThrow(/sealed/);
  });

  test('has what was added before it was sealed, and nothing of what came too late', async () => {
    const pool = await steps.aPool();
    await steps.add(pool, 'base');
    const artifacts = await Promise.all(Array.from({ length: 6 }, (_, n) => steps.stored(`racing ${n}`)));
    const [sealed, ...added] = await Promise.all([
      steps.change('sealDataPool', { id: pool }),
      ...artifacts.map((artifactId, n) =>
        steps.change('addDataPoolFile', { dataPoolId: pool, name: `f${n}`, artifactId }),
      ),
    ]);
    expect(sealed?.userErrors).toEqual([]);
    const accepted = added.filter(({ file }) => file != null);
    expect(await steps.names(pool)).toHaveLength(1 + accepted.length);
    const rows = await database.query<{ name: string; sha256: string; size: number }>(
      `select name, sha256, size from data_pool_file f where current and pool = (select id from data_pool where public_id = $1) order by name`,
      [pool],
    );
    const manifest = rows.map(({ name, sha256, size }) => `${sha256} ${size} ${name}\n`).join('');
    expect((await steps.pool(pool))?.manifestSha256).toBe(sha(manifest));
    const members = await steps.pool(pool, 'item { upstream(first: 100) { edges { relation } } }');
    const { edges } = (members!['item'] as { upstream: { edges: { relation: string }[] } }).upstream;
    expect(edges.filter(({ relation }) => relation === 'HAD_MEMBER')).toHaveLength(rows.length);
  });
});

describe('results', () => {
  const finish = async (name: string, artifactId: string | null, organizationId = ACME): Promise<string> => {
    const outcomes = [anOutcome(0, { resultArtifactId: artifactId, resultSha256: sha(name) })];
    const job = aSucceededJob(name, { outcomes, organizationId });
    await steps.parts.recordFinishedJobs('test', [{ messageId: name, job }]);
    return job.jobId;
  };

  test('are saved as the entity that provenance knows already', async () => {
    const dataPoolId = await steps.aPool();
    const jobId = await finish('made a file', await steps.stored('made a file'));
    const { file } = await steps.change('saveJobResultToDataPool', {
      dataPoolId,
      jobId,
      name: 'result.json',
    });
    expect(file).toMatchObject({ name: 'result.json', sha256: sha('made a file') });
    const shown = await steps.pool(
      dataPoolId,
      'file(name: "result.json") { source { itemIndex job { id } } item { subtype wasGeneratedBy { name } } }',
    );
    expect(shown?.['file']).toEqual({
      source: { itemIndex: 0, job: { id: jobId } },
      item: { subtype: 'RESULT', wasGeneratedBy: { name: 'made a file' } },
    });
  });

  test('that are values, unknown, others’ or gone are refused', async () => {
    const dataPoolId = await steps.aPool();
    const save = (jobId: string, itemIndex = 0): Promise<string[]> =>
      steps.refused('saveJobResultToDataPool', { dataPoolId, jobId, itemIndex, name: 'x' });
    expect(await save(await finish('made a value', null))).toEqual(['BAD_USER_INPUT input.itemIndex']);
    expect(await save(randomUUID())).toEqual(['REFERENCE_UNKNOWN input.jobId']);
    expect(await save(await finish('another item', await steps.stored('another item')), 7)).toEqual([
      'REFERENCE_UNKNOWN input.jobId',
    ]);
    expect(await save(await finish('of a rival', await steps.stored('of a rival', RIVAL), RIVAL))).toEqual([
      'REFERENCE_UNKNOWN input.jobId',
    ]);
    const jobId = await finish('to be deleted', await steps.stored('to be deleted'));
    const gone = { jobId, organizationId: ACME, previousOrganizationId: ACME, jobSeq: 4 };
    for (const [revision, change] of [
      [2, 'DELETED'],
      [1, 'TRANSFERRED'],
    ] as const) {
      const fact = { ...gone, revision, change };
      const at = '2026-11-21T00:00:00.000Z';
      await steps.parts.keepJobRecords('test', [{ messageId: randomUUID(), at, change: fact }]);
    }
    expect(await save(jobId)).toEqual(['REFERENCE_UNKNOWN input.jobId']);
  });
});
