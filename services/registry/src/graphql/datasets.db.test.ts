import { randomUUID } from 'node:crypto';
import { memberOf, type DatasetFileChanged } from '@weft/contracts';
import type { Database } from '@weft/database';
import type { Actor } from '@weft/identity';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRegistryParts, registryDatabase, type RegistryParts } from '../context.js';
import { dataPoolSteps, type DataPoolSteps } from '../testing/data-pool-steps.js';
import { ACME, aSucceededJob, RIVAL, sha } from '../testing/finished-jobs.js';
import { ADA, aMember, itemSteps, type ItemSteps } from '../testing/item-steps.js';
import { retellDatasetFiles } from '../retell-dataset-files.js';
import { aDatasetOf } from '../testing/sample-metadata.js';

const RITA = aMember('rita', 'OWNER', [RIVAL]);
const VERA = aMember('vera', 'VIEWER');
/** Maintains things in both. */
const BOTH = aMember('ada', 'MAINTAINER', [ACME, RIVAL]);
const HELD = 'id artifact { id } dataPool { id } version';

let database: Database;
let parts: RegistryParts;
let pools: DataPoolSteps;
let steps: ItemSteps;
let metadata: Record<string, unknown>;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  parts = createRegistryParts(database, { referenceWaitMs: 300 });
  pools = await dataPoolSteps(database);
  steps = await itemSteps(database, parts);
  const organisation = await steps.done('createItem', {
    subtype: 'ORGANISATION',
    metadata: { name: 'Reefs' },
  });
  metadata = aDatasetOf(organisation.id);
});
afterAll(() => database.close());
beforeEach(() => database.query('delete from outbox'));

const create = (data: object | undefined, actor: Actor = ADA, more: object = {}) =>
  steps.change('createItem', { subtype: 'DATASET', metadata, data, ...more }, actor, HELD);
const aDataset = async (data?: object) => {
  const { item, userErrors } = await create(data);
  if (item === null) throw new Error(JSON.stringify(userErrors));
  return item;
};
const refusals = async (changed: ReturnType<ItemSteps['change']>): Promise<string[]> =>
  (await changed).userErrors.map(({ code, path }) => `${code} ${path.join('.')}`);

/** What was told of files, in order. */
const told = async (): Promise<DatasetFileChanged[]> =>
  (
    await database.query<{ payload: DatasetFileChanged }>(
      `select body -> 'payload' as payload from outbox where body ->> 'type' = 'dataset-file-changed' order by id`,
    )
  ).map(({ payload }) => payload);

interface Lineage {
  readonly lineage: { readonly edges: readonly { readonly node: { readonly name: string } }[] };
}

