// No one sees or changes what is not theirs: not by id, not by a subscription, not at an internal port, not over NATS.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createActorIssuer, generateSigningKey } from '@weft/identity';
import { aUser } from '@weft/testkit';
import { connect as connectNats, type NatsConnection } from 'nats';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { startWeft, type Weft } from './testing/weft.js';
import { finish, publishService, submitJob, watchJob } from './testing/work.js';

let weft: Weft;
let owner: GraphClient;
let stranger: GraphClient;
let jobId: string;

beforeAll(async () => {
  weft = await startWeft();
  owner = graphClient(weft.url, weft.token);
  const { secret } = await owner.mutate<{ secret: string }>(
    `mutation($input: CreateUserInput!) { createUser(input: $input) { user { id } secret userErrors { code message } } }`,
    { name: 'stranger', token: { name: 'first', scopes: ['read', 'write'] } },
  );
  stranger = graphClient(weft.url, secret);
  const serviceVersionId = await publishService(
    owner,
    'secret.mjs',
    'export const run = () => { console.log("quiet"); return "secret"; };',
  );
  jobId = await submitJob(owner, { serviceVersionId });
  expect((await finish(owner, jobId)).result).toBe('secret');
}, 90_000);
afterAll(closeClients);

describe('another tenant', () => {
  it('gets nothing by id, by list or by subscription, and changes nothing', async () => {
    expect(await stranger.query(`query($id: ID!) { job(id: $id) { id } }`, { id: jobId })).toEqual({
      job: null,
    });
    expect(
      await stranger.query(
        `{ jobs { edges { node { id } } } items { edges { node { id } } } artifacts { edges { node { id } } } }`,
      ),
    ).toEqual({
      jobs: { edges: [] },
      items: { edges: [] },
      artifacts: { edges: [] },
    });
    const logs = stranger.follow(`subscription($id: ID!) { jobLogs(jobId: $id) { lines { text } } }`, {
      id: jobId,
    });
    // Both wait for what may be too young to be known.
    await Promise.all([
      expect(watchJob(stranger, jobId).ended).rejects.toThrow(/NOT_FOUND/),
      expect(logs.ended).rejects.toThrow(/NOT_FOUND/),
    ]);
    expect(logs.payloads).toEqual([]);
    for (const field of ['cancelJob', 'retryJob']) {
      const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
      const answer = await stranger.query<Record<string, { userErrors: { code: string }[] }>>(
        `mutation($input: ${type}!) { ${field}(input: $input) { job { id } userErrors { code } } }`,
        { input: { id: jobId } },
      );
      expect(answer[field]?.userErrors[0]?.code).toBe('NOT_FOUND');
    }
    const { me } = await owner.query<{ me: { personalOrganization: { id: string } } }>(
      `{ me { personalOrganization { id } } }`,
    );
    const { organization } = await stranger.query<{ organization: unknown }>(
      `query($id: ID!) { organization(id: $id) { id } }`,
      { id: me.personalOrganization.id },
    );
    expect(organization).toBeNull();
  }, 60_000);

  it('is not admitted without a token, or with a made-up one', async () => {
    for (const token of ['', 'weft_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'x.y.z']) {
      const response = await fetch(`${weft.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query: '{ jobs { edges { node { id } } } }' }),
      });
      expect(response.status).toBe(401);
      expect(await closeCode(`${weft.url.replace('http', 'ws')}/graphql`, token)).toBe(4401);
    }
  });
});

describe('internal ports', () => {
  it('of the subgraphs answer 401 to everything, also to a forged actor', async () => {
    const { privateJwk } = await generateSigningKey();
    const forged = `Bearer ${await (await createActorIssuer(privateJwk)).sign({ ...aUser(), kind: 'gateway' })}`;
    for (const { url } of Object.values(weft.run().subgraphs)) {
      for (const authorization of [undefined, `Bearer ${weft.token}`, forged]) {
        for (const query of [
          '{ __typename }',
          '{ _service { sdl } }',
          '{ _entities(representations: []) { __typename } }',
          '{ __schema { queryType { name } } }',
        ]) {
          for (const accept of ['application/json', 'text/event-stream']) {
            const headers = {
              'content-type': 'application/json',
              accept,
              ...(authorization === undefined ? {} : { authorization }),
            };
            expect(
              (await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })).status,
            ).toBe(401);
          }
        }
        expect(
          (await fetch(url, { headers: authorization === undefined ? {} : { authorization } })).status,
        ).toBe(401);
        expect(await closeCode(url.replace('http', 'ws'), authorization?.slice('Bearer '.length) ?? '')).toBe(
          4401,
        );
      }
      expect((await fetch(url.replace('/graphql', '/metrics'))).status).toBe(401);
    }
    const { execution } = weft.run().subgraphs;
    const stolen = execution.url.replace(
      '/graphql',
      `/artifacts/${jobId}?expires=9999999999&signature=${'0'.repeat(64)}`,
    );
    expect((await fetch(stolen)).status).toBeGreaterThanOrEqual(401);
  });

  it('of PostgreSQL and NATS want a credential', async () => {
    const { postgres, nats } = weft.run();
    for (const user of ['postgres', 'weft_jobs', 'root']) {
      const direct = new pg.Client({
        host: '127.0.0.1',
        port: postgres.port,
        user,
        password: 'guess',
        database: 'postgres',
      });
      await expect(direct.connect()).rejects.toThrow(/password authentication failed/);
    }
    await expect(connectNats({ servers: nats.url, reconnect: false })).rejects.toThrow(/authorization/i);
    await expect(
      connectNats({ servers: nats.url, user: 'jobs', pass: 'guess', reconnect: false }),
    ).rejects.toThrow(/authorization/i);
  });

  it('listen on loopback only, and the secrets are readable by their owner only', () => {
    for (const file of ['token', 'secrets.json', 'run.json'])
      expect(statSync(join(weft.data, file)).mode & 0o077).toBe(0);
    const listening = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1);
    const ports = new Set(
      [weft.run().nats, weft.run().postgres, ...Object.values(weft.run().subgraphs)].map((part) => part.port),
    );
    const ours = listening
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && ports.has(parseInt(fields[1]?.split(':')[1] ?? '', 16)));
    expect(ours.length).toBe(ports.size);
    for (const fields of ours) expect(fields[1]?.split(':')[0]).toBe('0100007F');
  });
});

describe("a stolen worker's credential", () => {
  it("claims for itself alone: no other's subjects, no events, no streams", async () => {
    const { nats, workers } = weft.run();
    const worker = workers[0];
    if (worker === undefined) throw new Error('no worker runs');
    const secrets = JSON.parse(readFileSync(join(weft.data, 'secrets.json'), 'utf8')) as {
      nats: Record<string, string>;
    };
    const thief: NatsConnection = await connectNats({
      servers: nats.url,
      user: worker.id,
      pass: secrets.nats[worker.id] ?? '',
      inboxPrefix: `_INBOX_${worker.id}`,
      reconnect: false,
    });
    const refusals: string[] = [];
    void (async () => {
      for await (const status of thief.status())
        if (status.type === 'error') refusals.push(String(status.data));
    })();
    const ask = (subject: string) =>
      thief.request(
        subject,
        JSON.stringify({ requestId: 'stolen-request', capacity: 1, holdMs: 0, start: true }),
        { timeout: 500 },
      );
    for (const subject of [
      `weft.work.claim.local-process.someone-else`,
      `weft.work.claim.another-target.${worker.id}`,
      `weft.work.report.local-process.someone-else`,
      '$JS.API.STREAM.INFO.WEFT',
      '$JS.API.STREAM.DELETE.WEFT',
      'weft.event.jobs.job-changed.v1.SUCCEEDED.x',
    ]) {
      await expect(ask(subject)).rejects.toThrow();
    }
    const overheard: string[] = [];
    for (const subject of ['>', 'weft.event.>', 'weft.work.>', '_INBOX_jobs.>']) {
      thief.subscribe(subject, {
        callback: (error, message) => void (error === null && overheard.push(message.subject)),
      });
    }
    const serviceVersionId = await publishService(owner, 'plain.mjs', 'export const run = () => 1;');
    expect((await finish(owner, await submitJob(owner, { serviceVersionId }))).state).toBe('SUCCEEDED');
    expect(overheard).toEqual([]);
    await thief.close();
  }, 30_000);
});

describe('revocation', () => {
  it('ends open subscriptions within 5 s', async () => {
    const { secret, personalToken } = await owner.mutate<{ secret: string; personalToken: { id: string } }>(
      `mutation($input: NewPersonalTokenInput!) { createPersonalToken(input: $input) { secret personalToken { id } userErrors { code message } } }`,
      { name: 'short-lived', scopes: ['read'] },
    );
    const guest = graphClient(weft.url, secret);
    const serviceVersionId = await publishService(
      owner,
      'long.mjs',
      'export const run = () => new Promise((r) => setTimeout(r, 20_000));',
    );
    const id = await submitJob(owner, { serviceVersionId });
    const live = watchJob(guest, id);
    await expect.poll(() => live.payloads.length).toBeGreaterThan(0);
    const began = Date.now();
    await owner.mutate(
      `mutation($input: RevokePersonalTokenInput!) { revokePersonalToken(input: $input) { personalToken { id } userErrors { code message } } }`,
      { id: personalToken.id },
    );
    await expect(live.ended).rejects.toThrow();
    expect(Date.now() - began).toBeLessThan(5_500);
    await owner.mutate(
      `mutation($input: CancelJobInput!) { cancelJob(input: $input) { job { id } userErrors { code message } } }`,
      { id },
    );
  }, 30_000);
});

async function closeCode(url: string, token: string): Promise<number> {
  const socket = new WebSocket(url, 'graphql-transport-ws');
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.once('open', () =>
    socket.send(
      JSON.stringify({
        type: 'connection_init',
        payload: token === '' ? {} : { authorization: `Bearer ${token}` },
      }),
    ),
  );
  return closed;
}
