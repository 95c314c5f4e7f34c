import { randomUUID } from 'node:crypto';
import { principalsOf, type JobChanged } from '@weft/contracts';
import type { Database } from '@weft/database';
import type { Actor } from '@weft/identity';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { dataPoolSteps, type DataPoolSteps } from '../testing/data-pool-steps.js';
import {
  ACME,
  anOutcome,
  aFailedJob,
  aGivenJob,
  aSucceededJob,
  id,
  RIVAL,
  sha,
} from '../testing/finished-jobs.js';
import { ADA, aMember } from '../testing/item-steps.js';

const VERA = aMember('vera', 'VIEWER');
const RITA = aMember('rita', 'OWNER', [RIVAL]);
const OLGA = aMember('olga', 'OWNER');

let database: Database;
let steps: DataPoolSteps;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  steps = await dataPoolSteps(database);
});
afterAll(() => database.close());

interface Asked {
  readonly by?: Actor;
  readonly name?: string;
  readonly job?: Partial<JobChanged>;
  /** Of each item its file; null: it is a value. */
  readonly files?: readonly (string | null)[];
}

/** A job that ended with the wish that the pool keeps its results. */
function jobFor(
  dataPoolId: string,
  title: string,
  { by = ADA, name = '{name}/{index}.json', ...more }: Asked,
) {
  const { files = [randomUUID()], job } = more;
  return aSucceededJob(title, {
    outcomes: files.map((resultArtifactId, index) =>
      anOutcome(index, { resultArtifactId, resultSha256: sha(title) }),
    ),
    itemsTotal: files.length,
    createdBy: by.id,
    resultPool: { dataPoolId, name, principals: principalsOf(by) },
    ...job,
  });
}

const hear = (job: JobChanged, messageId: string = randomUUID()): Promise<void> =>
  steps.parts.recordFinishedJobs('test', [{ messageId, job }]);

/** Heard, with its files, and saved. @returns its id. */
async function saved(dataPoolId: string, title: string, asked: Asked = {}): Promise<string> {
  const job = jobFor(dataPoolId, title, asked);
  for (const { resultArtifactId } of job.outcomes)
    if (resultArtifactId !== null)
      await steps.stored(`${title} ${resultArtifactId}`, job.organizationId, resultArtifactId);
  await hear(job);
  await steps.parts.saveResults();
  return job.jobId;
}

interface Shown {
  readonly state: string;
  readonly itemIndex: number;
  readonly fileName: string;
  readonly file: { readonly id: string; readonly version: number } | null;
  readonly error: { readonly code: string } | null;
}
const PAGE = `edges { node { itemIndex state fileName file { id version } error { code } } }`;

const resultsOf = async (jobId: string, actor = ADA): Promise<Shown[]> => {
  const { _entities } = await steps.ask.data<{ _entities: { savedResults: { edges: { node: Shown }[] } }[] }>(
    `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Job { savedResults(first: 100) { ${PAGE} } } } }`,
    { of: [{ __typename: 'Job', id: jobId }] },
    actor,
  );
  return _entities[0]!.savedResults.edges.map(({ node }) => node);
};
const outcomeOf = async (jobId: string): Promise<string[]> =>
  (await resultsOf(jobId)).map(({ state, error }) => (error === null ? state : `${state} ${error.code}`));