describe('a dataset that is made by hand', () => {
  test('holds the file that it names, and tells who may read it', async () => {
    const artifactId = await pools.stored('measured');
    const item = await aDataset({ artifactId });
    expect(item).toMatchObject({ artifact: { id: artifactId }, dataPool: null });
    expect(await told()).toEqual([
      {
        ...{ itemId: item.id, seq: 1, organizationId: ACME, artifactId, size: 8, sha256: sha('measured') },
        ...{ held: true, dataReaders: expect.arrayContaining([ACME, memberOf(ACME, ADA.id)]) },
      },
    ]);
  });

  test('that was a seed gets it when it is completed, or later, once', async () => {
    const [one, other] = [await pools.stored('one'), await pools.stored('other')];
    const seed = await steps.done('createItem', { subtype: 'DATASET' });
    expect(await refusals(create({ artifactId: one }, ADA, { metadata: null }))).toEqual(['BAD_USER_INPUT input.data']); // prettier-ignore
    const completed = await steps.done('completeItem', { id: seed.id, metadata, data: { artifactId: one } }, ADA, HELD); // prettier-ignore
    expect(completed['artifact']).toEqual({ id: one });
    const bare = await aDataset();
    expect(bare['artifact']).toBeNull();
    const set = (artifactId: string) => steps.change('setDatasetData', { id: bare.id, data: { artifactId } }, ADA, HELD); // prettier-ignore
    expect((await set(one)).item?.['artifact']).toEqual({ id: one });
    expect((await set(one)).item?.['artifact']).toEqual({ id: one });
    expect(await refusals(set(other))).toEqual(['CONFLICT input.data']);
    expect((await told()).map(({ itemId, artifactId }) => [itemId, artifactId])).toEqual([
      [seed.id, one],
      [bare.id, one],
    ]);
    await expect(database.query(`update item_data set artifact_id = $1`, [other])).rejects.toThrow(
      /never change/,
    );
  });

  test('may name a data pool, which stays as long as the dataset stands', async () => {
    const dataPoolId = await pools.aPool();
    const item = await aDataset({ dataPoolId });
    expect(item).toMatchObject({ artifact: null, dataPool: { id: dataPoolId } });
    expect(await told()).toEqual([]);
    // A pool has rights of its own: those of the dataset show nothing of it.
    await steps.done('setItemAccess', { id: item.id, grants: [{ kind: 'EVERYONE', roles: ['DATA_READ'] }] });
    expect(await steps.item(item.id, 'dataPool { id }', RITA)).toEqual({ dataPool: null });
    expect(await pools.refused('deleteDataPool', { id: dataPoolId })).toEqual(['CONFLICT input.id']);
    await steps.done('withdrawItem', { id: item.id, reason: 'wrong' });
    expect((await pools.change('deleteDataPool', { id: dataPoolId })).deletedId).toBe(dataPoolId);
  });

  test('a version has the data of the one before, or others; a clone has none', async () => {
    const [one, other] = [await pools.stored('v1'), await pools.stored('v2')];
    const { id: first } = await aDataset({ artifactId: one });
    const second = await steps.done('createItemVersion', { id: first, reason: 'text' }, ADA, HELD);
    expect(second['artifact']).toEqual({ id: one });
    const third = await steps.done('createItemVersion', { id: second.id, reason: 'data', data: { artifactId: other } }, ADA, HELD); // prettier-ignore
    expect(third['artifact']).toEqual({ id: other });
    expect(await steps.item(first, 'artifact { id }')).toEqual({ artifact: { id: one } });
    expect((await steps.done('cloneItem', { id: first }, ADA, HELD))['artifact']).toBeNull();
    expect((await told()).map(({ itemId, artifactId, held }) => [itemId, artifactId, held])).toEqual([
      [first, one, true],
      [second.id, one, true],
      [third.id, other, true],
    ]);
  });

  test('is the other name of its file: lineage goes on, up and down', async () => {
    const artifactId = await pools.stored('in the line');
    const { id: dataset } = await aDataset({ artifactId });
    await parts.recordFinishedJobs('test', [
      { messageId: 'm', job: aSucceededJob('uses it', { inputs: { dataSha256: null, paramsSha256: null, artifactIds: [artifactId] } }) }, // prettier-ignore
    ]);
    const names = async (direction: string, start: string): Promise<string[]> => {
      const query = `query ($input: LineageInput!) { lineage(input: $input) { edges { node { name } } } }`;
      const answer = await steps.ask.data<Lineage>(query, { input: { start, direction } }, ADA);
      return answer.lineage.edges.map(({ node }) => node.name);
    };
    expect(await names('DOWNSTREAM', dataset)).toContain('uses it');
    const [job] = await database.query<{ id: string }>(
      `select public_id as id from node where name = 'uses it'`,
    );
    expect(await names('UPSTREAM', job?.id ?? '')).toContain('Reef survey');
  });

  const POOLLESS = { code: 'NOT_FOUND input.data.dataPoolId' };
  test.each([
    ['a file that nobody knows', () => ({ artifactId: randomUUID() }), 'REFERENCE_UNKNOWN input.data.artifactId'],
    ['a file with an id that is none', () => ({ artifactId: 'x' }), 'REFERENCE_UNKNOWN input.data.artifactId'],
    ["another tenant's file", async () => ({ artifactId: await pools.stored('rival’s', RIVAL) }), 'REFERENCE_UNKNOWN input.data.artifactId'],
    ['a pool that nobody knows', () => ({ dataPoolId: randomUUID() }), POOLLESS.code],
    ["another tenant's pool", async () => ({ dataPoolId: await pools.aPool({ organizationId: RIVAL }, RITA) }), POOLLESS.code],
    ['both', async () => ({ artifactId: await pools.stored('b'), dataPoolId: await pools.aPool() }), 'BAD_USER_INPUT input.data'],
    ['neither', () => ({}), 'BAD_USER_INPUT input.data'],
  ] as const)('cannot name %s', async (_, data, expected) => {
    expect(await refusals(create(await data()))).toEqual([expected]);
  }); // prettier-ignore

  test('has to be a dataset that is kept here, and what is named a file that one may give', async () => {
    const artifactId = await pools.stored('mine');
    const model = { subtype: 'MODEL', metadata: { name: 'm', description: 'd', documentationUrl: 'https://a.b/c', sourceUrl: 'https://a.b/c' } }; // prettier-ignore
    expect(await refusals(steps.change('createItem', { ...model, data: { artifactId } }))).toEqual(['BAD_USER_INPUT input.data']); // prettier-ignore
    const info = metadata['datasetInfo'] as object;
    const elsewhere = { ...metadata, datasetInfo: { ...info, accessInfo: { reposited: false, uri: 'https://a.b/c', description: 'ask' } } }; // prettier-ignore
    expect(await refusals(create({ artifactId }, ADA, { metadata: elsewhere }))).toEqual(['BAD_USER_INPUT input.data']); // prettier-ignore
    const bare = await aDataset();
    expect(await refusals(steps.change('setDatasetData', { id: bare.id, data: { artifactId } }, VERA))).toEqual(['FORBIDDEN input.id']); // prettier-ignore
    // Away from where the bytes are goes what one maintains there.
    expect((await create({ artifactId }, BOTH, { organizationId: RIVAL, metadata: aDatasetOf((await ownOrganisation()).id) })).item?.['artifact']).toEqual({ id: artifactId }); // prettier-ignore
  });
});

