import { testDatabase } from '@weft/testkit';
import pg from 'pg';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { member } from '../testing/ask.js';
import { ACME, anAttempt, aSucceededJob, id } from '../testing/finished-jobs.js';
import { aWorld, HOPS, type Hops, type World } from '../testing/world.js';

describe('reading', () => {
  let world: World;
  beforeAll(async () => {
    world = await aWorld(await testDatabase(registryDatabase));
  });

  test('a list of 50 costs as many queries as a list of one', async () => {
    const { recordFinishedJobs } = createRegistryParts(world.database);
    const organizationId = id('organization busy');
    for (let index = 0; index < 50; index++) {
      const job = aSucceededJob(`busy ${index}`, { organizationId, attempts: [anAttempt(1)] });
      await recordFinishedJobs('test', [{ messageId: job.jobId, job }]);
    }
    const query = `query ($first: Int, $org: ID!) {
      items(first: $first, filter: { organizationId: $org, subtype: RESULT }) { edges { node { id usedBy { ${HOPS} } upstream { ${HOPS} } downstream(first: 3) { ${HOPS} }
        wasGeneratedBy { agents { ${HOPS} } used { edges { node { id usedBy(first: 2) { ${HOPS} } } } } } } } } }`;
    const count = async (first: number): Promise<number> => {
      const sent = vi.spyOn(pg.Client.prototype, 'query');
      try {
        const { items } = await world.ask.data<{ items: { edges: unknown[] } }>(
          query,
          { first, org: organizationId },
          member(organizationId),
        );
        expect(items.edges).toHaveLength(first);
        return sent.mock.calls.length;
      } finally {
        sent.mockRestore();
      }
    };
    const one = await count(1);
    expect(one).toBeGreaterThan(3);
    expect(await count(50)).toBe(one);

    const jobs = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Job { provenance { inputs { ${HOPS} } results { ${HOPS} } } } } }`;
    const sent = vi.spyOn(pg.Client.prototype, 'query');
    const representations = Array.from({ length: 50 }, (_, index) => ({
      __typename: 'Job',
      id: id(`busy ${index}`),
    }));
    const answer = await world.ask.data<{ _entities: { provenance: { results: Hops } }[] }>(
      jobs,
      { representations },
      member(organizationId),
    );
    const queries = sent.mock.calls.length;
    sent.mockRestore();
    expect(answer._entities.map(({ provenance }) => provenance.results.edges.length)).toEqual(
      Array.from({ length: 50 }, () => 1),
    );
    expect(queries).toBe(3);
  });

  test('a node read by TypeORM and by a statement written by hand is the same', async () => {
    const { reader } = createRegistryParts(world.database);
    const viewer = { principals: [ACME], organizations: [ACME] };
    const [listed] = await reader.items(viewer, {
      filter: { jobId: id('make') },
      order: 'NEWEST',
      first: 1,
      after: undefined,
    });
    const [found] = await reader.nodes(viewer, [listed?.node.id as string]);
    expect(found).toEqual(listed?.node);
  });
});
