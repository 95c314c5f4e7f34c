import { randomUUID } from 'node:crypto';
import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { ACME, id, RIVAL, sha } from '../testing/finished-jobs.js';
import { dataPoolSteps, type DataPoolSteps } from '../testing/data-pool-steps.js';
import { ADA, aMember } from '../testing/item-steps.js';

const VERA = aMember('vera', 'VIEWER');
const RITA = aMember('rita', 'OWNER', [RIVAL]);

let database: Database;
let steps: DataPoolSteps;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  steps = await dataPoolSteps(database);
});
afterAll(() => database.close());

describe('data pools', () => {
  test('are made, described, listed and deleted', async () => {
    const input = {
      name: 'Sea ice',
      description: 'Extent by day',
      licence: 'CC-BY-4.0',
      tags: ['ice', 'ice'],
    };
    const pool = await steps.aPool(input);
    expect(await steps.refused('createDataPool', input)).toEqual(['CONFLICT input.name']);
    await steps.done('updateDataPool', { id: pool, licence: 'https://example.org/licence' });
    const shown = await steps.pool(
      pool,
      'name description licence tags owner { id } organization { id } size',
    );
    expect(shown).toEqual({
      ...{ name: 'Sea ice', description: 'Extent by day', licence: 'https://example.org/licence' },
      ...{ tags: ['ice'], owner: { id: ADA.id }, organization: { id: ACME }, size: 0 },
    });
    const found = async (filter: string): Promise<unknown> =>
      steps.ask.data(`{ dataPools(filter: {${filter}}) { edges { node { id } } } }`, {}, ADA);
    const alone = { dataPools: { edges: [{ node: { id: pool } }] } };
    expect(await found('text: "extent ice"')).toEqual(alone);
    expect(await found('tag: "ice", releaseState: NOT_RELEASED, sealed: false')).toEqual(alone);
    expect(await found('text: "extent -ice"')).toEqual({ dataPools: { edges: [] } });
    expect((await steps.change('deleteDataPool', { id: pool })).deletedId).toBe(pool);
    expect(await steps.pool(pool)).toBeNull();
    await steps.aPool(input);
  });

  test('say everything that is wrong at once', async () => {
    expect(
      await steps.refused('createDataPool', { name: ' ', licence: 'javascript:alert(1)', tags: [''] }),
    ).toEqual(['BAD_USER_INPUT input.name', 'BAD_USER_INPUT input.licence', 'BAD_USER_INPUT input.tags.0']);
    expect(await steps.refused('createDataPool', { name: 'x' }, VERA)).toEqual([
      'FORBIDDEN input.organizationId',
    ]);
  });

  test('with files are deleted only with a reason', async () => {
    const pool = await steps.aPool();
    await steps.add(pool, 'a');
    expect(await steps.refused('deleteDataPool', { id: pool })).toEqual(['BAD_USER_INPUT input.reason']);
    expect((await steps.change('deleteDataPool', { id: pool, reason: 'wrong data' })).deletedId).toBe(pool);
  });

  test('are pages without gaps, newest first', async () => {
    const alone = aMember('paula', 'OWNER', [id('organization of paula')]);
    const made: string[] = [];
    for (let n = 0; n < 5; n += 1) made.unshift(await steps.aPool({}, alone));
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: { dataPools: { edges: { node: { id: string } }[]; pageInfo: Record<string, string> } } =
        await steps.ask.data(
          `query ($after: String) { dataPools(first: 2, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } } }`,
          { after },
          alone,
        );
      seen.push(...page.dataPools.edges.map(({ node }) => node.id));
      after = page.dataPools.pageInfo['hasNextPage'] ? (page.dataPools.pageInfo['endCursor'] ?? null) : null;
    } while (after !== null);
    expect(seen).toEqual(made);
  });
});

