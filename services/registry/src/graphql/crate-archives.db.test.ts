import { randomUUID } from 'node:crypto';
import { crateFaults } from '@weft/lineage-formats';
import { testDatabase, type TestDatabase } from '@weft/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { retellArchives } from '../persistence/crate-store.js';
import { crateSteps, type CrateSteps, type OtherThings } from '../testing/crate-steps.js';
import {
  ACME,
  aFailedJob,
  aFile,
  anOutcome,
  aServiceVersion,
  aSucceededJob,
  id,
  RIVAL,
  sha,
} from '../testing/finished-jobs.js';
import { ADA, aMember } from '../testing/item-steps.js';
import { descriptionOfArtifact } from '../domain/description.js';

let database: TestDatabase;
let steps: CrateSteps;

const GRID = 'depth,1\n';
const things: OtherThings = {
  files: {
    [id('grid')]: { name: 'grid.csv', content: GRID },
    [id('artifact code')]: { name: 'tabu.mjs', content: 'export const run = () => 1;' },
  },
  values: {
    [`${id('run')}/data`]: '{"a":1}',
    [`${id('run')}/params`]: '{}',
    [`${id('run')}/result/1`]: '"small"',
    [`${id('first')}/params`]: '{}',
    [`${id('many')}/params`]: '{}',
    [`${id('many')}/params/0`]: '{"days":1}',
    [`${id('many')}/params/2`]: '{"days":2}',
  },
  logs: { [id('run')]: '2026-11-20T10:00:01.000Z STDOUT <tides>\n' },
};

async function record(...jobs: ReturnType<typeof aSucceededJob>[]): Promise<void> {
  for (const job of jobs)
    await steps.parts.recordFinishedJobs('test', [{ messageId: `${job.jobId} ${job.seq}`, job }]);
}

beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  steps = await crateSteps(database);
  await steps.parts.recordServiceVersion('test', 'v1', aServiceVersion());
  await record(
    aFailedJob('first', { inputs: { dataSha256: null, paramsSha256: sha('{}'), artifactIds: [] } }),
    aSucceededJob('run', {
      name: 'Tides <b>',
      retryOf: id('first'),
      inputs: { dataSha256: sha('{"a":1}'), paramsSha256: sha('{}'), artifactIds: [id('grid')] },
      itemsTotal: 2,
      outcomes: [
        anOutcome(0, { resultArtifactId: id('tides'), resultSha256: sha('tides') }),
        anOutcome(1, { resultSha256: sha('"small"') }),
      ],
    }),
  );
  const described = descriptionOfArtifact(
    aFile('grid', { name: 'grid.csv', sha256: sha(GRID), size: GRID.length }),
  );
  await steps.parts.describeNodes('test', [{ messageId: 'grid', description: described }]);
});

