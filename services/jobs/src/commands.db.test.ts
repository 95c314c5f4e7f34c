// A command through the whole service: what the graph shows of it, and that its secrets are nowhere to be read.
import type { ClaimReply } from '@weft/contracts';
import { eventually } from '@weft/testkit';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestService, type TestService } from './testing/jobs-service.js';

let weft: TestService;
beforeAll(async () => {
  weft = await startTestService();
}, 60_000);
afterAll(() => weft.stop());

const VALUE = 'hunter2-hunter2';
const SUBMIT = `mutation($input: SubmitJobInput!) { submitJob(input: $input) {
  job { id kind size image serviceVersion { id } command {
    command startScript workingDirectory codeFileName codeArtifact { id } environment { name secret value } } }
  userErrors { code message path } } }`;

interface Answer {
  readonly submitJob: {
    readonly job: { readonly id: string } | null;
    readonly userErrors: readonly { readonly path: readonly string[] }[];
  };
}

const command = {
  command: 'echo $TOKEN',
  environment: [
    { name: 'MODE', value: 'fast' },
    { name: 'TOKEN', value: VALUE, secret: true },
  ],
};

it('is shown without its secrets', async () => {
  const submitted = async (): Promise<Answer['submitJob']> =>
    (await weft.graphql<Answer>(SUBMIT, { input: { command, size: 'small', image: 'shell' } })).submitJob;
  const { job } = await eventually('the target is known', async () => {
    const answer = await submitted();
    return answer.job === null ? undefined : answer;
  });
  expect(job).toMatchObject({
    kind: 'COMMAND', size: 'small', image: 'shell', serviceVersion: null,
    command: {
      command: 'echo $TOKEN', startScript: null, workingDirectory: null, codeFileName: null, codeArtifact: null,
      environment: [
        { name: 'MODE', secret: false, value: 'fast' },
        { name: 'TOKEN', secret: true, value: null },
      ],
    },
  }); // prettier-ignore
});

it('refuses by path, without showing a value', async () => {
  const wrong = {
    ...command,
    environment: [...command.environment, { name: 'WEFT_X', value: VALUE, secret: true }],
  };
  const { submitJob } = await weft.graphql<Answer>(SUBMIT, { input: { command: wrong } });
  expect(submitJob.userErrors.map((one) => one.path)).toEqual([
    ['input', 'command', 'environment', '2', 'name'],
  ]);
  expect(JSON.stringify(submitJob)).not.toContain(VALUE);
  const both = await weft.graphql<Answer>(SUBMIT, {
    input: { command, serviceVersionId: weft.serviceVersionId },
  });
  expect(both.submitJob.userErrors.map((one) => one.path)).toEqual([['input', 'command']]);
});

it('tells its secrets to the worker that holds it, and to nobody else: neither database nor stream', async () => {
  const { attempts } = await weft.ask<ClaimReply>('claim', { capacity: 4, holdMs: 5_000, start: true });
  expect(JSON.stringify(attempts)).toContain(VALUE);
  const messaging = await weft.broker.connect('jobs');
  const streams = (await messaging.connection.jetstreamManager()).streams;
  const told = await eventually('the news', async () => {
    const { state } = await streams.info('WEFT');
    const texts: string[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++)
      texts.push(new TextDecoder().decode((await streams.getMessage('WEFT', { seq })).data));
    return texts.some((text) => text.includes('"COMMAND"') && text.includes('IN_PROGRESS'))
      ? texts.join()
      : undefined;
  });
  expect(told).not.toContain(VALUE);
  const client = new pg.Client({ connectionString: weft.databaseUrl });
  await client.connect();
  const { rows: tables } = await client.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
  );
  let seen = '';
  for (const { name } of tables) {
    const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
    seen += rows.map(({ row }) => row).join('\n');
  }
  await client.end();
  expect(seen).toContain('echo $TOKEN');
  expect(seen).not.toContain(VALUE);
});
