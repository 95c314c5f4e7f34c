// Commands end to end: the two targets differ in what a cancellation does, and a secret shows nowhere.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { eventually } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { startWeft, type Weft } from './testing/weft.js';
import { finish, logOf, submitJob } from './testing/work.js';

let weft: Weft;
let client: GraphClient;

beforeAll(async () => {
  weft = await startWeft();
  client = graphClient(weft.url, weft.token);
}, 90_000);
afterAll(closeClients);

const CANCEL = `mutation($input: CancelJobInput!) { cancelJob(input: $input) { job { state } userErrors { code message } } }`;

describe('a running command that is cancelled', () => {
  const cancelRunning = async (targetId: string) => {
    const command = `trap 'echo asked to stop; exit 9' TERM
      echo up; for n in 1 2 3 4 5 6; do sleep 0.5; done; echo '"finished"' > $WEFT_RESULT_FILE`;
    const id = await submitJob(client, { command: { command }, targetId, size: 'small' });
    await eventually('the run', async () => (await logOf(client, id)).includes('up'), 20_000);
    const { job } = await client.mutate<{ job: { state: string } }>(CANCEL, { id });
    expect(job.state).toBe('CANCELLING');
    return { job: await finish(client, id), log: await logOf(client, id) };
  };

  it('ends where the target can cancel what runs, and finishes where it cannot, as the graph says before', async () => {
    const { targets } = await client.query<{
      targets: { id: string; cancelsRunning: boolean; kinds: string[] }[];
    }>(`{ targets(filter: { kind: COMMAND }) { id cancelsRunning kinds } }`);
    expect(targets.map(({ id, cancelsRunning }) => [id, cancelsRunning])).toEqual([
      ['local-batch', false],
      ['local-process', true],
    ]);
    const [cancelled, finished] = await Promise.all([
      cancelRunning('local-process'),
      cancelRunning('local-batch'),
    ]);
    expect(cancelled.job).toMatchObject({ state: 'CANCELLED', result: null });
    expect(cancelled.log).toContain('asked to stop');
    expect(finished.job).toMatchObject({ state: 'SUCCEEDED', result: 'finished' });
    expect(finished.log).toEqual(['up']);
  }, 60_000);
});

it('a command that fails says how, keeps its exit code, and shows its secret nowhere', async () => {
  const value = `hush-${randomBytes(12).toString('hex')}`;
  const codeArtifactId = await client.upload(
    'app.sh',
    'text/plain',
    'CODE',
    'echo "using $TOKEN"; echo "bad $TOKEN" >&2; exit 7',
  );
  const id = await submitJob(client, {
    command: {
      command: 'sh app.sh',
      codeArtifactId,
      codeFileName: 'app.sh',
      environment: [{ name: 'TOKEN', value, secret: true }],
    },
  });
  const job = await finish(client, id);
  expect(job.error).toEqual({
    code: 'COMMAND_FAILED',
    message: 'The command ended with exit code 7:\nbad ***',
  });
  expect((await logOf(client, id)).slice(0, 2).sort()).toEqual(['bad ***', 'using ***']);
  const shown = await client.query<object>(
    `query($id: ID!) { job(id: $id) {
      command { command codeArtifact { name } environment { name secret value } }
      attempts { exitCode } timeline { edges { node { message } } } } }`,
    { id },
  );
  expect(shown).toMatchObject({
    job: {
      command: {
        codeArtifact: { name: 'app.sh' },
        environment: [{ name: 'TOKEN', secret: true, value: null }],
      },
      attempts: [{ exitCode: 7 }],
    },
  });
  expect(JSON.stringify(shown)).not.toContain(value);

  const misspelt = { command: 'true', environment: [{ name: 'TOKEN', value, secret: true, typo: 1 }] };
  const refused = await client.ask(
    `mutation($input: SubmitJobInput!) { submitJob(input: $input) { job { id } } }`,
    { input: { command: misspelt } },
  );
  expect(refused.errors).toHaveLength(1);

  // What the platform keeps on disk: databases, stream, artifacts, logs, the worker's state.
  const { postgres } = weft.run();
  const places = [weft.data, ...(postgres.cluster === null ? [] : [postgres.cluster])];
  const found = (text: string): string =>
    spawnSync('grep', ['-rlaF', text, ...places], { encoding: 'utf8' }).stdout;
  expect(found(id)).not.toBe('');
  expect(found(value)).toBe('');
  expect(weft.output()).not.toContain(value);
}, 60_000);
