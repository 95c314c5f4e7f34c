import { readFileSync } from 'node:fs';
import type { Database } from '@weft/database';
import { crateFaults, type RoCrate } from '@weft/lineage-formats';
import { testDatabase } from '@weft/testkit';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { descriptionOfArtifact } from '../domain/description.js';
import { askerOf, member, type Asker } from '../testing/ask.js';
import {
  aCancelledJob,
  aFailedJob,
  aFile,
  anOutcome,
  aServiceVersion,
  aSucceededJob,
  id,
  RIVAL,
  sha,
} from '../testing/finished-jobs.js';

let ask: Asker;
let database: Database;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  ask = await askerOf(database);
  const { describeNodes, recordFinishedJobs, recordServiceVersion } = createRegistryParts(database);
  await recordServiceVersion('test', 'v1', aServiceVersion());
  const jobs = [
    aFailedJob('first', {}),
    aSucceededJob('run', {
      retryOf: id('first'),
      inputs: { dataSha256: sha('data'), paramsSha256: sha('{}'), artifactIds: [id('grid')] },
      itemsTotal: 2,
      outcomes: [
        anOutcome(0, { resultArtifactId: id('tides'), resultSha256: sha('tides') }),
        anOutcome(1, { resultSha256: sha('small') }),
      ],
    }),
    aCancelledJob('cancelled'),
    aSucceededJob('step one', { batchId: id('workflow'), needs: [] }),
    aSucceededJob('step two', { batchId: id('workflow'), needs: [id('step one')] }),
  ];
  for (const job of jobs) await recordFinishedJobs('test', [{ messageId: job.jobId, job }]);
  await describeNodes(
    'test',
    [aFile('grid', { size: 42 }), aFile('tides', { size: 7 })].map((file) => ({
      messageId: file.artifactId,
      description: descriptionOfArtifact(file),
    })),
  );
});

interface Event {
  readonly eventType: string;
  readonly run: {
    readonly runId: string;
    readonly facets: Record<string, { readonly upstream?: unknown[]; readonly [word: string]: unknown }>;
  };
  readonly job: { readonly namespace: string; readonly name: string };
  readonly inputs: readonly { readonly name: string; readonly inputFacets?: object }[];
  readonly outputs: readonly {
    readonly name: string;
    readonly outputFacets?: object;
    readonly facets: object;
  }[];
}

const events = async (variables: Record<string, unknown>, actor = member()) =>
  (
    await ask.data<{ openLineageEvents: Event[] | null }>(
      'query ($jobId: ID, $activityId: ID) { openLineageEvents(jobId: $jobId, activityId: $activityId) }',
      variables,
      actor,
    )
  ).openLineageEvents;