const ownOrganisation = () =>
  steps.done('createItem', { subtype: 'ORGANISATION', organizationId: RIVAL, metadata: { name: 'Rivals' } }, BOTH); // prettier-ignore

describe('who may read the file', () => {
  test('follows what is said of the item: granted, revoked, transferred, withdrawn', async () => {
    const artifactId = await pools.stored('shared');
    const item = await aDataset({ artifactId });
    const seen = async (actor: Actor): Promise<unknown> =>
      (await steps.item(item.id, 'artifact { id }', actor))?.['artifact'];
    const grant = (roles: string[]) =>
      steps.done('setItemAccess', { id: item.id, grants: roles.length === 0 ? [] : [{ kind: 'USER', principalId: RITA.id, roles }] }); // prettier-ignore
    await grant(['METADATA_READ']);
    expect(await seen(RITA)).toBeNull();
    await grant(['DATA_READ']);
    expect(await seen(RITA)).toEqual({ id: artifactId });
    await grant([]);
    expect(await seen(RITA)).toBeUndefined();
    await steps.done('transferItem', { id: item.id, organizationId: RIVAL }, BOTH);
    expect(await seen(RITA)).toEqual({ id: artifactId });
    await steps.done('withdrawItem', { id: item.id, reason: 'r' }, BOTH);
    expect(await seen(RITA)).toBeNull();
    const news = await told();
    expect(news.map(({ organizationId, held, dataReaders }) => [organizationId, held, dataReaders.includes(RITA.id)])).toEqual([
      [ACME, true, false],
      [ACME, true, false],
      [ACME, true, true],
      [ACME, true, false],
      [RIVAL, true, false],
      [RIVAL, false, false],
    ]); // prettier-ignore
    expect(new Set(news.map(({ seq }) => seq)).size).toBe(news.length);
    expect(news.map(({ seq }) => seq)).toEqual(news.map(({ seq }) => seq).toSorted((a, b) => a - b));
  });

  test('is told again to a stream that was lost, as it is', async () => {
    const artifactId = await pools.stored('told again');
    const [kept, gone] = [await aDataset({ artifactId }), await aDataset({ artifactId })];
    await steps.done('withdrawItem', { id: gone.id, reason: 'r' });
    await database.query('delete from outbox');
    for (let after: string | undefined = ''; after !== undefined;) {
      const from: string = after;
      after = await database.transaction((tx) => retellDatasetFiles(tx, from));
    }
    const again = (await told()).filter((one) => one.artifactId === artifactId);
    expect(again.map(({ itemId, seq, held }) => [itemId, seq, held])).toEqual([
      [kept.id, 1, true],
      [gone.id, 2, false],
    ]);
  });

  test('of a team and of the old organization ends with a transfer; what users and others were given stays', async () => {
    const [team, other] = [randomUUID(), randomUUID()];
    const item = await aDataset({ artifactId: await pools.stored('moved') });
    const pool = await pools.aPool();
    const grants = [
      { kind: 'ORGANIZATION', principalId: ACME, roles: ['METADATA_READ'] },
      { kind: 'MAINTAINERS', principalId: RIVAL, roles: ['DATA_READ'] },
      { kind: 'TEAM', principalId: team, roles: ['ADMIN'] },
      { kind: 'USER', principalId: other, roles: ['DATA_READ'] },
    ];
    await steps.done('setItemAccess', { id: item.id, grants });
    await pools.done('setDataPoolAccess', { id: pool, grants });
    // Within the organization nothing ends.
    await steps.done('transferItem', { id: item.id, ownerId: VERA.id });
    expect((await told()).at(-1)?.dataReaders).toContain(team);
    const moved = [
      { kind: 'MAINTAINERS', principalId: RIVAL, roles: ['METADATA_WRITE', 'DATA_WRITE'] },
      { kind: 'ORGANIZATION', principalId: RIVAL, roles: ['METADATA_READ', 'DATA_READ'] },
      { kind: 'USER', principalId: other, roles: ['DATA_READ'] },
    ];
    const OWNERS = aMember('ada', 'OWNER', [ACME, RIVAL]);
    const access = 'access { kind principalId roles }';
    const sorted = (shown: unknown) =>
      (shown as typeof moved).toSorted((one, two) => (one.kind < two.kind ? -1 : 1));
    const given = await steps.done('transferItem', { id: item.id, organizationId: RIVAL }, OWNERS, access);
    expect(sorted(given['access'])).toEqual(moved);
    await pools.done('transferDataPool', { id: pool, organizationId: RIVAL }, OWNERS);
    expect(sorted((await pools.pool(pool, access, OWNERS))?.['access'])).toEqual(moved);
    const member = aMember('tim', 'VIEWER', [ACME], [team]);
    expect(await steps.item(item.id, 'id', member)).toBeNull();
    expect((await told()).at(-1)?.dataReaders).not.toContain(team);
  });
});
