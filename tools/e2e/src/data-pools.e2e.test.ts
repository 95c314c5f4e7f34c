// Data pools through the gateway only: a file goes in, a job reads it, its result lands in another pool by itself, and who
// may not has neither.
import { randomUUID } from 'node:crypto';
import { eventually } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { armedBy, killAt } from './testing/armed-points.js';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { newDataFolder, startWeft, type RunFile, type Weft } from './testing/weft.js';
import { finish, publishService, submitJob } from './testing/work.js';

interface Person {
  readonly client: GraphClient;
  readonly id: string;
  readonly organizationId: string;
}

let weft: Weft;
let owner: Person;
let stranger: Person;
let double: string;

beforeAll(async () => {
  const data = newDataFolder();
  weft = await startWeft({
    data,
    env: { WEFT_SYNC_POINTS: armedBy(data), WEFT_RESTART_PAUSE_MAX: '200ms', JOBS_REFERENCE_WAIT: '2s' },
  });
  owner = await personOf(weft.token);
  const { secret } = await owner.client.mutate<{ secret: string }>(
    `mutation($input: CreateUserInput!) { createUser(input: $input) { secret userErrors { code message } } }`,
    { name: 'stranger', token: { name: 'first', scopes: ['read', 'write'] } },
  );
  stranger = await personOf(secret);
  double = await publishService(
    owner.client,
    'double.mjs',
    'export const run = (data) => ({ n: data.n * 2 });',
  );
}, 90_000);
afterAll(closeClients);

async function personOf(token: string): Promise<Person> {
  const client = graphClient(weft.url, token);
  const { me } = await client.query<{ me: { id: string; personalOrganization: { id: string } } }>(
    `{ me { id personalOrganization { id } } }`,
  );
  return { client, id: me.id, organizationId: me.personalOrganization.id };
}

async function aPool(name = `pool ${randomUUID()}`): Promise<string> {
  const { dataPool } = await owner.client.mutate<{ dataPool: { id: string } }>(
    `mutation($input: CreateDataPoolInput!) { createDataPool(input: $input) { dataPool { id } userErrors { code message } } }`,
    { name },
  );
  return dataPool.id;
}

async function add(
  dataPoolId: string,
  name: string,
  value: unknown,
): Promise<{ id: string; itemId: string }> {
  const artifactId = await owner.client.upload(name, 'application/json', 'INPUT', JSON.stringify(value));
  const { file } = await owner.client.mutate<{ file: { id: string; item: { id: string } } }>(
    `mutation($input: AddDataPoolFileInput!) { addDataPoolFile(input: $input) { file { id item { id } } userErrors { code message } } }`,
    { dataPoolId, name, artifactId },
  );
  return { id: file.id, itemId: file.item.id };
}

const share = (id: string, grants: readonly object[]): Promise<unknown> =>
  owner.client.mutate(
    `mutation($input: SetDataPoolAccessInput!) { setDataPoolAccess(input: $input) { dataPool { id } userErrors { code message } } }`,
    { id, grants },
  );

const forOrganization = (person: Person, role: string) => ({
  kind: 'ORGANIZATION',
  principalId: person.organizationId,
  roles: [role],
});

interface SavedResult {
  readonly state: string;
  readonly error: { readonly code: string } | null;
  readonly dataPool: { readonly id: string } | null;
  readonly file: {
    readonly name: string;
    readonly version: number;
    readonly artifact: { readonly downloadUrl: string } | null;
    readonly item: { readonly id: string } | null;
  } | null;
}

/** Once it is decided. */
const savedResult = (id: string, { client } = owner): Promise<SavedResult> =>
  eventually(
    'the result in its pool, or why not',
    async () => {
      const { job } = await client.query<{ job: { savedResults: { edges: { node: SavedResult }[] } } }>(
        `query($id: ID!) { job(id: $id) { savedResults { edges { node { state error { code }
          dataPool { id } file { name version artifact { downloadUrl } item { id } } } } } } }`,
        { id },
      );
      const node = job.savedResults.edges[0]?.node;
      return node !== undefined && node.state !== 'PENDING' && node;
    },
    20_000,
  );

