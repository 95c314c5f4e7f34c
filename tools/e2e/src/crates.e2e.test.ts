// A run packed with its files, through the gateway only: what comes out of the archive is what went into the job and came out.
import { createHash } from 'node:crypto';
import { crateFaults, type CrateLevel, type RoCrate } from '@weft/lineage-formats';
import { eventually, unzipped } from '@weft/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { startWeft } from './testing/weft.js';
import { finish, publishService, submitJob } from './testing/work.js';

const TIDES = `export const run = (data, params, context) => {
  console.log('heights of ' + data.length + ' characters');
  return params.big ? 'x'.repeat(200_000) : { of: data };
};`;

let client: GraphClient;
let service: string;
beforeAll(async () => {
  const weft = await startWeft();
  client = graphClient(weft.url, weft.token);
  service = await publishService(client, 'tides.mjs', TIDES);
}, 90_000);
afterAll(closeClients);

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

interface Archive {
  readonly id: string;
  readonly state: string;
  readonly error: string | null;
  readonly fileCount: number;
  readonly missingCount: number;
  readonly job: { readonly state: string; readonly kind: string; readonly progress: number };
  readonly artifact: {
    readonly name: string;
    readonly mediaType: string;
    readonly size: number;
    readonly sha256: string;
    readonly downloadUrl: string;
  };
}

/** Asked for, waited for, downloaded by its signed URL and unpacked; each file has the hash that the metadata tells. */
async function pack(input: Readonly<Record<string, unknown>>, level: CrateLevel) {
  const { archive: asked } = await eventually('its provenance is known', () =>
    client
      .mutate<{ archive: { id: string } }>(
        `mutation($input: PackRoCrateInput!) { packRoCrate(input: $input) { archive { id } userErrors { code message } } }`,
        input,
      )
      .catch(() => undefined),
  );
  const shown = await eventually(
    'the archive',
    async () => {
      const { roCrateArchive } = await client.query<{ roCrateArchive: Archive }>(
        `query($id: ID!) { roCrateArchive(id: $id) { id state error fileCount missingCount job { state kind progress }
          artifact { name mediaType size sha256 downloadUrl } } }`,
        { id: asked.id },
      );
      return ['SUCCEEDED', 'FAILED'].includes(roCrateArchive.state) && roCrateArchive;
    },
    30_000,
  );
  expect([shown.state, shown.error]).toEqual(['SUCCEEDED', null]);
  const bytes = Buffer.from(await (await fetch(shown.artifact.downloadUrl)).arrayBuffer());
  expect([bytes.length, sha256(bytes)]).toEqual([shown.artifact.size, shown.artifact.sha256]);
  expect(shown.artifact).toMatchObject({ mediaType: 'application/zip' });
  const files = await unzipped(bytes);
  const metadata = JSON.parse(String(files.get('ro-crate-metadata.json'))) as RoCrate['metadata'];
  const paths = [...files.keys()].filter((path) => !path.startsWith('ro-crate-'));
  expect(crateFaults({ metadata, files: paths.map((path) => ({ path })) }, level)).toEqual([]);
  for (const path of paths)
    expect(metadata['@graph'].find((entity) => decodeURIComponent(entity['@id']) === path)).toMatchObject({
      sha256: sha256(files.get(path) as Buffer),
    });
  expect(shown.fileCount).toBe(paths.length);
  return { shown, files, metadata };
}

it('has the input, the params, the code, the log and the result of a job, and does without what was deleted', async () => {
  const heights = JSON.stringify('heights '.repeat(1_000));
  const dataArtifactId = await client.upload('heights.json', 'application/json', 'INPUT', heights);
  const jobId = await submitJob(client, {
    ...{ name: 'tides', serviceVersionId: service, dataArtifactId, params: { big: true } },
  });
  expect((await finish(client, jobId)).state).toBe('SUCCEEDED');
  const { shown, files } = await pack({ jobId, license: 'CC0-1.0' }, 'process');
  expect(shown.missingCount).toBe(0);
  expect(shown.job).toMatchObject({ kind: 'REGISTRATION' });
  expect(shown.artifact.name).toBe('tides.crate.zip');
  expect(files.get('inputs/heights.json')?.toString()).toBe(heights);
  expect(files.get('inputs/params.json')?.toString()).toBe('{"big":true}');
  expect(files.get('code/tides.mjs')?.toString()).toBe(TIDES);
  expect(files.get('results/result-0.json')?.toString()).toBe(JSON.stringify('x'.repeat(200_000)));
  expect(files.get('logs/log.txt')?.toString()).toContain('heights of 8000 characters');
  expect(files.get('ro-crate-preview.html')?.toString()).toContain('results/result-0.json');

  await client.mutate(
    `mutation($input: DeleteJobInput!) { deleteJob(input: $input) { userErrors { code message } } }`,
    { id: jobId },
  );
  await eventually('its files are gone', async () => {
    const after = await pack({ jobId }, 'process');
    return (
      after.shown.missingCount === 2 &&
      !after.files.has('results/result-0.json') &&
      !after.files.has('inputs/params.json') &&
      after.files.has('inputs/heights.json')
    );
  });
}, 90_000);

it('has the steps of a workflow and what one made and the next used', async () => {
  const { workflow } = await client.mutate<{ workflow: { id: string } }>(
    `mutation($input: SubmitWorkflowInput!) { submitWorkflow(input: $input) { workflow { id } userErrors { code message path } } }`,
    {
      name: 'two tides',
      steps: [
        { key: 'one', name: 'one', serviceVersionId: service, data: 'low', params: {} },
        {
          key: 'two',
          name: 'two',
          needs: ['one'],
          serviceVersionId: service,
          data: { $from: 'one' },
          params: { big: true },
        },
      ],
    },
  );
  await eventually(
    'both steps ended',
    async () => {
      const query = `query($id: ID!) { workflow(id: $id) { state steps { job { provenance { activity { id } } } } } }`;
      const found = await client.query<{
        workflow: { state: string; steps: { job: { provenance: object | null } }[] };
      }>(query, { id: workflow.id });
      return (
        found.workflow.state === 'SUCCEEDED' &&
        found.workflow.steps.every(({ job }) => job.provenance !== null)
      );
    },
    30_000,
  );
  const { files, metadata } = await pack({ workflowId: workflow.id }, 'provenance');
  expect(files.get('steps/1/results/result-0.json')?.toString()).toBe('{"of":"low"}');
  const actions = metadata['@graph'].filter((entity) => entity['@type'] === 'CreateAction');
  const second = actions.find(({ name }) => name === 'two');
  expect(JSON.stringify(second?.['object'])).toContain('steps/1/results/result-0.json');
  expect(files.get('steps/2/results/result-0.json')?.length).toBe(200_002);
  expect([...files.keys()]).toContain('workflow.json');
}, 60_000);