describe('the archive of a run', () => {
  test('is asked of one job of the organization, and is a crate with its files', async () => {
    const asked = await steps.asked({ jobId: id('run'), license: 'CC BY 4.0' });
    expect(asked).toMatchObject({
      ...{ state: 'PENDING', error: null, artifact: null, fileCount: null, workflowId: null },
      ...{ runJob: { id: id('run') }, organization: { id: ACME }, requestedBy: { id: ADA.id } },
    });
    const told = await database.query<{ body: { payload: object } }>(
      `select body from outbox where subject like '%activity-workflow-requested%' order by position`,
    );
    expect(told.at(-1)?.body.payload).toMatchObject({
      ...{ workflowId: asked.id, organizationId: ACME, createdBy: ADA.id },
      steps: [{ jobId: asked.job.id, operation: 'EXPORT_RO_CRATE', params: { archiveId: asked.id } }],
    });

    const packed = await steps.pack(asked, things);
    expect(crateFaults(packed.crate, 'process')).toEqual([]);
    expect([...packed.files.keys()].slice(-2)).toEqual(['ro-crate-metadata.json', 'ro-crate-preview.html']);
    expect(packed.crate.files.map(({ path }) => [path, packed.files.get(path)?.toString()]).sort()).toEqual([
      ['code/tabu.mjs', 'export const run = () => 1;'],
      ['inputs/data.json', '{"a":1}'],
      ['inputs/grid.csv', GRID],
      ['inputs/params.json', '{}'],
      ['logs/log.txt', '2026-11-20T10:00:01.000Z STDOUT <tides>\n'],
      ['results/result-1.json', '"small"'],
    ]);
    for (const { path } of packed.crate.files) {
      const bytes = packed.files.get(path) ?? Buffer.alloc(0);
      expect(packed.entity(path)).toMatchObject({
        sha256: sha(bytes.toString()),
        contentSize: String(bytes.length),
        encodingFormat: expect.any(String) as string,
      });
    }
    expect(packed.entity('code/tabu.mjs')?.['@type']).toEqual(['File', 'SoftwareSourceCode']);
    expect(packed.entity('./')).toMatchObject({ license: 'CC BY 4.0' });
    expect(packed.stored).toMatchObject([
      { name: 'Tides-b.crate.zip', mediaType: 'application/zip', kind: 'RESULT' },
    ]);
    expect(packed.result).toMatchObject({ fileCount: 6, missingCount: 1 });
    const shown = await steps.shown(asked.id);
    expect(shown).toMatchObject({ state: 'SUCCEEDED', fileCount: 6, missingCount: 1 });
    expect(shown?.artifact?.id).toBe((packed.result as { artifactId: string }).artifactId);
  });

  test('has what single items brought of their own, each value once, as values of one parameter', async () => {
    const outcomes = ['{"days":1}', '{"days":1}', '{"days":2}', '{"days":3}'].map((params, index) =>
      anOutcome(index, { resultSha256: sha(`"${index}"`), paramsSha256: sha(params) }),
    );
    await record(
      aSucceededJob('many', {
        inputs: { dataSha256: null, paramsSha256: sha('{}'), artifactIds: [] },
        itemsTotal: outcomes.length,
        outcomes,
      }),
    );
    const packed = await steps.pack(await steps.asked({ jobId: id('many') }), things);
    expect(crateFaults(packed.crate, 'process')).toEqual([]);
    const inputs = packed.crate.files.map(({ path }) => path).filter((path) => path.startsWith('inputs/'));
    expect(inputs.sort()).toEqual(['inputs/params-0.json', 'inputs/params-2.json', 'inputs/params.json']);
    expect(packed.files.get('inputs/params-2.json')?.toString()).toBe('{"days":2}');
    const [one, other] = ['inputs/params-0.json', 'inputs/params-2.json'].map((path) => packed.entity(path));
    expect(one?.['exampleOfWork']).toEqual(other?.['exampleOfWork']);
    const parameter = one?.['exampleOfWork'] as { readonly '@id': string } | undefined;
    expect(packed.entity(parameter?.['@id'] ?? '')).toMatchObject({
      '@type': 'FormalParameter',
      name: 'params of items',
    });
    // What the fourth brought is not there any more: it is named with its hash.
    expect(packed.metadata['@graph']).toContainEqual(
      expect.objectContaining({ '@type': 'CreativeWork', sha256: sha('{"days":3}') }),
    );
  });

  test('names what is gone, with the reason and its hash, in the metadata and for people', async () => {
    const { metadata, files } = await steps.pack(await steps.asked({ jobId: id('run') }), things);
    const gone = metadata['@graph'].filter(({ description }) =>
      String(description).startsWith('Not in this crate'),
    );
    expect(gone).toMatchObject([{ '@type': 'CreativeWork', sha256: sha('tides') }]);
    const action = metadata['@graph'].find((entity) => entity['@type'] === 'CreateAction');
    expect(JSON.stringify(action?.['result'])).toContain(String(gone[0]?.['@id']));
    const page = files.get('ro-crate-preview.html')?.toString() ?? '';
    expect(page).toContain('not in this crate');
    expect(page).toContain('Tides &lt;b&gt;');
    expect(page).not.toContain('<b>');
    expect(page).toContain('<a href="./inputs/grid.csv">');
  });

  test('is the same bytes for the same run, and made once', async () => {
    const [one, other] = [await steps.asked({ jobId: id('run') }), await steps.asked({ jobId: id('run') })];
    const first = await steps.pack(one, things);
    expect((await steps.pack(other, things)).archive.equals(first.archive)).toBe(true);
    expect(await steps.pack(one, things)).toMatchObject({ result: first.result, stored: [] });
  });

  test('tells what every member may read, and not more where who asked may read more', async () => {
    const [team, secret] = [id('team survey'), id('job secret')];
    await record(
      aSucceededJob('with a secret', {
        inputs: { dataSha256: null, paramsSha256: null, artifactIds: [secret] },
      }),
    );
    await database.query(`update node set readers = array[$1::uuid] where facts ->> 'artifactId' = $2`, [
      ...[team, secret],
    ]);
    const insider = aMember('insider', 'MAINTAINER', [ACME], [team]);
    const asked = await steps.asked({ jobId: id('with a secret') }, insider);
    const { metadata } = await steps.pack(asked, {
      files: { [secret]: { name: 'secret.csv', content: '1' } },
    });
    expect(JSON.stringify(metadata)).not.toContain('secret.csv');
    expect(JSON.stringify(metadata)).not.toContain(secret);
  });

  test('of a failed run says why, and has no code of another organization', async () => {
    const foreign = aServiceVersion({
      ...{ serviceVersionId: id('version of rival'), organizationId: RIVAL, lifecycle: 'PUBLISHED' },
      code: { artifactId: id('code of rival'), runtime: 'NODEJS' },
    });
    await steps.parts.recordServiceVersion('test', 'v2', foreign);
    await record(aFailedJob('broken', { serviceVersionId: id('version of rival') }));
    const { crate, files, metadata } = await steps.pack(await steps.asked({ jobId: id('broken') }), {
      files: { [id('code of rival')]: { name: 'theirs.mjs', content: '' } },
      values: {
        [`${id('broken')}/data`]: 'data of broken',
        [`${id('broken')}/params`]: '{}',
      },
    });
    expect(crateFaults(crate, 'process')).toEqual([]);
    expect([...files.keys()].filter((path) => path.startsWith('code/'))).toEqual([]);
    const action = metadata['@graph'].find((entity) => entity['@type'] === 'CreateAction');
    expect(action).toMatchObject({
      actionStatus: { '@id': 'http://schema.org/FailedActionStatus' },
      error: 'SERVICE_EXCEPTION',
    });
  });

  test('is not made of bytes that are not those of which the graph has the hash', async () => {
    const asked = await steps.asked({ jobId: id('run') });
    const forged = { ...things, values: { ...things.values, [`${id('run')}/data`]: '{"a":2}' } };
    await expect(steps.pack(asked, forged)).rejects.toThrow('was told to have');
    expect((await steps.shown(asked.id))?.state).toBe('IN_PROGRESS');
  });

  test('is not made when the run went to another organization meanwhile', async () => {
    await record(aSucceededJob('leaving'));
    const asked = await steps.asked({ jobId: id('leaving') });
    await database.query(`update node set readers = array[$1::uuid] where facts ->> 'jobId' = $2`, [
      ...[RIVAL, id('leaving')],
    ]);
    await expect(steps.pack(asked, things)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('whose job failed says so, and is made by the retry', async () => {
    const asked = await steps.asked({ jobId: id('run') });
    const job = {
      jobId: asked.job.id,
      retryOf: null,
      state: 'FAILED',
      errorCode: 'PAYLOAD_TOO_LARGE',
    } as const;
    await steps.parts.hearRegistryJobs('test', [{ messageId: randomUUID(), correlationId: 'test', job }]);
    expect(await steps.shown(asked.id)).toMatchObject({ state: 'FAILED', error: 'PAYLOAD_TOO_LARGE' });
    const retry = randomUUID();
    await steps.pack(asked, things, retry);
    expect(await steps.shown(asked.id)).toMatchObject({
      state: 'SUCCEEDED',
      error: null,
      job: { id: retry },
    });
  });

  test('is asked for again when the stream was lost, until its job was heard of', async () => {
    const asked = await steps.asked({ jobId: id('run') });
    const tellings = async () =>
      (await database.query(`select from outbox where body -> 'payload' ->> 'workflowId' = $1`, [asked.id]))
        .length;
    expect(await tellings()).toBe(1);
    await database.transaction((tx) => retellArchives(tx, ''));
    expect(await tellings()).toBe(2);
    await steps.pack(asked, things);
    await database.transaction((tx) => retellArchives(tx, ''));
    expect(await tellings()).toBe(2);
  });
});

describe('who may have an archive packed', () => {
  test.each([
    ['nothing', {}, 'BAD_USER_INPUT input'],
    ['two things', { jobId: id('run'), workflowId: id('run') }, 'BAD_USER_INPUT input'],
    ['an unknown job', { jobId: id('unknown') }, 'NOT_FOUND input.jobId'],
    ['what is no id', { activityId: 'run' }, 'NOT_FOUND input.activityId'],
    ['a workflow of nobody', { workflowId: id('run') }, 'NOT_FOUND input.workflowId'],
    ['a long licence', { jobId: id('run'), license: 'x'.repeat(501) }, 'BAD_USER_INPUT input.license'],
  ])('%s is refused', async (_, input, refusal) => {
    expect(await steps.tryToAsk(input)).toEqual({ archive: null, refusals: [refusal] });
  });

  test('not who only looks, nor anybody else; and members alone see it', async () => {
    const run = { jobId: id('run') };
    const viewer = aMember('vera', 'VIEWER');
    const rival = aMember('rival', 'OWNER', [RIVAL]);
    expect((await steps.tryToAsk(run, viewer)).refusals).toEqual(['FORBIDDEN input.jobId']);
    expect((await steps.tryToAsk(run, rival)).refusals).toEqual(['NOT_FOUND input.jobId']);
    expect((await steps.tryToAsk(run, { ...ADA, scopes: ['read'] })).refusals).toEqual(['FORBIDDEN']);
    const asked = await steps.asked(run);
    await steps.pack(asked, things);
    expect(await steps.shown(asked.id, viewer)).toMatchObject({ id: asked.id });
    expect(await steps.shown(asked.id, rival)).toBeNull();
    expect(await steps.shown('no uuid')).toBeNull();
  });

  test('under a key once, and not so many at a time', async () => {
    const eve = aMember('eve');
    const ask = (more: object = {}) =>
      steps.tryToAsk({ jobId: id('run'), idempotencyKey: 'key-1', ...more }, eve);
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(first.archive?.id).toBe(second.archive?.id);
    expect((await ask({ license: 'other' })).refusals).toEqual(['IDEMPOTENCY_CONFLICT input.idempotencyKey']);
    for (let count = 2; count <= 5; count += 1) await steps.asked({ jobId: id('run') }, eve);
    expect((await steps.tryToAsk({ jobId: id('run') }, eve)).refusals).toEqual(['RATE_LIMITED']);
    expect((await ask()).archive?.id).toBe(first.archive?.id);
  });

  test('are listed with their job, the last first, page by page, to members alone', async () => {
    const ofJobs = async (jobs: readonly string[], page = '', actor = aMember('vera', 'VIEWER')) => {
      const { _entities } = await steps.ask.data<{ _entities: { roCrateArchives: ArchiveList }[] }>(
        `query ($jobs: [_Any!]!) { _entities(representations: $jobs) { ... on Job { roCrateArchives${page} {
          edges { cursor node { id runJob { id } } } pageInfo { hasNextPage endCursor } } } } }`,
        { jobs: jobs.map((job) => ({ __typename: 'Job', id: id(job) })) },
        actor,
      );
      return _entities.map(({ roCrateArchives }) => roCrateArchives);
    };
    const lou = aMember('lou');
    const made: string[] = [];
    for (const jobId of ['broken', 'broken', 'broken', 'run'])
      made.push((await steps.asked({ jobId: id(jobId) }, lou)).id);
    const idsOf = ({ edges }: ArchiveList): string[] => edges.map(({ node }) => node.id);
    const [broken, run] = await ofJobs(['broken', 'run']);
    expect(idsOf(broken as ArchiveList).slice(0, 3)).toEqual(made.slice(0, 3).toReversed());
    expect(idsOf(run as ArchiveList)[0]).toBe(made[3]);
    expect(idsOf(run as ArchiveList)).not.toContain(made[0]);
    const [first] = await ofJobs(['broken'], '(first: 2)');
    expect(first?.pageInfo.hasNextPage).toBe(true);
    const [second] = await ofJobs(['broken'], `(first: 2, after: "${first?.pageInfo.endCursor}")`);
    expect(idsOf(second as ArchiveList)[0]).toBe(made[0]);
    expect(await ofJobs(['broken'], '', aMember('rival', 'OWNER', [RIVAL]))).toEqual([
      { edges: [], pageInfo: { hasNextPage: false, endCursor: null } },
    ]);
  });
});

interface ArchiveList {
  readonly edges: readonly { readonly node: { readonly id: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}
