// A real problem from upload to provenance, through the gateway only.
import { readFileSync } from 'node:fs';
import { eventually } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { enumerateMaximum, randomQubo, readQubo, valueAt } from './testing/qubo.js';
import { startWeft, type Weft } from './testing/weft.js';
import {
  causesOf,
  exampleFile,
  finish,
  logOf,
  publishService,
  seqsOf,
  submitJob,
  upTo,
  watchJob,
} from './testing/work.js';

let weft: Weft;
let client: GraphClient;

beforeAll(async () => {
  weft = await startWeft({ args: [] });
  client = graphClient(weft.url, weft.token);
}, 90_000);
afterAll(closeClients);

interface Solution {
  readonly best: number;
  readonly x: string;
}

describe('the first start', () => {
  it('shows the main job done', async () => {
    const shown = await eventually(
      'the sample',
      () => (/Token/.test(weft.output()) ? weft.output() : undefined),
      60_000,
    );
    expect(shown).toMatch(
      /PENDING\s+submitted[\s\S]*IN_PROGRESS\s+started[\s\S]*SUCCEEDED[\s\S]*2098, the best value known/,
    );
    expect(shown).toMatch(/http:\/\/\S+\/graphql/);
  }, 70_000);
});

describe('bqp50_1', () => {
  it.each(['qubo/qubo.mjs', 'qubo/qubo.py'])(
    'is solved to its best-known value by %s, watched live across three subgraphs',
    async (file) => {
      const text = readFileSync(exampleFile('qubo/instances/bqp50_1.qubo'), 'utf8');
      const serviceVersionId = await publishService(client, file);
      const dataArtifactId = await client.upload('bqp50_1.qubo', 'text/plain', 'INPUT', text);
      const id = await submitJob(client, {
        serviceVersionId,
        dataArtifactId,
        params: { seed: 7, timeMs: 2_000 },
      });
      const live = watchJob(client, id);
      await live.ended;
      expect(seqsOf(live)).toEqual(upTo(4));
      expect(causesOf(live)).toEqual(['SUBMITTED', 'CLAIMED', 'STARTED', 'SUCCEEDED']);
      const last = live.payloads.at(-1)?.jobChanged.job;
      expect(last).toMatchObject({
        state: 'SUCCEEDED',
        error: null,
        target: { name: expect.any(String) as string },
      });
      expect(last?.service?.name).toContain('qubo');
      expect(last?.owner?.name).toEqual(expect.any(String));
      const solution = last?.result as Solution;
      expect(solution.best).toBe(2098);
      expect(valueAt(readQubo(text), solution.x)).toBe(2098);

      const provenance = await eventually('the provenance', async () => {
        const { job } = await client.query<{ job: { provenance: Provenance | null } }>(PROVENANCE, { id });
        return job.provenance ?? undefined;
      });
      expect(provenance.activity.outcome).toBe('SUCCEEDED');
      expect(provenance.results.edges).toHaveLength(1);
      expect(provenance.inputs.edges.length).toBeGreaterThanOrEqual(2);
      const { item } = await client.query<{ item: ItemHop }>(ITEM, {
        id: provenance.results.edges[0]?.node.id,
      });
      expect(item.job).toEqual({ id, state: 'SUCCEEDED' });
      expect((await logOf(client, id)).length).toBeGreaterThan(0);
    },
    60_000,
  );

  it('equals enumeration on a seeded random instance of 18 variables', async () => {
    const instance = randomQubo(18, 20_261_121);
    const serviceVersionId = await publishService(client, 'qubo/qubo.mjs');
    const id = await submitJob(client, {
      serviceVersionId,
      data: instance,
      params: { seed: 3, timeMs: 1_000 },
    });
    const { state, result } = await finish(client, id);
    expect(state).toBe('SUCCEEDED');
    const solution = result as Solution;
    expect(solution.best).toBe(enumerateMaximum(instance));
    expect(valueAt(instance, solution.x)).toBe(solution.best);
  }, 60_000);
});

interface Provenance {
  readonly activity: { readonly id: string; readonly outcome: string };
  readonly inputs: { readonly edges: readonly { readonly node: { readonly id: string } }[] };
  readonly results: { readonly edges: readonly { readonly node: { readonly id: string } }[] };
}
interface ItemHop {
  readonly job: { readonly id: string; readonly state: string };
}
const PROVENANCE = `query($id: ID!) { job(id: $id) { provenance { activity { id outcome } inputs { edges { node { id } } } results { edges { node { id } } } } } }`;
const ITEM = `query($id: ID!) { item(id: $id) { id job { id state } wasGeneratedBy { id } } }`;

describe('several items', () => {
  it('share their inputs, run in slices and give a result each', async () => {
    const serviceVersionId = await publishService(
      client,
      'square.mjs',
      'export const run = (data, params) => data.base * params.factor;',
    );
    const items = Array.from({ length: 7 }, (_, factor) => ({ params: { factor } }));
    const id = await submitJob(client, { serviceVersionId, data: { base: 6 }, items });
    await watchJob(client, id).ended;
    const { job } = await client.query<{
      job: { state: string; items: { edges: { node: { result: number } }[] } };
    }>(
      `query($id: ID!) { job(id: $id) { state items(first: 100) { edges { node { index state result } } } } }`,
      { id },
    );
    expect(job.state).toBe('SUCCEEDED');
    expect(job.items.edges.map((edge) => edge.node.result)).toEqual([0, 6, 12, 18, 24, 30, 36]);
  }, 60_000);
});