const submitting = async ({ client }: Person, input: object): Promise<string[]> => {
  const { submitJob: answer } = await client.query<{
    submitJob: { userErrors: { code: string; path: string[] }[] };
  }>(
    `mutation($input: SubmitJobInput!) { submitJob(input: $input) { job { id } userErrors { code path } } }`,
    { input: { serviceVersionId: double, ...input } },
  );
  return answer.userErrors.map(({ code, path }) => `${code} ${path.join('.')}`);
};

describe('a file of a data pool', () => {
  it('is read by name, and what comes of it is a file of another pool whose lineage leads back', async () => {
    const [input, output] = [await aPool(), await aPool()];
    const source = await add(input, 'n.json', { n: 21 });
    const id = await submitJob(owner.client, {
      serviceVersionId: double,
      name: 'doubled',
      dataPoolFile: { dataPoolId: input, name: 'n.json' },
      resultPool: { dataPoolId: output, name: 'results/{name}-{index}.json' },
    });
    const { state, result } = await finish(owner.client, id);
    expect({ state, result }).toEqual({ state: 'SUCCEEDED', result: { n: 42 } });
    const saved = await savedResult(id);
    expect(saved).toMatchObject({
      state: 'SAVED',
      dataPool: { id: output },
      file: { name: 'results/doubled-0.json', version: 1 },
    });
    expect(await (await fetch(saved.file?.artifact?.downloadUrl ?? '')).json()).toEqual({ n: 42 });
    const { dataPool } = await owner.client.query<{ dataPool: unknown }>(
      `query($id: ID!) { dataPool(id: $id) { files { edges { node { name source { job { id name } } } } } } }`,
      { id: output },
    );
    expect(dataPool).toEqual({
      files: {
        edges: [{ node: { name: 'results/doubled-0.json', source: { job: { id, name: 'doubled' } } } }],
      },
    });
    const { item } = await owner.client.query<{
      item: {
        subtype: string;
        lineage: { edges: { hop: number; node: { id: string; job?: { id: string } } }[] };
      };
    }>(
      `query($id: ID!) { item(id: $id) { subtype lineage(direction: UPSTREAM, depth: 2) { edges { hop node { id ... on Activity { job { id } } } } } } }`,
      { id: saved.file?.item?.id },
    );
    expect(item.subtype).toBe('RESULT');
    const upstream = item.lineage.edges.map(({ hop, node }) => `${hop} ${node.job?.id ?? node.id}`);
    expect(upstream).toContain(`1 ${id}`);
    expect(upstream).toContain(`2 ${source.itemId}`);
  }, 60_000);

  it('is downloaded and used by another organization once that may read it, not before', async () => {
    const pool = await aPool();
    await add(pool, 'n.json', { n: 4 });
    const named = { dataPoolFile: { dataPoolId: pool, name: 'n.json' } };
    const FILE = `query($id: ID!) { dataPool(id: $id) { file(name: "n.json") { artifact { downloadUrl } } } }`;
    expect(await submitting(stranger, named)).toEqual(['REFERENCE_UNKNOWN input.dataPoolFile']);
    expect(await stranger.client.query(FILE, { id: pool })).toEqual({ dataPool: null });
    await share(pool, [forOrganization(owner, 'DATA_READ'), forOrganization(stranger, 'DATA_READ')]);
    const url = await eventually('a download', async () => {
      const { dataPool } = await stranger.client.query<{
        dataPool: { file: { artifact: { downloadUrl: string } | null } };
      }>(FILE, { id: pool });
      return dataPool.file.artifact?.downloadUrl;
    });
    expect(await (await fetch(url)).json()).toEqual({ n: 4 });
    const id = await submitJob(stranger.client, { serviceVersionId: double, ...named });
    expect(await finish(stranger.client, id)).toMatchObject({ state: 'SUCCEEDED', result: { n: 8 } });
    // Reading is not writing.
    const back = { resultPool: { dataPoolId: pool, name: '{jobId}' } };
    expect(await submitting(stranger, { data: { n: 1 }, ...back })).toEqual([
      'FORBIDDEN input.resultPool.dataPoolId',
    ]);
  }, 60_000);
});

