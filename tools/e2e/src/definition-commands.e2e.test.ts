// A command that is kept as a definition: applied once with its secret, applied again without it, started by plain HTTP
// and by its schedule. The secret reaches the run and nothing else.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { startWeft, type Weft } from './testing/weft.js';
import { finish, logOf } from './testing/work.js';

let weft: Weft;
let client: GraphClient;
const value = `hush-${randomBytes(12).toString('hex')}`;

beforeAll(async () => {
  weft = await startWeft();
  client = graphClient(weft.url, weft.token);
}, 90_000);
afterAll(closeClients);

interface Applied {
  readonly change: string;
  readonly definition: { readonly id: string };
}
const apply = (environment: readonly object[]): Promise<Applied> =>
  client.mutate<Applied>(
    `mutation($input: ApplyJobDefinitionInput!) { applyJobDefinition(input: $input) {
      change definition { id current { command { environment { name secret value } } } } userErrors { code message path } } }`,
    {
      name: 'deploy',
      command: {
        startScript: 'export STAGE=ready',
        command: `echo "with $TOKEN"; printf '{"stage":"%s","length":%d,"params":%s}' $STAGE \${#TOKEN} "$(cat $WEFT_PARAMS_FILE)" > $WEFT_RESULT_FILE`,
        workingDirectory: 'app',
        environment,
      },
      size: 'small',
      params: { fixed: true },
      inputs: { type: 'object', required: ['day'], properties: { day: { type: 'string' } } },
    },
  );

it('runs with the secret that was given once, and shows it nowhere', async () => {
  const made = await apply([{ name: 'TOKEN', value, secret: true }]);
  expect(made).toMatchObject({
    change: 'CREATED',
    definition: { current: { command: { environment: [{ name: 'TOKEN', secret: true, value: null }] } } },
  });
  expect(await apply([{ name: 'TOKEN' }])).toMatchObject({ change: 'UNCHANGED' });

  const response = await fetch(`${client.url}/api/jobs/${made.definition.id}/start`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `token ${client.token}` },
    body: JSON.stringify({ inputs: { day: 'monday' } }),
  });
  expect(response.status).toBe(201);
  const { id } = (await response.json()) as { id: string };
  expect(await finish(client, id)).toMatchObject({
    state: 'SUCCEEDED',
    result: { stage: 'ready', length: value.length, params: { fixed: true, day: 'monday' } },
  });
  expect(await logOf(client, id)).toEqual(['with ***']);

  const { schedule } = await client.mutate<{ schedule: { id: string } }>(
    `mutation($input: CreateScheduleInput!) { createSchedule(input: $input) { schedule { id } userErrors { code message } } }`,
    { definitionId: made.definition.id, cron: '30 2 * * *', inputs: { day: 'any' } },
  );
  const { job } = await client.mutate<{ job: { id: string } }>(
    `mutation($input: ScheduleIdInput!) { runScheduleNow(input: $input) { job { id } userErrors { code message } } }`,
    { id: schedule.id },
  );
  expect(await finish(client, job.id)).toMatchObject({
    state: 'SUCCEEDED',
    result: { length: value.length, params: { day: 'any' } },
  });

  // What the platform keeps on disk: databases, stream, artifacts, logs, the worker's state.
  const { postgres } = weft.run();
  const places = [weft.data, ...(postgres.cluster === null ? [] : [postgres.cluster])];
  const found = (text: string): string =>
    spawnSync('grep', ['-rlaF', text, ...places], { encoding: 'utf8' }).stdout;
  expect(found(id)).not.toBe('');
  expect(found(value)).toBe('');
  expect(weft.output()).not.toContain(value);
}, 60_000);
