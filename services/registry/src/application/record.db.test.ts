import type { JobChanged, ServiceVersionChanged } from '@weft/contracts';
import type { Database } from '@weft/database';
import { refusedByDatabase } from '@weft/outbox';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EVERYONE } from '../domain/principal.js';
import { createRegistryParts, registryDatabase } from '../context.js';
import {
  ACME,
  aServiceVersion,
  aSucceededJob,
  anAttempt,
  anOutcome,
  id,
  RIVAL,
} from '../testing/finished-jobs.js';

type News = { readonly job: JobChanged } | { readonly version: ServiceVersionChanged };

const databases: Database[] = [];
const fresh = async (): Promise<Database> => {
  const database = await testDatabase(registryDatabase);
  databases.push(database);
  return database;
};

const tell = async (database: Database, news: News, messageId: string): Promise<void> => {
  const parts = createRegistryParts(database);
  if ('job' in news) await parts.recordFinishedJobs('test', [{ messageId, job: news.job }]);
  else await parts.recordServiceVersion('test', messageId, news.version);
};

async function tellOneByOne(database: Database, jobs: readonly JobChanged[]): Promise<void> {
  for (const job of jobs) await tell(database, { job }, job.jobId);
}

const tellTogether = (database: Database, jobs: readonly JobChanged[]): Promise<void> =>
  createRegistryParts(database).recordFinishedJobs(
    'test',
    jobs.map((job) => ({ messageId: job.jobId, job })),
  );

/** All that is recorded, without surrogate keys and times: equal stories give equal contents. */
const contents = async (database: Database) => ({
  nodes: await database.query(
    'select public_id, kind, subtype, organization_id, readers, revision, name, facts from node order by public_id',
  ),
  edges: await database.query(
    `select src.public_id as src, dst.public_id as dst, relation, role, edge.organization_id
     from edge join node src on src.id = edge.src join node dst on dst.id = edge.dst order by 1, 2, 3, 4`,
  ),
});

// The second job uses what the first made, the third retries the second; the version is another organization's.
const story: readonly News[] = [
  { version: aServiceVersion({ organizationId: RIVAL }) },
  { version: aServiceVersion({ organizationId: RIVAL, seq: 2, lifecycle: 'PUBLISHED' }) },
  {
    job: aSucceededJob('first', { outcomes: [anOutcome(0, { resultArtifactId: id('artifact of first') })] }),
  },
  {
    job: aSucceededJob('second', {
      itemsTotal: 2,
      inputs: { dataSha256: null, paramsSha256: null, artifactIds: [id('artifact of first')] },
      outcomes: [
        anOutcome(0, { resultArtifactId: id('artifact of second') }),
        anOutcome(1, { state: 'FAILED' }),
      ],
      state: 'FAILED',
    }),
  },
  {
    job: aSucceededJob('third', {
      retryOf: id('second'),
      itemsTotal: 2,
      attempts: [anAttempt(1, { firstItem: 1, lastItem: 1 })],
      outcomes: [anOutcome(0, { attempt: null, resultArtifactId: id('artifact of second') }), anOutcome(1)],
    }),
  },
];

