import { testDatabase } from '@weft/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { ACME, id, RIVAL, sha } from '../testing/finished-jobs.js';
import { aWorld, HOPS, spoken, type Hops, type World } from '../testing/world.js';

describe('the graph of provenance', () => {
  let world: World;
  beforeAll(async () => {
    world = await aWorld(await testDatabase(registryDatabase));
  });

  test('of a job: its activity, agents, inputs and results', async () => {
    const provenance = await world.provenanceOf('make');
    expect(provenance?.activity).toMatchObject({
      name: 'make',
      outcome: 'SUCCEEDED',
      startedAt: '2026-11-20T10:00:01.000Z',
      job: { id: id('make') },
    });
    const used = [
      'USED/code tabu 1.0.0',
      `USED/data value sha256:${sha('data of make').slice(0, 12)}`,
      `USED/params value sha256:${sha('{}').slice(0, 12)}`,
    ];
    expect(spoken(provenance?.inputs as Hops)).toEqual(used);
    expect(spoken(provenance?.activity.used as Hops)).toEqual(used);
    expect(spoken(provenance?.activity.agents as Hops)).toEqual([
      `WAS_ASSOCIATED_WITH/on behalf of organization ${ACME}`,
      `WAS_ASSOCIATED_WITH/submitter user ${id('user ada')}`,
      'WAS_ASSOCIATED_WITH/target target local',
      'WAS_ASSOCIATED_WITH/worker worker worker-1',
    ]);
    expect(provenance?.results.edges).toMatchObject([
      {
        role: 'result',
        node: {
          name: 'result of make',
          subtype: 'RESULT',
          sha256: sha('made'),
          artifact: { id: id('made') },
          job: { id: id('make') },
          organization: { id: ACME },
        },
      },
    ]);
  });

  test('of jobs that failed or were cancelled: an activity without results', async () => {
    expect(await world.provenanceOf('fail')).toMatchObject({
      activity: { outcome: 'FAILED' },
      results: { edges: [] },
    });
    expect(await world.provenanceOf('cancel')).toMatchObject({
      activity: { outcome: 'CANCELLED', startedAt: null },
      results: { edges: [] },
    });
    expect(spoken((await world.provenanceOf('fail'))?.activity.upstream as Hops)).toContain(
      'WAS_INFORMED_BY/- make',
    );
  });

  test('of a job that is not recorded, even if another mentions it: null', async () => {
    expect(await world.provenanceOf('unheard of')).toBeNull();
    expect(await world.provenanceOf('only mentioned')).toBeNull();
  });

  test('one hop up and down from an item', async () => {
    const query = `query ($id: ID!) { item(id: $id) { wasGeneratedBy { name } usedBy { ${HOPS} } upstream { ${HOPS} } downstream { ${HOPS} } } }`;
    const { item } = await world.ask.data<{
      item: Record<'usedBy' | 'upstream' | 'downstream', Hops> & { wasGeneratedBy: unknown };
    }>(query, {
      id: await world.itemOf('make'),
    });
    expect(item.wasGeneratedBy).toEqual({ name: 'make' });
    expect(spoken(item.upstream)).toEqual([
      `WAS_ATTRIBUTED_TO/- user ${id('user ada')}`,
      'WAS_GENERATED_BY/result make',
    ]);
    expect(spoken(item.usedBy)).toEqual(['USED/artifact use']);
    expect(spoken(item.downstream)).toEqual(['USED/artifact use']);
  });

  test('the walk goes on through nodes of every kind', async () => {
    const query = `query ($id: ID!) { item(id: $id) { downstream { edges { node { __typename ... on Activity { outcome agents { edges { node {
      subtype user { id } workerId upstream { ${HOPS} } downstream(first: 1) { ${HOPS} } } } } } } } } } }`;
    const { item } = await world.ask.data<{
      item: {
        downstream: {
          edges: {
            node: { __typename: string; agents: { edges: { node: { subtype: string; upstream: Hops } }[] } };
          }[];
        };
      };
    }>(query, { id: await world.itemOf('make') });
    const node = item.downstream.edges[0]?.node;
    expect(node).toMatchObject({ __typename: 'Activity', outcome: 'SUCCEEDED' });
    const agent = (subtype: string) => node?.agents.edges.find((edge) => edge.node.subtype === subtype)?.node;
    expect(agent('USER')).toMatchObject({ user: { id: id('user ada') }, workerId: null });
    expect(agent('SOFTWARE_AGENT')).toMatchObject({ user: null, workerId: 'worker-1' });
    expect(spoken(agent('SOFTWARE_AGENT')?.upstream as Hops)).toEqual([
      `ACTED_ON_BEHALF_OF/within activities user ${id('user ada')}`,
    ]);
  });

  test('lists page through everything once, newest first', async () => {
    const query = `query ($after: String) { items(first: 2, after: $after) { edges { cursor node { id name createdAt } } pageInfo { hasNextPage endCursor } } }`;
    interface Answer {
      items: {
        edges: { node: { id: string; name: string } }[];
        pageInfo: { hasNextPage: boolean; endCursor: string };
      };
    }
    const names: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { items }: Answer = await world.ask.data<Answer>(query, { after });
      names.push(...items.edges.map((edge) => edge.node.name));
      after = items.pageInfo.endCursor;
      more = items.pageInfo.hasNextPage;
    }
    const rows = await world.database.query<{ name: string }>(
      `select name from node where kind = 'ENTITY' and organization_id = $1 order by id desc`,
      [ACME],
    );
    expect(names).toEqual(rows.map((row) => row.name));
    expect(names.length).toBeGreaterThan(4);
  });

  test.each([
    [{ subtype: 'SERVICE_VERSION' }, ['tabu 1.0.0']],
    [{ jobId: id('use') }, ['result of use']],
    [{ text: 'result use' }, ['result of use']],
    [{ text: 'make -result' }, []],
    [{ subtype: 'RESULT', text: 'make' }, ['result of make']],
    [{ organizationId: RIVAL }, ['open 1.0.0']],
    [{ organizationId: "';--" }, []],
  ])('items filtered by %o', async (filter, names) => {
    const { items } = await world.ask.data<{ items: { edges: { node: { name: string } }[] } }>(
      'query ($filter: ItemFilter) { items(filter: $filter) { edges { node { name } } } }',
      { filter },
    );
    expect(items.edges.map((edge) => edge.node.name)).toEqual(names);
  });

  test('hops page through everything once, each way', async () => {
    const activity = (await world.provenanceOf('make'))?.activity.id;
    const params = (await world.provenanceOf('make'))?.inputs.edges.find((edge) => edge.role === 'params')
      ?.node.id;
    for (const [field, root, start] of [
      ['upstream', 'activity', activity],
      ['downstream', 'item', params],
    ] as const) {
      const query = `query ($id: ID!, $first: Int, $after: String) { ${root}(id: $id) { hops: ${field}(first: $first, after: $after) { edges { relation role cursor node { name } } pageInfo { hasNextPage hasPreviousPage } } } }`;
      interface Answer {
        [root: string]: {
          hops: { edges: { cursor: string }[]; pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean } };
        };
      }
      const page = async (first: number, after?: string) =>
        (await world.ask.data<Answer>(query, { id: start, first, after }))[root]?.hops;
      const all = (await page(100))?.edges ?? [];
      expect(all.length).toBeGreaterThan(3);
      const walked = [];
      for (let after: string | undefined, more = true; more;) {
        const one = await page(1, after);
        walked.push(...(one?.edges ?? []));
        after = one?.edges[0]?.cursor;
        more = one?.pageInfo.hasNextPage === true;
      }
      expect(walked).toEqual(all);
    }
  });

  test('a cursor or a size that no list gave is refused by name, an id that is none finds nothing', async () => {
    const forged = Buffer.from(JSON.stringify(["';--"])).toString('base64url');
    expect(
      await world.ask.refusals('query ($after: String) { items(after: $after) { edges { cursor } } }', {
        after: forged,
      }),
    ).toEqual(['The cursor is not one that this list gave.']);
    expect(await world.ask.refusals('{ items(first: 101) { edges { cursor } } }')).toEqual([
      '"first" must be between 1 and 100.',
    ]);
    expect(await world.ask.data('{ item(id: "nonsense") { id } activity(id: "1") { id } }')).toEqual({
      item: null,
      activity: null,
    });
  });
});
