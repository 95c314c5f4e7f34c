import { testDatabase } from '@weft/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { member } from '../testing/ask.js';
import { ACME, id, RIVAL } from '../testing/finished-jobs.js';
import { aWorld, HOPS, spoken, type Hops, type World } from '../testing/world.js';

describe('another tenant', () => {
  let world: World;
  beforeAll(async () => {
    world = await aWorld(await testDatabase(registryDatabase));
  });

  const rival = member(RIVAL);

  test('gets nothing by id, by job, by organization, by list or by reference', async () => {
    const item = await world.itemOf('make');
    const activity = (await world.provenanceOf('make'))?.activity.id;
    const query = `query ($item: ID!, $activity: ID!, $org: ID!, $job: ID!) {
      item(id: $item) { id } activity(id: $activity) { id }
      of: items(filter: { organizationId: $org }) { edges { node { id } } }
      from: items(filter: { jobId: $job }) { edges { node { id } } }
      named: items(filter: { text: "make" }) { edges { node { id } } }
      _entities(representations: [{ __typename: "Item", id: $item }, { __typename: "Job", id: $job }, { __typename: "Organization", id: $org }]) {
        ... on Item { id } ... on Job { provenance { activity { id } } } ... on Organization { items { edges { node { id } } } } } }`;
    const variables = { item, activity, org: ACME, job: id('make') };
    const nothing = { edges: [] };
    expect(await world.ask.data(query, variables, rival)).toEqual({
      item: null,
      activity: null,
      of: nothing,
      from: nothing,
      named: nothing,
      _entities: [null, { provenance: null }, { items: nothing }],
    });
    expect(await world.ask.data(query, variables)).not.toMatchObject({ item: null });
  });

  test('gets nothing by any export', async () => {
    const item = await world.itemOf('make');
    const query = `query ($id: ID!, $job: ID!, $org: ID!) {
      exportProvenance(input: { id: $id, direction: BOTH, depth: 10, notation: PROV_N }) { export { document } userErrors { code } }
      validityReport(id: $id, direction: BOTH) { report { statementCount } userErrors { code } }
      openLineageEvents(jobId: $job)
      exportRoCrate(jobId: $job) { metadata }
      records(organizationId: $org) { edges { node { id } } } }`;
    const variables = { id: item, job: id('make'), org: ACME };
    const refused = [{ code: 'NOT_FOUND' }];
    expect(await world.ask.data(query, variables, rival)).toEqual({
      exportProvenance: { export: null, userErrors: refused },
      validityReport: { report: null, userErrors: refused },
      openLineageEvents: null,
      exportRoCrate: null,
      records: { edges: [] },
    });
    const mine = await world.ask.refusals(query, variables);
    expect(mine.join()).toContain('this test gives no documents');
  });

  test('and I see what is public of each other, and no use that the other made of it', async () => {
    const code = (await world.provenanceOf('use'))?.inputs.edges.find((edge) => edge.role === 'code')?.node;
    expect(code?.name).toBe('open 1.0.0');
    const query = `query ($id: ID!) { item(id: $id) { organization { id } usedBy { ${HOPS} } downstream { ${HOPS} } } }`;
    const seen = async (actor = member()) =>
      (await world.ask.data<{ item: { usedBy: Hops; downstream: Hops } }>(query, { id: code?.id }, actor))
        .item;
    expect(spoken((await seen()).usedBy)).toEqual(['USED/code fail', 'USED/code use']);
    expect(spoken((await seen()).downstream)).toEqual(['USED/code fail', 'USED/code use']);
    expect(spoken((await seen(rival)).usedBy)).toEqual(['USED/code rival']);
  });

  test("'s unpublished version is left out of what my job used", async () => {
    expect((await world.provenanceOf('peek'))?.inputs.edges.map((edge) => edge.role).sort()).toEqual([
      'data',
      'params',
    ]);
  });

  test('that shares the same params shares no node with me', async () => {
    const params = async (job: string, actor = member()) =>
      (await world.provenanceOf(job, actor))?.inputs.edges.find((edge) => edge.role === 'params')?.node.id;
    expect(await params('use')).toBe(await params('make'));
    expect(await params('rival', rival)).not.toBe(await params('make'));
  });

  test('a token without the scope reads nothing', async () => {
    const [refusal] = await world.ask.refusals(
      '{ items { edges { cursor } } }',
      {},
      member(ACME, ['write-only']),
    );
    expect(refusal).toContain('scope "read"');
  });
});
