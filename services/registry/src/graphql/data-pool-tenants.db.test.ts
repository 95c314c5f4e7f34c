import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { ACME, id, RIVAL } from '../testing/finished-jobs.js';
import { dataPoolSteps, type DataPoolSteps } from '../testing/data-pool-steps.js';
import { ADA, aMember } from '../testing/item-steps.js';

const RITA = aMember('rita', 'OWNER', [RIVAL]);

describe('data pools of another tenant', () => {
  let database: Database;
  let steps: DataPoolSteps;
  let pool: string;
  let file: string;
  beforeAll(async () => {
    database = await testDatabase(registryDatabase);
    steps = await dataPoolSteps(database);
    pool = await steps.aPool({ name: 'Ours' });
    file = await steps.add(pool, 'secret.csv');
  });
  afterAll(() => database.close());

  const SEEN = `query ($pool: ID!, $file: ID!, $org: ID!) {
    dataPool(id: $pool) { id } dataPools { edges { node { id } } }
    of: dataPools(filter: { organizationId: $org }) { edges { node { id } } }
    _entities(representations: [{ __typename: "DataPool", id: $pool }, { __typename: "DataPoolFile", id: $file }, { __typename: "Organization", id: $org }]) {
      ... on DataPool { id } ... on DataPoolFile { id artifact { id } } ... on Organization { dataPools { edges { node { id } } } } } }`;

  const seenBy = (actor = RITA): Promise<unknown> => steps.ask.data(SEEN, { pool, file, org: ACME }, actor);
  const NOTHING = { edges: [] };

  test('are not there, by id, in lists, by reference', async () => {
    expect(await seenBy()).toEqual({
      ...{ dataPool: null, dataPools: NOTHING, of: NOTHING },
      _entities: [null, null, { dataPools: NOTHING }],
    });
    expect(await seenBy(ADA)).not.toMatchObject({ dataPool: null });
  });

  test.each([
    ['updateDataPool', 'id'],
    ['deleteDataPool', 'id'],
    ['setDataPoolAccess', 'id'],
    ['transferDataPool', 'id'],
    ['removeDataPoolFile', 'dataPoolId'],
    ['addDataPoolFile', 'dataPoolId'],
    ['saveJobResultToDataPool', 'dataPoolId'],
    ['requestDataPoolRelease', 'id'],
    ['decideDataPoolRelease', 'id'],
    ['sealDataPool', 'id'],
    ['pruneDataPool', 'id'],
  ])('%s finds nothing', async (mutation, field) => {
    const more: Record<string, object> = {
      setDataPoolAccess: { grants: [] },
      removeDataPoolFile: { name: 'secret.csv' },
      addDataPoolFile: { name: 'x', artifactId: id('x') },
      saveJobResultToDataPool: { name: 'x', jobId: id('x') },
      requestDataPoolRelease: { reviewerId: RITA.id },
      decideDataPoolRelease: { approve: true },
    };
    expect(await steps.refused(mutation, { [field]: pool, ...more[mutation] }, RITA)).toEqual([
      mutation.startsWith('seal') || mutation.startsWith('prune')
        ? 'NOT_FOUND id'
        : `NOT_FOUND input.${field}`,
    ]);
  });

  test('are seen as far as they are shared, and no further', async () => {
    const shared = await steps.aPool();
    const sharedFile = await steps.add(shared, 'open.csv');
    const share = (...roles: string[]): Promise<unknown> =>
      steps.done('setDataPoolAccess', {
        id: shared,
        grants: [{ kind: 'USER', principalId: RITA.id, roles }],
      });
    const seen = async (): Promise<unknown> =>
      steps.pool(
        shared,
        'myRoles access { kind } files { edges { node { name artifact { id } item { id } } } }',
        RITA,
      );
    await share('METADATA_READ');
    const node = { name: 'open.csv', artifact: null, item: null };
    expect(await seen()).toEqual({ myRoles: ['METADATA_READ'], access: null, files: { edges: [{ node }] } });
    await share('DATA_READ');
    expect(await seen()).toMatchObject({
      myRoles: ['METADATA_READ', 'DATA_READ'],
      files: { edges: [{ node: { artifact: { id: expect.any(String) }, item: null } }] },
    });
    expect(await steps.refused('removeDataPoolFile', { dataPoolId: shared, name: 'open.csv' }, RITA)).toEqual(
      ['FORBIDDEN input.dataPoolId'],
    );
    await steps.done('sealDataPool', { id: shared });
    expect((await steps.pool(shared, 'item { name }', RITA))?.['item']).not.toBeNull();
    await share('METADATA_READ');
    expect(
      await steps.ask.data(
        `query ($id: ID!) { _entities(representations: [{ __typename: "DataPoolFile", id: $id }]) { ... on DataPoolFile { name artifact { id } } } }`,
        { id: sharedFile },
        RITA,
      ),
    ).toEqual({
      _entities: [{ name: 'open.csv', artifact: null }],
    });
    await steps.done('setDataPoolAccess', { id: shared, grants: [] });
    expect(await steps.pool(shared, 'id', RITA)).toBeNull();
    // Nor in provenance any more.
    const item = (await steps.pool(shared, 'item { id }'))!['item'] as { id: string };
    expect(await steps.ask.data(`query ($id: ID!) { item(id: $id) { id } }`, { id: item.id }, RITA)).toEqual({
      item: null,
    });
  });

  test('come with their files when they are given, and what the old organization was granted ends', async () => {
    const both = aMember('bea', 'MAINTAINER', [ACME, RIVAL]);
    const given = await steps.aPool({}, both);
    await steps.add(given, 'a', 'x', both);
    await steps.done('transferDataPool', { id: given, organizationId: RIVAL }, both);
    expect(await steps.pool(given)).toBeNull();
    expect(await steps.names(given, RITA)).toEqual(['a']);
    const told = await database.query<{ body: string }>(
      `select body::text from outbox where subject like '%data-pool-changed%' and body::text like $1 order by id desc limit 1`,
      [`%${given}%TRANSFERRED%`],
    );
    expect(JSON.parse(told[0]?.body ?? '')).toMatchObject({ payload: { organizationId: RIVAL } });
    expect(told[0]?.body).not.toContain(ACME);
  });

  test('a token that only reads changes nothing', async () => {
    expect(await steps.refused('sealDataPool', { id: pool }, { ...ADA, scopes: ['read'] })).toEqual([
      'FORBIDDEN ',
    ]);
  });
});
