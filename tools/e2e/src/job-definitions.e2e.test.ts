// A stored job, started by plain HTTP and by its schedule, down to what its code is told.
import { eventually } from '@weft/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { startWeft } from './testing/weft.js';
import { finish, publishService } from './testing/work.js';

let client: GraphClient;
let definitionId: string;

const TELLS = `export const run = (data, params, context) => ({ data, params, plannedFor: context.plannedFor });`;
const INPUTS = {
  type: 'object',
  required: ['day'],
  additionalProperties: false,
  properties: { day: { type: 'string' }, depth: { type: 'integer', default: 3 } },
};

beforeAll(async () => {
  const weft = await startWeft();
  client = graphClient(weft.url, weft.token);
  const serviceVersionId = await publishService(client, 'tells.mjs', TELLS);
  const { definition } = await client.mutate<{ definition: { id: string } }>(
    `mutation($input: ApplyJobDefinitionInput!) { applyJobDefinition(input: $input) { definition { id } userErrors { code message } } }`,
    { name: 'report', serviceVersionId, data: [1], params: { fixed: true }, inputs: INPUTS },
  );
  definitionId = definition.id;
}, 90_000);
afterAll(closeClients);

const start = async (body: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(`${client.url}/api/jobs/${definitionId}/start`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `token ${client.token}`, ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, job: (await response.json()) as { id: string; url: string } };
};

it('POST /api/jobs/{id}/start runs it, and the URL in the answer leads to the result', async () => {
  const { status, job } = await start({ inputs: { day: 'monday' } }, { 'idempotency-key': 'once' });
  expect(status).toBe(201);
  expect(await start({ inputs: { day: 'monday' }, idempotencyKey: 'once' })).toMatchObject({
    status: 200,
    job: { id: job.id, repeated: true },
  });
  const run = await eventually('the result', async () => {
    const response = await fetch(job.url, { headers: { authorization: `Bearer ${client.token}` } });
    const shown = (await response.json()) as { phase: string };
    return shown.phase === 'SUCCEEDED' ? shown : undefined;
  });
  expect(run).toMatchObject({
    id: job.id,
    definition: { id: definitionId, name: 'report', version: 1 },
    result: { data: [1], params: { fixed: true, day: 'monday', depth: 3 }, plannedFor: null },
  });
});

it('what is wrong is told by HTTP too', async () => {
  expect(await start({ inputs: { dai: 1 } })).toMatchObject({
    status: 422,
    job: {
      error: {
        code: 'INPUT_SCHEMA_VIOLATION',
        errors: [{ path: ['inputs', 'day'] }, { path: ['inputs', 'dai'] }],
      },
    },
  });
  expect((await start({ inputs: { day: 'x' } }, { authorization: 'token weft_wrong' })).status).toBe(401);
  const { status } = await start({ inputs: { day: 'tuesday' } }, { 'idempotency-key': 'once' });
  expect(status).toBe(409);
  const unknown = await fetch(`${client.url}/api/jobs/nothing/start`, {
    method: 'POST',
    headers: { authorization: `token ${client.token}` },
  });
  expect(unknown.status).toBe(404);
});

it('a run of its schedule tells the code its planned time', async () => {
  const { schedule } = await client.mutate<{ schedule: { id: string; nextRuns: string[] } }>(
    `mutation($input: CreateScheduleInput!) { createSchedule(input: $input) { schedule { id nextRuns } userErrors { code message } } }`,
    { definitionId, cron: '30 2 * * *', timeZone: 'Europe/Paris', inputs: { day: 'any' } },
  );
  expect(schedule.nextRuns).toHaveLength(5);
  const { job } = await client.mutate<{ job: { id: string; plannedFor: string } }>(
    `mutation($input: ScheduleIdInput!) { runScheduleNow(input: $input) { job { id plannedFor } userErrors { code message } } }`,
    { id: schedule.id },
  );
  expect(await finish(client, job.id)).toMatchObject({
    state: 'SUCCEEDED',
    result: { params: { day: 'any' }, plannedFor: job.plannedFor },
  });
  const { schedule: after } = await client.query<{ schedule: unknown }>(
    `query($id: ID!) { schedule(id: $id) { lastRun { manual outcome job { id state } } definition { name } } }`,
    { id: schedule.id },
  );
  expect(after).toEqual({
    lastRun: { manual: true, outcome: 'STARTED', job: { id: job.id, state: 'SUCCEEDED' } },
    definition: { name: 'report' },
  });
});