describe('results that are to be in a data pool', () => {
  test('are put there as the entities that they are, once, however often the end of the job is heard', async () => {
    const pool = await steps.aPool();
    const job = jobFor(pool, 'sweep', { files: [randomUUID(), randomUUID()] });
    for (const { resultArtifactId } of job.outcomes) await steps.stored('sweep', ACME, resultArtifactId!);
    for (const message of ['first', 'first', 'second']) {
      await hear(job, message);
      // As two replicas would.
      await Promise.all([steps.parts.saveResults(), createRegistryParts(database).saveResults()]);
    }
    expect(await steps.names(pool)).toEqual(['sweep/0.json', 'sweep/1.json']);
    expect(await resultsOf(job.jobId)).toMatchObject([
      { itemIndex: 0, state: 'SAVED', fileName: 'sweep/0.json', file: { version: 1 }, error: null },
      { itemIndex: 1, state: 'SAVED', fileName: 'sweep/1.json', file: { version: 1 }, error: null },
    ]);
    const shown = await steps.pool(
      pool,
      `file(name: "sweep/1.json") { addedBy { id } source { itemIndex job { id } } item { subtype wasGeneratedBy { name } } }
       savedResults { edges { node { itemIndex job { id } dataPool { id } } } }`,
    );
    expect(shown).toEqual({
      file: {
        addedBy: { id: ADA.id },
        source: { itemIndex: 1, job: { id: job.jobId } },
        item: { subtype: 'RESULT', wasGeneratedBy: { name: 'sweep' } },
      },
      savedResults: {
        edges: [1, 0].map((itemIndex) => ({
          node: { itemIndex, job: { id: job.jobId }, dataPool: { id: pool } },
        })),
      },
    });
    expect(
      await database.query(
        `select id from outbox where subject like '%.data-pool-file-changed.%' and body::text like $1`,
        [`%${pool}%`],
      ),
    ).toHaveLength(2);
  });

  test('wait for the news of their files', async () => {
    const pool = await steps.aPool();
    const file = randomUUID();
    const job = jobFor(pool, 'early', { files: [file] });
    await hear(job);
    await steps.parts.saveResults();
    expect(await outcomeOf(job.jobId)).toEqual(['PENDING']);
    await steps.stored('early', ACME, file);
    await steps.parts.saveResults();
    expect(await outcomeOf(job.jobId)).toEqual(['SAVED']);
  });

  test('of which nothing is heard for a day are given up', async () => {
    const pool = await steps.aPool();
    const job = jobFor(pool, 'never stored', {});
    await hear(job);
    await database.query(`update saved_result set told_at = now() - interval '25 hours' where job_id = $1`, [
      job.jobId,
    ]);
    await steps.parts.saveResults();
    expect(await outcomeOf(job.jobId)).toEqual(['REFUSED REFERENCE_UNKNOWN']);
  });

  test('of the same name are versions of one file', async () => {
    const pool = await steps.aPool();
    // Monday's end is heard once more when its file is not the last version any more.
    for (const title of ['monday', 'tuesday', 'monday'])
      await saved(pool, title, { name: 'latest.json', files: [id(`file of ${title}`)] });
    expect(
      await steps.pool(pool, 'fileCount file(name: "latest.json") { version source { job { id } } }'),
    ).toEqual({
      fileCount: 1,
      file: { version: 2, source: { job: { id: id('tuesday') } } },
    });
  });

  test('are there also when the process died before it was done, and hold up no others', async () => {
    const pool = await steps.aPool();
    const file = randomUUID();
    const job = jobFor(pool, 'interrupted', { files: [file] });
    await steps.stored('interrupted', ACME, file);
    await hear(job);
    const stuck: unknown[] = [];
    let dies = true;
    const mortal = createRegistryParts(database, {
      syncPoint: () => (dies ? Promise.reject(new Error('killed')) : Promise.resolve()),
      logger: { error: (facts: unknown) => stuck.push(facts) } as never,
    });
    await mortal.saveResults();
    expect(stuck).toMatchObject([{ jobId: job.jobId }]);
    expect(await steps.names(pool)).toEqual([]);
    dies = false;
    await mortal.saveResults();
    await mortal.saveResults();
    expect(await resultsOf(job.jobId)).toMatchObject([{ state: 'SAVED', file: { version: 1 } }]);
  });

  test('that a retry carried over come along', async () => {
    const pool = await steps.aPool();
    const [before, now] = [randomUUID(), randomUUID()];
    await hear(
      aFailedJob('half', {
        itemsTotal: 2,
        outcomes: [
          anOutcome(0, { resultArtifactId: before, resultSha256: sha('b') }),
          anOutcome(1, { state: 'FAILED' }),
        ],
      }),
    );
    const job = {
      retryOf: id('half'),
      outcomes: [
        anOutcome(0, {
          attempt: null,
          resultArtifactId: before,
          resultSha256: sha('b'),
          carriedFrom: id('half'),
        }),
        anOutcome(1, { resultArtifactId: now }),
      ],
    };
    for (const file of [before, now]) await steps.stored('half', ACME, file);
    await hear(jobFor(pool, 'whole', { job: { ...job, itemsTotal: 2 } }));
    await steps.parts.saveResults();
    expect(await steps.names(pool)).toEqual(['whole/0.json', 'whole/1.json']);
    const shown = await steps.pool(
      pool,
      `file(name: "whole/0.json") { source { job { id } } item { wasGeneratedBy { name } } }`,
    );
    expect(shown).toEqual({
      file: { source: { job: { id: id('whole') } }, item: { wasGeneratedBy: { name: 'half' } } },
    });
  });

  test('are those of jobs that succeeded only', async () => {
    const pool = await steps.aPool();
    const { resultPool, createdBy } = jobFor(pool, 'any', {});
    const job = aFailedJob('failed with a pool', { createdBy, ...(resultPool && { resultPool }) });
    await hear(job);
    await steps.parts.saveResults();
    expect(await resultsOf(job.jobId)).toEqual([]);
  });
});

