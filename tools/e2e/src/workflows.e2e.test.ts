// A workflow through the gateway only: results go from step to step through services, commands and a file, and the
// jobs service is killed in the middle. Every step runs once, and ends.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '@weft/testkit';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { expectSoundHistory } from './testing/sound-history.js';
import { REPO, startWeft, type Weft } from './testing/weft.js';
import { exampleFile, publishService } from './testing/work.js';

const SUM = `export const run = async (data, params) => {
  await new Promise((resolve) => setTimeout(resolve, params?.ms ?? 0));
  if (params?.fail) throw new Error('told to');
  return { sum: data.reduce((a, b) => a + b, 0) };
};`;

let weft: Weft;
let client: GraphClient;
let sum: string;
beforeAll(async () => {
  weft = await startWeft({ env: { JOBS_SWEEP: '200ms', JOBS_BACKOFF: '100ms' } });
  client = graphClient(weft.url, weft.token);
  sum = await publishService(client, 'sum.mjs', SUM);
}, 90_000);
afterAll(closeClients);

interface WorkflowView {
  readonly state: string;
  readonly progress: number;
  readonly owner: { readonly name: string } | null;
  readonly steps: readonly {
    readonly key: string;
    readonly job: {
      readonly state: string;
      readonly result: unknown;
      readonly attempts: readonly { readonly number: number }[];
      readonly error: { readonly code: string } | null;
    };
  }[];
}
interface Changed {
  readonly workflowChanged: { readonly seq: number; readonly workflow: WorkflowView };
}
const FOLLOW = `subscription($id: ID!) { workflowChanged(id: $id) { seq workflow {
  state progress owner { name } steps { key job { state result attempts { number } error { code } } } } } }`;

const submit = async (input: Readonly<Record<string, unknown>>): Promise<string> => {
  const { workflow } = await client.mutate<{ workflow: { id: string } }>(
    `mutation($input: SubmitWorkflowInput!) { submitWorkflow(input: $input) { workflow { id } userErrors { code message path } } }`,
    input,
  );
  return workflow.id;
};
const follow = (id: string) => {
  const { payloads, ended } = client.follow<Changed>(FOLLOW, { id });
  const latest = () => payloads.at(-1)?.workflowChanged.workflow;
  const stateOf = (key: string) => latest()?.steps.find((step) => step.key === key)?.job.state;
  return { payloads, ended, latest, stateOf };
};
const from = (key: string, path = '/sum') => ({ $from: key, path });

it('goes through to its end although the jobs service is killed in the middle', async () => {
  const id = await submit({
    name: 'sums',
    steps: [
      { key: 'a', serviceVersionId: sum, data: [1, 2] },
      { key: 'b', needs: ['a'], serviceVersionId: sum, data: [from('a'), 10], params: { ms: 3_000 } },
      { key: 'c', needs: ['a'], serviceVersionId: sum, data: [from('a'), 100] },
      {
        key: 'd',
        needs: ['b', 'c'],
        command: { command: 'cp "$WEFT_PARAMS_FILE" "$WEFT_RESULT_FILE"' },
        params: { b: from('b'), c: { $from: 'c' } },
      },
      { key: 'e', needs: ['d'], serviceVersionId: sum, data: [from('d', '/b'), from('d', '/c/sum')] },
    ],
  });
  const live = follow(id);
  await eventually('b runs', () => live.stateOf('b') === 'IN_PROGRESS', 20_000);
  await weft.killAndAwaitRestart((run) => run.subgraphs.jobs.pid);
  await live.ended;
  expect(live.latest()).toMatchObject({
    state: 'SUCCEEDED',
    progress: 1,
    owner: { name: expect.any(String) as string },
  });
  const jobs = Object.fromEntries(live.latest()?.steps.map(({ key, job }) => [key, job]) ?? []);
  expect(jobs['d']?.result).toEqual({ b: 13, c: { sum: 103 } });
  expect(jobs['e']?.result).toEqual({ sum: 116 });
  for (const job of Object.values(jobs)) expect(job.attempts).toHaveLength(1);
  await expectSoundHistory(weft);
}, 90_000);

it('stops behind a failure, or goes on with null in the place of the result', async () => {
  const steps = [
    { key: 'bad', serviceVersionId: sum, data: [], params: { fail: true } },
    {
      key: 'next',
      needs: ['bad'],
      command: { command: 'cp "$WEFT_PARAMS_FILE" "$WEFT_RESULT_FILE"' },
      params: { bad: { $from: 'bad' } },
    },
  ];
  const stopped = follow(await submit({ steps }));
  const wentOn = follow(await submit({ steps, onFailure: 'CONTINUE' }));
  await Promise.all([stopped.ended, wentOn.ended]);
  expect(stopped.latest()?.steps[1]?.job).toMatchObject({
    state: 'FAILED',
    error: { code: 'NEED_FAILED' },
    attempts: [],
  });
  expect(wentOn.latest()?.state).toBe('FAILED');
  expect(wentOn.latest()?.steps[1]?.job).toMatchObject({ state: 'SUCCEEDED', result: { bad: null } });
}, 60_000);

it('does what the README shows', async () => {
  const readme = readFileSync(join(REPO, 'README.md'), 'utf8');
  const document = /^mutation Chain[\s\S]*?^}$/m.exec(readme)?.[0] ?? '';
  const variables = /here `(\{"solution": .*\})`/.exec(readme)?.[1] ?? '';
  const version = await publishService(client, 'qubo/qubo.mjs');
  const text = readFileSync(exampleFile('qubo/instances/bqp50_1.qubo'), 'utf8');
  const problem = await client.upload('bqp50_1.qubo', 'text/plain', 'INPUT', text);
  const { submitWorkflow } = await client.query<{ submitWorkflow: { workflow: { id: string } } }>(document, {
    ...(JSON.parse(variables) as object),
    version,
    problem,
  });
  const live = follow(submitWorkflow.workflow.id);
  await live.ended;
  const report = live.latest()?.steps.find(({ key }) => key === 'report');
  expect(report?.job).toMatchObject({ state: 'SUCCEEDED', result: { best: 2098 } });
}, 60_000);
