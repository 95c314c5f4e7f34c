import { aUser } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestService, type TestService } from './testing/jobs-service.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

describe('what the graph tells of jobs', () => {
  it('compares two, shows what was changed of one, counts, and keeps views', async () => {
    const a = await service.submit({ data: { n: 1, same: true }, name: 'one' });
    const b = await service.submit({ data: { n: 2, same: true }, name: 'two', tags: ['x'] });
    await service.graphql(
      'mutation ($input: UpdateJobInput!) { updateJob(input: $input) { userErrors { code } } }',
      { input: { id: b, description: 'why', priority: 7 } },
    );
    const query = `query ($a: ID!, $b: ID!) {
      compareJobs(a: $a, b: $b) { sameInput truncated differences { section path a b } }
      job(id: $b) { description progress queueSeconds priority audit { edges { node { number action changes { field from to } } } } }
      jobCounts(groupBy: PHASE, filter: { phases: [WAITING], tags: ["x"] }) { counted complete groups { key count } }
      jobDurations { complete queue { jobs } }
      jobs(orderBy: OLDEST, filter: { states: [PENDING], tags: ["x"] }, first: 1) { edges { node { name } } pageInfo { endCursor hasNextPage } }
    }`;
    const told = await service.graphql<Record<string, unknown>>(query, { a, b });
    expect(told).toMatchObject({
      compareJobs: {
        sameInput: false,
        truncated: false,
        differences: [{ section: 'INPUT', path: '$.data.n', a: 1, b: 2 }],
      },
      job: { description: 'why', progress: 0, queueSeconds: null, priority: 7 },
      jobCounts: { counted: 1, complete: true, groups: [{ key: 'WAITING', count: 1 }] },
      jobDurations: { complete: true, queue: null },
      jobs: { edges: [{ node: { name: 'two' } }], pageInfo: { hasNextPage: false } },
    });
    const changes = (told['job'] as { audit: { edges: { node: { changes: unknown[] } }[] } }).audit.edges;
    expect(changes[0]?.node.changes).toHaveLength(2);
    const foreign = await service.graphql<Record<string, unknown>>(query, { a, b }, aUser());
    expect(foreign).toMatchObject({ compareJobs: null, job: null, jobCounts: { counted: 0 } });

    const organizationId = service.user.personalOrganizationId;
    const saved = await service.graphql<{ saveJobView: { view: { id: string; jobs: unknown } } }>(
      `mutation ($input: SaveJobViewInput!) { saveJobView(input: $input) { userErrors { code }
        view { id filter jobs { edges { node { name } } } } } }`,
      {
        input: {
          organizationId,
          name: 'tagged',
          filter: { tags: ['x'], submittedAfter: '2020-01-01T00:00:00Z' },
        },
      },
    );
    expect(saved.saveJobView.view.jobs).toEqual({ edges: [{ node: { name: 'two' } }] });
    const refused = await service.graphql(
      'mutation ($input: SaveJobViewInput!) { saveJobView(input: $input) { view { id } userErrors { code path } } }',
      { input: { organizationId, name: 'long', filter: { text: 'x'.repeat(201) } } },
    );
    expect(refused).toEqual({
      saveJobView: {
        view: null,
        userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'filter', 'text'] }],
      },
    });
    const useless = { organizationId: 'junk', definitionId: 'x', tags: ['fine', ''] };
    const paths = ['organizationId', 'definitionId', 'tags.1'].map((path) => path.split('.'));
    expect(
      await service.graphql(
        'mutation ($input: SaveJobViewInput!) { saveJobView(input: $input) { view { id } userErrors { code path } } }',
        { input: { organizationId, name: 'useless', filter: useless } },
      ),
    ).toEqual({
      saveJobView: {
        view: null,
        userErrors: paths.map((path) => ({ code: 'BAD_USER_INPUT', path: ['input', 'filter', ...path] })),
      },
    });
  });

  it('tells which item was given other params, and finds none where only the form differs', async () => {
    const one = await service.submit({ items: [{ params: { seed: 1 } }, { params: { seed: 2 } }] });
    const other = await service.submit({ items: [{ params: { seed: 1 } }, { params: { seed: 3 } }] });
    const none = await service.submit({ items: [{}, {}] });
    const query = `query ($a: ID!, $b: ID!) { compareJobs(a: $a, b: $b) { sameInput differences { section path a b } } }`;
    const compare = async (a: string, b: string): Promise<unknown> =>
      (await service.graphql<{ compareJobs: unknown }>(query, { a, b })).compareJobs;
    expect(await compare(one, other)).toEqual({
      sameInput: false,
      differences: [{ section: 'INPUT', path: '$.itemParams[1].seed', a: 2, b: 3 }],
    });
    expect(await compare(one, none)).toEqual({
      sameInput: false,
      differences: [{ section: 'INPUT', path: '$.itemParams', a: [{ seed: 1 }, { seed: 2 }], b: null }],
    });
    // Jobs of a batch keep their own params as those of an item; what is the same then is the same.
    const batch = await service.graphql<{
      submitBatch: { batch: { jobs: { edges: { node: { id: string } }[] } } };
    }>(
      `mutation ($input: SubmitBatchInput!) { submitBatch(input: $input) { batch { jobs { edges { node { id } } } } } }`,
      {
        input: {
          serviceVersionId: service.serviceVersionId,
          params: { n: 1 },
          jobs: [{ params: { seed: 1 } }],
        },
      },
    );
    const inBatch = batch.submitBatch.batch.jobs.edges[0]?.node.id ?? '';
    const alone = await service.submit({ params: { n: 1, seed: 1 } });
    expect(await compare(alone, inBatch)).toEqual({ sameInput: true, differences: [] });
  });
});