describe('what cannot be put there is said, and the job stays what it was', () => {
  test('when whoever asked may not write any more', async () => {
    const pool = await steps.aPool({}, OLGA);
    await steps.done(
      'setDataPoolAccess',
      { id: pool, grants: [{ kind: 'ORGANIZATION', principalId: ACME, roles: ['DATA_READ'] }] },
      OLGA,
    );
    expect(await outcomeOf(await saved(pool, 'right withdrawn'))).toEqual(['REFUSED FORBIDDEN']);
    await steps.done(
      'setDataPoolAccess',
      { id: pool, grants: [{ kind: 'USER', principalId: ADA.id, roles: ['DATA_WRITE'] }] },
      OLGA,
    );
    expect(await outcomeOf(await saved(pool, 'right given again'))).toEqual(['SAVED']);
  });

  test('when the pool takes no files or is gone; by hand it is saved elsewhere', async () => {
    const [sealed, pending, deleted] = [await steps.aPool(), await steps.aPool(), await steps.aPool()];
    for (const pool of [sealed, pending]) await steps.add(pool, 'base');
    await steps.done('sealDataPool', { id: sealed });
    await steps.done('requestDataPoolRelease', { id: pending, reviewerId: OLGA.id });
    await steps.change('deleteDataPool', { id: deleted });
    const jobId = await saved(sealed, 'for the sealed one');
    expect(await outcomeOf(jobId)).toEqual(['REFUSED DATA_POOL_SEALED']);
    expect(await outcomeOf(await saved(pending, 'for the one under review'))).toEqual([
      'REFUSED DATA_POOL_LOCKED',
    ]);
    expect(await outcomeOf(await saved(deleted, 'for the deleted one'))).toEqual(['REFUSED NOT_FOUND']);
    const other = await steps.aPool();
    await steps.done('saveJobResultToDataPool', { dataPoolId: other, jobId, name: 'kept' });
    expect(await steps.names(other)).toEqual(['kept']);
  });

  test('when there is no file, or no name for it', async () => {
    const pool = await steps.aPool();
    const value = await saved(pool, 'a value beside a file', { files: [null, randomUUID()] });
    expect(await outcomeOf(value)).toEqual(['REFUSED BAD_USER_INPUT', 'SAVED']);
    expect(await outcomeOf(await saved(pool, '..', { name: '{name}' }))).toEqual(['REFUSED BAD_USER_INPUT']);
    expect(await outcomeOf(await saved(pool, 'a/b\\c ', { name: '{name}.json' }))).toEqual(['SAVED']);
    expect(await steps.names(pool)).toContain('a_b_c.json');
  });

  test('when the job was given away before', async () => {
    const pool = await steps.aPool();
    const at = '2026-11-21T00:00:00.000Z';
    await steps.parts.keepJobRecords('test', [
      { messageId: randomUUID(), at, change: aGivenJob('given away', RIVAL) },
    ]);
    const jobId = await saved(pool, 'given away');
    const [result] = await resultsOf(jobId, RITA);
    expect(result).toMatchObject({ state: 'REFUSED', error: { code: 'FORBIDDEN' } });
  });
});

describe('a stranger', () => {
  test('gives results to a pool that was opened to him, and sees nothing of others’', async () => {
    const pool = await steps.aPool();
    const theirs = { by: RITA, job: { organizationId: RIVAL } };
    expect(await resultsOf(await saved(pool, 'uninvited', theirs), RITA)).toMatchObject([
      { state: 'REFUSED', error: { code: 'FORBIDDEN' } },
    ]);
    const grants = [
      { kind: 'ORGANIZATION', principalId: RIVAL, roles: ['DATA_WRITE'] },
      { kind: 'ORGANIZATION', principalId: ACME, roles: ['DATA_READ'] },
    ];
    await steps.done('setDataPoolAccess', { id: pool, grants });
    const jobId = await saved(pool, 'invited', theirs);
    expect(await resultsOf(jobId, RITA)).toMatchObject([{ state: 'SAVED' }]);
    expect(await resultsOf(jobId)).toEqual([]);
    expect(await steps.pool(pool, 'savedResults { edges { node { state } } }', VERA)).toEqual({
      savedResults: null,
    });
  });
});
