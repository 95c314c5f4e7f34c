// Lineage that does not break: between steps that hand results over by value, and between organizations that share a data pool.
import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { beforeAll, expect, test } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import type { JobChanged } from '@weft/contracts';
import { askerOf, member, type Asker } from '../testing/ask.js';
import { dataPoolSteps } from '../testing/data-pool-steps.js';
import { ACME, anOutcome, aSucceededJob, id, RIVAL, sha } from '../testing/finished-jobs.js';
import { heldViolations } from '../testing/held-lineage.js';

let database: Database;
let ask: Asker;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  ask = await askerOf(database);
});

const record = (...jobs: readonly JobChanged[]): Promise<void> =>
  createRegistryParts(database).recordFinishedJobs(
    'test',
    jobs.map((job) => ({ messageId: job.jobId, job })),
  );

const reached = async (name: string, field: string, actor = member()): Promise<string[]> => {
  const [node] = await database.query<{ id: string }>('select public_id as id from node where name = $1', [
    name,
  ]);
  const { item } = await ask.data<{ item: Record<string, { edges: { node: { name: string } }[] }> }>(
    `query ($id: ID!) { item(id: $id) { ${field} { edges { node { name } } } } }`,
    { id: node?.id },
    actor,
  );
  return (item[field]?.edges ?? []).map((edge) => edge.node.name).sort();
};

test.each([true, false])(
  'what came of a result that another step was given by value (its maker told first: %s)',
  async (first) => {
    const name = (step: string) => `${step} ${first}`;
    const make = aSucceededJob(name('make'));
    const use = aSucceededJob(name('use'), {
      needs: [make.jobId],
      inputs: {
        ...{ dataSha256: sha('filled'), paramsSha256: null, artifactIds: [] },
        results: [{ jobId: make.jobId, place: 'DATA', items: [[0, 0]] }],
      },
    });
    for (const job of first ? [make, use] : [use, make]) await record(job);
    expect(await reached(name('result of make'), 'effectedDatasets')).toEqual([name('result of use')]);
    expect(await reached(name('result of use'), 'contributingDatasets')).toContain(name('result of make'));
    expect(await heldViolations(database)).toEqual([]);
  },
);

test('results of items come from what their items brought', async () => {
  const outcomes = [0, 1].map((index) =>
    anOutcome(index, { resultSha256: sha(`r${index}`), paramsSha256: sha(`p${index}`) }),
  );
  await record(aSucceededJob('sweep', { itemsTotal: 2, outcomes }));
  const hop = `query ($id: ID!) { item(id: $id) { upstream { edges { relation node { ... on Item { sha256 } } } } } }`;
  const [node] = await database.query<{ id: string }>(
    `select public_id as id from node where name = 'result 1 of sweep'`,
  );
  const { item } = await ask.data<{
    item: { upstream: { edges: { relation: string; node: { sha256?: string } }[] } };
  }>(hop, { id: node?.id });
  expect(item.upstream.edges.filter(({ relation }) => relation === 'WAS_DERIVED_FROM')).toEqual([
    { relation: 'WAS_DERIVED_FROM', node: { sha256: sha('p1') } },
  ]);
});

test('a file of a pool that a job of another organization used leads to what made it', async () => {
  const pools = await dataPoolSteps(database);
  const artifactId = await pools.stored('made here');
  await record(aSucceededJob('maker', { outcomes: [anOutcome(0, { resultArtifactId: artifactId })] }));
  const pool = await pools.aPool();
  await pools.done('addDataPoolFile', { dataPoolId: pool, name: 'made.csv', artifactId });
  await record(
    aSucceededJob('user', {
      organizationId: RIVAL,
      createdBy: id('user bob'),
      inputs: { dataSha256: null, paramsSha256: null, artifactIds: [artifactId] },
    }),
  );
  // Whoever is a member of both sees the whole way.
  const both = {
    ...member(),
    organizations: [ACME, RIVAL].map((org) => ({ id: org, role: 'VIEWER' as const })),
  };
  expect(await reached('result of user', 'contributingDatasets', both)).toContain('result of maker');
  expect(await reached('result of maker', 'effectedDatasets', both)).toContain('result of user');
  const mine = await reached('result of user', 'contributingDatasets', member(RIVAL));
  expect(mine).not.toContain('result of maker');
});