describe('recording what jobs did', () => {
  let expected: Awaited<ReturnType<typeof contents>>;

  beforeAll(async () => {
    const database = await fresh();
    for (const [index, news] of story.entries()) await tell(database, news, `m${index}`);
    expected = await contents(database);
  });
  afterAll(async () => {
    await Promise.all(databases.map((database) => database.close()));
  });

  test('the story is there', () => {
    expect(expected.nodes.filter((node) => node['kind'] === 'ACTIVITY')).toHaveLength(3);
    expect(expected.nodes.find((node) => node['subtype'] === 'SERVICE_VERSION')).toMatchObject({
      name: 'tabu 1.0.0',
      organization_id: RIVAL,
      readers: [EVERYONE],
    });
    const artifact = expected.nodes.filter(
      (node) => (node['facts'] as { artifactId?: string }).artifactId === id('artifact of first'),
    );
    expect(artifact).toMatchObject([{ subtype: 'RESULT', name: 'result of first', organization_id: ACME }]);
  });

  test.each([
    ['backwards', [4, 3, 2, 1, 0]],
    ['users before makers', [3, 2, 4, 1, 0]],
    ['with repetitions', [0, 4, 0, 2, 2, 3, 1, 0, 4]],
  ])('told %s it is the same', async (_, order) => {
    const database = await fresh();
    for (const index of order) await tell(database, story[index] as News, `m${index}`);
    expect(await contents(database)).toEqual(expected);
    expect(await database.query('select 1 from inbox')).toHaveLength(story.length);
  });

  test.each([
    ['in order', [0, 1, 2, 3, 4]],
    ['backwards', [4, 3, 2, 1, 0]],
    ['with repetitions', [2, 3, 2, 4, 3]],
  ])('its jobs told %s in one batch, and the batch once more, it is the same', async (_, order) => {
    const database = await fresh();
    const news = order.flatMap((index) => {
      const one = story[index] as News;
      return 'job' in one ? [{ messageId: `m${index}`, job: one.job }] : [];
    });
    for (const index of [0, 1]) await tell(database, story[index] as News, `m${index}`);
    const { recordFinishedJobs } = createRegistryParts(database);
    for (let times = 0; times < 2; times++) await recordFinishedJobs('test', news);
    expect(await contents(database)).toEqual(expected);
    expect(await database.query('select 1 from inbox')).toHaveLength(story.length);
  });

  test('a batch has its effect as a whole or not at all', async () => {
    const database = await fresh();
    const { recordFinishedJobs } = createRegistryParts(database);
    const jobs = [aSucceededJob('good'), aSucceededJob('poison', { name: 'nul \0' })];
    const news = jobs.map((job) => ({ messageId: job.jobId, job }));
    await expect(recordFinishedJobs('test', news)).rejects.toSatisfy(refusedByDatabase);
    expect(await database.query('select 1 from inbox union all select 1 from node')).toEqual([]);
  });

  test('told anew under other message ids it is still the same: the statements themselves are unique', async () => {
    const database = await fresh();
    for (const round of ['a', 'b']) {
      for (const [index, news] of story.entries()) await tell(database, news, `${round}${index}`);
    }
    expect(await contents(database)).toEqual(expected);
  });

  test('told all at once, many times, it is the same', async () => {
    const database = await fresh();
    const rounds = [...'abcdefgh'].flatMap((round) =>
      story.map((news, index) => ({ news, messageId: `${round}${index}` })),
    );
    await Promise.all(rounds.map(({ news, messageId }) => tell(database, news, messageId)));
    expect(await contents(database)).toEqual(expected);
  });

  test('a message has its effect in one transaction with its inbox row', async () => {
    const database = await fresh();
    const broken = aSucceededJob('broken', { organizationId: 'not a uuid' });
    await expect(tell(database, { job: broken }, 'm1')).rejects.toThrow();
    expect(await database.query('select 1 from inbox')).toEqual([]);
    expect(await database.query('select 1 from node')).toEqual([]);
  });

  test('a job that has not ended is no news', async () => {
    const database = await fresh();
    await tell(database, { job: aSucceededJob('running', { state: 'IN_PROGRESS' }) }, 'm1');
    expect(await database.query('select 1 from inbox union all select 1 from node')).toEqual([]);
  });

  test.each([
    ['later', tellOneByOne],
    ['in the same batch', tellTogether],
  ])('an entity is generated once, whoever claims it %s', async (_, tellJobs) => {
    const database = await fresh();
    const outcomes = [anOutcome(0, { resultArtifactId: id('artifact of first') })];
    const names = ['first', ...Array.from({ length: 8 }, (_none, index) => `impostor ${index}`)];
    await tellJobs(
      database,
      names.map((name) => aSucceededJob(name, { outcomes })),
    );
    const generations = await database.query<{ name: string }>(
      `select activity.name from edge join node activity on activity.id = edge.dst where relation = 'WAS_GENERATED_BY'`,
    );
    expect(generations).toEqual([{ name: 'first' }]);
  });
});
