// The gateway as those meet it who look after it: health, metrics, the explorer, and one id through all logs.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@weft/testkit';
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { startWeft, type Weft } from './testing/weft.js';
import { finish, publishService } from './testing/work.js';

let weft: Weft;
let client: GraphClient;
beforeAll(async () => {
  weft = await startWeft();
  client = graphClient(weft.url, weft.token);
}, 90_000);
afterAll(closeClients);

describe('one correlation id', () => {
  it('is in the log of every part that a job passed, from the request to the worker and back', async () => {
    const serviceVersionId = await publishService(client, 'one.mjs', 'export const run = () => 1;');
    const correlationId = `e2e-${randomUUID()}`;
    const response = await fetch(`${weft.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${weft.token}`,
        'x-correlation-id': correlationId,
      },
      body: JSON.stringify({
        query: `mutation Submit($input: SubmitJobInput!) { submitJob(input: $input) { job { id correlationId } } }`,
        variables: { input: { serviceVersionId } },
      }),
    });
    expect(response.headers.get('x-correlation-id')).toBe(correlationId);
    const { data } = (await response.json()) as {
      data: { submitJob: { job: { id: string; correlationId: string } } };
    };
    expect(data.submitJob.job.correlationId).toBe(correlationId);
    await finish(client, data.submitJob.job.id);
    for (const part of ['gateway', 'jobs', 'worker-1']) {
      await eventually(`the id in the log of ${part}`, () =>
        readFileSync(join(weft.data, 'logs', `${part}.log`), 'utf8').includes(correlationId),
      );
    }
    const said = readFileSync(join(weft.data, 'logs', 'jobs.log'), 'utf8')
      .split('\n')
      .filter((line) => line.includes(correlationId))
      .map((line) => (JSON.parse(line) as { cause?: string }).cause);
    expect(said).toEqual(expect.arrayContaining(['SUBMITTED', 'CLAIMED', 'STARTED', 'SUCCEEDED']));
  }, 30_000);
});

describe('the public door', () => {
  it('answers health, readiness and metrics, and shows its own explorer', async () => {
    expect((await fetch(`${weft.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${weft.url}/readyz`)).status).toBe(200);
    expect((await fetch(`${weft.url}/metrics`)).status).toBe(401);
    const metrics = await fetch(`${weft.url}/metrics`, {
      headers: { authorization: `Bearer ${weft.token}` },
    });
    expect(await metrics.text()).toContain('process_resident_memory_bytes');
    const page = await fetch(`${weft.url}/graphql`, { headers: { accept: 'text/html' } });
    expect(page.headers.get('content-type')).toContain('text/html');
    // Offline: nothing on the page comes from another host.
    expect(await page.text()).not.toMatch(/(src|href)="https?:\/\//);
  });

  it('leads from an identifier to what everyone may read, and to the tombstone of what was withdrawn', async () => {
    const change = async (mutation: string, type: string, input: object): Promise<string> => {
      const { pid } = await client
        .mutate<{ item: { pid: string } }>(
          `mutation ($input: ${type}!) { ${mutation}(input: $input) { item { pid } userErrors { code message path } } }`,
          input as Record<string, unknown>,
        )
        .then(({ item }) => item);
      return pid;
    };
    const resolve = async (path: string, token?: string) => {
      const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
      const response = await fetch(`${weft.url}${path}`, { headers });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const id = await change('createItem', 'CreateItemInput', {
      subtype: 'ORGANISATION',
      metadata: { name: 'Reef institute' },
    });
    expect((await resolve(`/pid/${id}`)).status).toBe(404);
    expect((await resolve(`/pid/${id}`, weft.token)).body).toMatchObject({
      name: 'Reef institute',
      metadata: { name: 'Reef institute' },
    });
    await change('setItemAccess', 'SetItemAccessInput', {
      id,
      grants: [{ kind: 'EVERYONE', roles: ['METADATA_READ'] }],
    });
    const open = await resolve(`/${id.replace('ark:', 'ark:/')}`);
    expect(open).toMatchObject({ status: 200, body: { pid: id, type: 'ORGANISATION', state: 'COMPLETE' } });
    expect(open.body).not.toHaveProperty('metadata');
    await change('withdrawItem', 'WithdrawItemInput', { id, reason: 'It closed.' });
    expect(await resolve(`/pid/${id}`)).toMatchObject({
      status: 410,
      body: { state: 'WITHDRAWN', withdrawn: { reason: 'It closed.' } },
    });
  });

  it('lets Apollo Sandbox introspect', async () => {
    const origin = 'https://studio.apollographql.com';
    const preflight = await fetch(`${weft.url}/graphql`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,authorization',
      },
    });
    expect(preflight.status).toBeLessThan(300);
    expect(['*', origin]).toContain(preflight.headers.get('access-control-allow-origin'));
    const response = await fetch(`${weft.url}/graphql`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: JSON.stringify({ query: getIntrospectionQuery() }),
    });
    const { data } = (await response.json()) as { data: IntrospectionQuery };
    const fields = buildClientSchema(data).getSubscriptionType()?.getFields() ?? {};
    expect(Object.keys(fields).sort()).toEqual([
      'batchChanged',
      'itemChanged',
      'jobChanged',
      'jobLogs',
      'jobsChanged',
      'workflowChanged',
    ]);
  });
});