describe('a job as events of OpenLineage', () => {
  const schema = JSON.parse(
    readFileSync(
      new URL('../../../../libs/lineage-formats/cases/openlineage-2-0-2.json', import.meta.url),
      'utf8',
    ),
  ) as object;

  it('begins once and ends once, with what it used and made', async () => {
    const told = await events({ jobId: id('run') });
    expect(told?.map(({ eventType }) => eventType)).toEqual(['OTHER', 'START', 'COMPLETE']);
    const last = told?.at(-1);
    expect(last?.run.runId).toBe(id('run'));
    expect(last?.inputs.map(({ name }) => name).sort()).toEqual(
      [`artifact/${id('grid')}`, `value/${sha('data')}`, `value/${sha('{}')}`].sort(),
    );
    expect(last?.outputs.map(({ name }) => name).sort()).toEqual(
      [`artifact/${id('tides')}`, `job/${id('run')}/result/1`].sort(),
    );
    expect(last?.run.facets['jobDependencies']?.upstream).toMatchObject([{ run: { runId: id('first') } }]);
    expect((await events({ jobId: id('first') }))?.map(({ eventType }) => eventType)).toEqual([
      ...['OTHER', 'START', 'FAIL'],
    ]);
    expect((await events({ jobId: id('cancelled') }))?.map(({ eventType }) => eventType)).toEqual([
      ...['OTHER', 'START', 'ABORT'],
    ]);
  });

  it('says how large files are, and of which content', async () => {
    const last = (await events({ jobId: id('run') }))?.at(-1);
    expect(last?.inputs.find(({ name }) => name === `artifact/${id('grid')}`)).toMatchObject({
      inputFacets: { inputStatistics: { size: 42 } },
    });
    expect(last?.outputs.find(({ name }) => name === `artifact/${id('tides')}`)).toMatchObject({
      outputFacets: { outputStatistics: { size: 7 } },
      facets: { version: { datasetVersion: `sha256:${sha('tides')}` } },
    });
  });

  it('says why it failed, by the code of the error, and nothing of the kind of others', async () => {
    const last = (await events({ jobId: id('first') }))?.at(-1);
    expect(last?.run.facets['errorMessage']).toMatchObject({
      message: expect.stringMatching(/^SERVICE_EXCEPTION: ./) as string,
      programmingLanguage: 'JavaScript',
    });
    for (const name of ['run', 'cancelled'])
      for (const event of (await events({ jobId: id(name) })) ?? [])
        expect(event.run.facets).not.toHaveProperty('errorMessage');
  });

  it('of a step names the workflow that began it, and the steps that it needed', async () => {
    const [event] = (await events({ jobId: id('step two') })) ?? [];
    expect(event?.run.facets['parent']).toMatchObject({
      run: { runId: id('workflow') },
      job: { namespace: event?.job.namespace, name: `workflow/${id('workflow')}` },
    });
    expect(event?.run.facets['jobDependencies']).toMatchObject({
      upstream: [{ run: { runId: id('step one') }, job: { name: 'step one' } }],
    });
    const [alone] = (await events({ jobId: id('run') })) ?? [];
    expect(alone?.run.facets).not.toHaveProperty('parent');
  });

  it('fits the schema, and is found by its activity', async () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const fits = ajv.compile(schema);
    expect(fits({})).toBe(false);
    for (const name of ['run', 'first', 'cancelled', 'step one', 'step two'])
      for (const event of (await events({ jobId: id(name) })) ?? [])
        expect([fits(event), fits.errors]).toEqual([true, null]);
    const [activity] = await database.query<{ id: string }>(
      'select public_id as id from node where name = $1',
      ['run'],
    );
    expect(await events({ activityId: activity?.id })).toEqual(await events({ jobId: id('run') }));
  });

  it('is nothing to another tenant, and to who names none', async () => {
    for (const jobId of [id('run'), id('unknown'), 'no uuid'])
      expect(await events({ jobId }, member(RIVAL))).toBeNull();
    expect((await ask.refusals('{ openLineageEvents }')).join()).toContain('jobId');
    expect(
      (await ask.refusals(`{ openLineageEvents(jobId: "${id('run')}") }`, {}, member(RIVAL, []))).join(),
    ).toContain('scope "read"');
  });
});

describe('a job as a crate', () => {
  const CRATE = `query ($id: ID!, $license: String) {
    exportRoCrate(jobId: $id, license: $license) { metadata files { path sha256 artifact { id } } } }`;
  interface Crate {
    readonly exportRoCrate: {
      readonly metadata: RoCrate['metadata'];
      readonly files: { path: string; sha256: string | null; artifact: { id: string } }[];
    } | null;
  }
  const crate = async (name: string, license: string | null = null, actor = member()) =>
    (await ask.data<Crate>(CRATE, { id: id(name), license }, actor)).exportRoCrate;

  it.each(['run', 'first', 'cancelled'])('is one by all rules: %s', async (name) => {
    const answer = await crate(name);
    expect(crateFaults(answer as unknown as RoCrate, 'process')).toEqual([]);
  });

  it('names its files by where they are stored', async () => {
    const answer = await crate('run', 'https://creativecommons.org/licenses/by/4.0/');
    expect(answer?.files.sort((one, other) => (one.path < other.path ? -1 : 1))).toEqual([
      { path: `code/${id('artifact code')}`, sha256: null, artifact: { id: id('artifact code') } },
      { path: `inputs/${id('grid')}`, sha256: sha('grid'), artifact: { id: id('grid') } },
      { path: `results/${id('tides')}`, sha256: sha('tides'), artifact: { id: id('tides') } },
    ]);
    const text = JSON.stringify(answer?.metadata);
    expect(text).toContain('https://creativecommons.org/licenses/by/4.0/');
    expect(text).toContain('tabu 1.0.0');
  });

  it('is nothing to another tenant', async () => {
    expect(await crate('run', null, member(RIVAL))).toBeNull();
    expect(await crate('unknown')).toBeNull();
  });
});