describe('files of a pool', () => {
  test('have versions: the last one counts, earlier ones stay until they are pruned', async () => {
    const pool = await steps.aPool({ licence: 'MIT' });
    const first = await steps.add(pool, 'data/ü.csv', 'one');
    const second = await steps.add(pool, 'data/ü.csv', 'two');
    expect(await steps.names(pool)).toEqual(['data/ü.csv']);
    const shown = await steps.pool(
      pool,
      'file(name: "data/ü.csv") { id version licence mediaType versions { edges { node { id version current sha256 } } } }',
    );
    expect(shown?.['file']).toEqual({
      ...{ id: second, version: 2, licence: 'MIT', mediaType: 'text/csv' },
      versions: {
        edges: [
          { node: { id: second, version: 2, current: true, sha256: sha('two') } },
          { node: { id: first, version: 1, current: false, sha256: sha('one') } },
        ],
      },
    });
    await steps.done('pruneDataPool', { id: pool });
    const kept = await steps.pool(pool, 'file(name: "data/ü.csv") { versions { edges { node { id } } } }');
    expect(kept?.['file']).toEqual({ versions: { edges: [{ node: { id: second } }] } });
    await steps.done('removeDataPoolFile', { dataPoolId: pool, name: 'data/ü.csv' });
    expect(await steps.names(pool)).toEqual([]);
    await steps.add(pool, 'data/ü.csv', 'three');
    expect((await steps.pool(pool, 'file(name: "data/ü.csv") { version }'))?.['file']).toEqual({
      version: 3,
    });
  });

  test('come by name, by prefix and in pages', async () => {
    const pool = await steps.aPool();
    for (const name of ['b', 'a/2', 'a/1', 'Z', 'ä']) await steps.add(pool, name);
    expect(await steps.names(pool)).toEqual(['Z', 'a/1', 'a/2', 'b', 'ä']);
    const page = 'edges { node { name } } pageInfo { hasNextPage endCursor }';
    const first = await steps.pool(pool, `files(first: 1, prefix: "a/") { ${page} }`);
    expect(first?.['files']).toMatchObject({
      edges: [{ node: { name: 'a/1' } }],
      pageInfo: { hasNextPage: true },
    });
    const { endCursor } = (first!['files'] as { pageInfo: { endCursor: string } }).pageInfo;
    const rest = await steps.pool(pool, `files(prefix: "a/", after: "${endCursor}") { ${page} }`);
    expect(rest?.['files']).toMatchObject({
      edges: [{ node: { name: 'a/2' } }],
      pageInfo: { hasNextPage: false },
    });
  });

  test('added again with the same content change nothing', async () => {
    const pool = await steps.aPool();
    const artifactId = await steps.stored('same');
    const input = { dataPoolId: pool, name: 'x', artifactId };
    const [one, again] = [
      await steps.change('addDataPoolFile', input),
      await steps.change('addDataPoolFile', input),
    ];
    expect(again.file).toEqual(one.file);
  });

  test('of one name at once get one version each', async () => {
    const pool = await steps.aPool();
    await Promise.all(Array.from({ length: 8 }, () => steps.add(pool, 'racing')));
    const shown = await steps.pool(
      pool,
      'file(name: "racing") { version versions { edges { node { version current } } } }',
    );
    const { version, versions } = shown!['file'] as {
      version: number;
      versions: { edges: { node: { version: number; current: boolean } }[] };
    };
    expect(version).toBe(8);
    expect(versions.edges.map(({ node }) => node.version)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect(versions.edges.filter(({ node }) => node.current)).toHaveLength(1);
  });

  test.each(['', ' a', 'a//b', '/a', 'a/', '../a', 'a/./b', 'a\\b', 'a\nb', 'x'.repeat(501)])(
    'are not called %j',
    async (name) => {
      const dataPoolId = await steps.aPool();
      const artifactId = await steps.stored('x');
      expect(await steps.refused('addDataPoolFile', { dataPoolId, name, artifactId })).toEqual([
        'BAD_USER_INPUT input.name',
      ]);
    },
  );

  test('are what somebody may give: his organization’s, and to others with the role MAINTAINER', async () => {
    const dataPoolId = await steps.aPool();
    const add = (artifactId: string, actor = ADA): Promise<string[]> =>
      steps.refused('addDataPoolFile', { dataPoolId, name: 'x', artifactId }, actor);
    const unknown = ['REFERENCE_UNKNOWN input.artifactId'];
    expect(await add(randomUUID())).toEqual(unknown);
    expect(await add('nonsense')).toEqual(unknown);
    const rivals = await steps.stored('theirs', RIVAL);
    expect(await add(rivals)).toEqual(unknown);
    const grants = [{ kind: 'ORGANIZATION', principalId: RIVAL, roles: ['DATA_WRITE'] }];
    await steps.done('setDataPoolAccess', { id: dataPoolId, grants });
    const viewer = aMember('rudi', 'VIEWER', [RIVAL]);
    expect(await add(rivals, viewer)).toEqual(unknown);
    await steps.done('addDataPoolFile', { dataPoolId, name: 'x', artifactId: rivals }, RITA);
    // Who may write here may not pull what is ours into it.
    expect(await add(await steps.stored('ours'), RITA)).toEqual(unknown);
  });

  test('that are stored a moment later are waited for', async () => {
    const dataPoolId = await steps.aPool();
    const artifactId = randomUUID();
    const added = steps.change('addDataPoolFile', { dataPoolId, name: 'late', artifactId });
    await steps.stored('late', ACME, artifactId);
    expect((await added).file).toMatchObject({ name: 'late', sha256: sha('late') });
  });

  test('are not more than there may be', async () => {
    const pool = await steps.aPool();
    const fileId = await steps.add(pool, 'first');
    await database.query(
      `insert into data_pool_file (id, pool, name, version, artifact_id, node, size, sha256, media_type, description, added_by)
       select gen_random_uuid(), pool, 'n' || n, 1, artifact_id, node, size, sha256, media_type, '', added_by
       from data_pool_file, generate_series(1, 9999) n where id = $1`,
      [fileId],
    );
    const artifactId = await steps.stored('too many');
    expect(
      await steps.refused('addDataPoolFile', { dataPoolId: pool, name: 'one more', artifactId }),
    ).toEqual(['CONFLICT input.dataPoolId']);
    // All of them are in one manifest and in provenance.
    const sealed = await steps.done('sealDataPool', { id: pool });
    expect(sealed).toMatchObject({
      fileCount: 10_000,
      manifestSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  }, 30_000);
});