describe('single items', () => {
  it('are cancelled while the others go on to their results', async () => {
    const serviceVersionId = await publishService(
      client,
      'one-hangs.mjs',
      `export const run = (data, params) => params.hang ? new Promise(() => setInterval(() => {}, 1000)) : params.n;`,
    );
    const items = [0, 1, 2, 3].map((n) => ({ params: { n, hang: n % 2 === 1 } }));
    const id = await submitJob(client, { serviceVersionId, items });
    const CANCEL = `mutation($input: CancelJobInput!) { cancelJob(input: $input) { job { state cancelRequestedAt } userErrors { code path } } }`;
    const { cancelJob } = await client.query<{ cancelJob: unknown }>(CANCEL, {
      input: { id, items: [1, 3] },
    });
    expect(cancelJob).toMatchObject({ job: { cancelRequestedAt: null }, userErrors: [] });
    await watchJob(client, id).ended;
    const { job } = await client.query<{
      job: { state: string; items: { edges: { node: { state: string; result: number | null } }[] } };
    }>(`query($id: ID!) { job(id: $id) { state items(first: 100) { edges { node { state result } } } } }`, {
      id,
    });
    expect(job.state).toBe('CANCELLED');
    expect(job.items.edges.map(({ node }) => [node.state, node.result])).toEqual([
      ['SUCCEEDED', 0],
      ['CANCELLED', null],
      ['SUCCEEDED', 2],
      ['CANCELLED', null],
    ]);
    const { cancelJob: late } = await client.query<{ cancelJob: unknown }>(CANCEL, {
      input: { id, items: [0] },
    });
    expect(late).toMatchObject({ userErrors: [{ code: 'JOB_ALREADY_FINAL' }] });
  }, 60_000);
});

describe('large values', () => {
  it('go in as 1 MB by value and come out as an artifact', async () => {
    const serviceVersionId = await publishService(client, 'echo.mjs', 'export const run = (data) => data;');
    const data = 'ä'.repeat((1024 * 1024 - 2) / 2);
    const id = await submitJob(client, { serviceVersionId, data });
    const { state, result } = await finish(client, id);
    expect({ state, result }).toEqual({ state: 'SUCCEEDED', result: null });
    const { job } = await client.query<{ job: { resultArtifact: { size: number; downloadUrl: string } } }>(
      `query($id: ID!) { job(id: $id) { resultArtifact { size downloadUrl } } }`,
      { id },
    );
    expect(job.resultArtifact.size).toBe(1024 * 1024);
    expect(await (await fetch(job.resultArtifact.downloadUrl)).json()).toBe(data);
    const { submitJob: refused } = await client.query<{ submitJob: { userErrors: { code: string }[] } }>(
      `mutation($input: SubmitJobInput!) { submitJob(input: $input) { job { id } userErrors { code } } }`,
      { input: { serviceVersionId, data: `${data}ä` } },
    );
    expect(refused.userErrors[0]?.code).toBe('PAYLOAD_TOO_LARGE');
  }, 60_000);
});

describe('cancelling', () => {
  it('stops a running job where the target can, and waits for it where it cannot', async () => {
    const source = `export const run = async (data, params, context) => {
      for (let i = 0; i < 50; i++) {
        await new Promise((r) => setTimeout(r, 100));
        context.signal.throwIfAborted();
      }
      return 'finished';
    };`;
    const serviceVersionId = await publishService(client, 'sleeper.mjs', source);
    const cancel = (id: string) =>
      client.mutate(
        `mutation($input: CancelJobInput!) { cancelJob(input: $input) { job { state } userErrors { code message } } }`,
        { id },
      );
    const started = (live: ReturnType<typeof watchJob>) =>
      eventually('the start', () => causesOf(live).includes('STARTED'));

    const quick = await submitJob(client, { serviceVersionId });
    const quickLive = watchJob(client, quick);
    await started(quickLive);
    await cancel(quick);
    await quickLive.ended;
    expect(quickLive.payloads.at(-1)?.jobChanged.job.state).toBe('CANCELLED');

    const slow = await submitJob(client, { serviceVersionId, targetId: 'local-batch' });
    const slowLive = watchJob(client, slow);
    await started(slowLive);
    await cancel(slow);
    await slowLive.ended;
    expect(causesOf(slowLive)).toEqual(['SUBMITTED', 'CLAIMED', 'STARTED', 'CANCEL_REQUESTED', 'SUCCEEDED']);
  }, 60_000);
});

describe('live logs', () => {
  it('are followed while the job runs and resumed without a gap', async () => {
    const source = `export const run = async () => { for (let i = 1; i <= 20; i++) { console.log('line ' + i); await new Promise((r) => setTimeout(r, 30)); } };`;
    const serviceVersionId = await publishService(client, 'talks.mjs', source);
    const id = await submitJob(client, { serviceVersionId });
    interface LogPayload {
      readonly jobLogs: {
        readonly cursor: string;
        readonly lines: readonly { readonly cursor: string; readonly text: string }[];
        readonly job: { readonly name: string };
      };
    }
    const document = `subscription($id: ID!, $after: String) { jobLogs(jobId: $id, after: $after) { cursor lines { cursor text } job { name } } }`;
    const live = client.follow<LogPayload>(document, { id });
    await live.ended;
    const lines = live.payloads.flatMap((payload) => payload.jobLogs.lines);
    const said = lines.map((line) => line.text).filter((text) => text.startsWith('line '));
    expect(said).toEqual(upTo(20).map((n) => `line ${n}`));
    expect(live.payloads[0]?.jobLogs.job.name).toBe('job');
    const middle = lines[10];
    const resumed = client.follow<LogPayload>(document, { id, after: middle?.cursor });
    await resumed.ended;
    expect(resumed.payloads.flatMap((payload) => payload.jobLogs.lines).map((line) => line.text)).toEqual(
      lines.slice(11).map((line) => line.text),
    );
  }, 60_000);
});