describe('a pool that takes no files', () => {
  it('is one that is reviewed, released or sealed: jobs are refused, and what ran already says so', async () => {
    const pool = await aPool();
    await add(pool, 'base.json', { n: 0 });
    await share(pool, [{ kind: 'USER', principalId: stranger.id, roles: ['DATA_READ'] }]);
    const resultPool = { dataPoolId: pool, name: '{jobId}.json' };
    const slow = await publishService(
      owner.client,
      'slow.mjs',
      'export const run = () => new Promise((done) => setTimeout(() => done("late"), 3_000));',
    );
    const late = await submitJob(owner.client, { serviceVersionId: slow, resultPool });
    const change = (person: Person, mutation: string, input: object): Promise<unknown> =>
      person.client.mutate(
        `mutation($input: ${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!) { ${mutation}(input: $input) { dataPool { releaseState } userErrors { code message } } }`,
        { id: pool, ...input },
      );
    await change(owner, 'requestDataPoolRelease', { reviewerId: stranger.id, note: 'please' });
    const refusal = async (): Promise<string | undefined> =>
      (await submitting(owner, { data: { n: 1 }, resultPool }))[0]?.split(' ')[0];
    await eventually('the news of the review', async () => (await refusal()) === 'DATA_POOL_LOCKED');
    expect((await finish(owner.client, late)).state).toBe('SUCCEEDED');
    expect(await savedResult(late)).toMatchObject({
      state: 'REFUSED',
      error: { code: 'DATA_POOL_LOCKED' },
      file: null,
    });
    expect(await change(stranger, 'decideDataPoolRelease', { approve: true, note: 'good' })).toMatchObject({
      dataPool: { releaseState: 'RELEASED' },
    });
    await owner.client.query(
      `mutation($id: ID!) { sealDataPool(id: $id) { dataPool { id } userErrors { code } } }`,
      {
        id: pool,
      },
    );
    await eventually('the news of the seal', async () => (await refusal()) === 'DATA_POOL_SEALED');
    const { dataPool } = await owner.client.query<{
      dataPool: { fileCount: number; savedResults: { edges: unknown[] } };
    }>(
      `query($id: ID!) { dataPool(id: $id) { fileCount savedResults { edges { node { state job { id } } } } } }`,
      { id: pool },
    );
    expect(dataPool.fileCount).toBe(1);
    expect(dataPool.savedResults.edges).toContainEqual({ node: { state: 'REFUSED', job: { id: late } } });
    // Nothing is lost: by hand it goes elsewhere.
    const other = await aPool();
    await owner.client.mutate(
      `mutation($input: SaveJobResultToDataPoolInput!) { saveJobResultToDataPool(input: $input) { file { id } userErrors { code message } } }`,
      { dataPoolId: other, jobId: late, name: 'late.json' },
    );
  }, 60_000);
});

const registryPid = (run: RunFile): number | null => run.subgraphs.registry.pid;

describe('SIGKILL of the registry while it saves', () => {
  it.each(['registry-result-saved', 'registry-relay-before-publish', 'registry-relay-after-publish'])(
    'at %s: there is exactly one version',
    async (point) => {
      const pool = await aPool();
      let id = '';
      await killAt(weft, `${point}=kill`, registryPid, async () => {
        id = await submitJob(owner.client, {
          serviceVersionId: double,
          data: { n: 1 },
          resultPool: { dataPoolId: pool, name: 'latest.json' },
        });
        expect((await finish(owner.client, id)).state).toBe('SUCCEEDED');
      });
      await eventually(
        'a ready Weft',
        async () => (await fetch(`${weft.url}/readyz`)).status === 200,
        20_000,
      );
      const saved = await eventually('the result', () => savedResult(id), 30_000);
      expect(saved).toMatchObject({ state: 'SAVED', file: { version: 1 } });
      const { dataPool } = await owner.client.query<{ dataPool: unknown }>(
        `query($id: ID!) { dataPool(id: $id) { fileCount file(name: "latest.json") { versions { edges { node { version } } } } } }`,
        { id: pool },
      );
      expect(dataPool).toEqual({ fileCount: 1, file: { versions: { edges: [{ node: { version: 1 } }] } } });
      // The next job reads it: its news has come, too.
      const next = await submitJob(owner.client, {
        serviceVersionId: double,
        dataPoolFile: { dataPoolId: pool, name: 'latest.json' },
      });
      expect((await finish(owner.client, next)).result).toEqual({ n: 4 });
    },
    90_000,
  );
});
