import type { ClaimReply } from '@weft/contracts';
import { aUser, eventually, testIdentity } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { follow, startTestService, type TestService } from './testing/jobs-service.js';

let weft: TestService;
beforeAll(async () => {
  weft = await startTestService();
}, 60_000);
afterAll(() => weft.stop());

describe('who is let in', () => {
  it('answers nothing without a signed actor', async () => {
    const bodies = [
      '{ __typename }',
      '{ _service { sdl } }',
      '{ _entities(representations: []) { __typename } }',
      '{ __schema { types { name } } }',
    ];
    const stranger = await testIdentity();
    const credentials = [
      undefined,
      'Bearer x.y.z',
      'Bearer weft_something',
      await stranger.authorization(weft.user),
    ];
    for (const query of bodies) {
      for (const authorization of credentials) {
        for (const accept of ['application/json', 'text/event-stream']) {
          const headers = {
            'content-type': 'application/json',
            accept,
            ...(authorization === undefined ? {} : { authorization }),
          };
          const response = await fetch(weft.service.url, {
            method: 'POST',
            headers,
            body: JSON.stringify({ query }),
          });
          expect(response.status).toBe(401);
          expect(
            ((await response.json()) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions
              .code,
          ).toBe('UNAUTHENTICATED');
        }
      }
    }
    for (const path of ['/metrics', '/', '/anything']) {
      expect((await fetch(weft.service.url.replace('/graphql', path))).status).toBe(401);
    }
  });

  it('closes a WebSocket without one', async () => {
    const socket = new WebSocket(weft.service.url.replace('http', 'ws'), 'graphql-transport-ws');
    const code = new Promise((resolve) => socket.once('close', resolve));
    socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
    expect(await code).toBe(4401);
  });

  it('refuses an operation whose own actor is none, and goes on with the others of its WebSocket', async () => {
    const authorization = await weft.identity.authorization(weft.user);
    const socket = new WebSocket(weft.service.url.replace('http', 'ws'), 'graphql-transport-ws');
    const answers: { id?: string; type: string; payload?: unknown }[] = [];
    socket.on('message', (data: Buffer) => void answers.push(JSON.parse(data.toString()) as never));
    const send = (message: object) => socket.send(JSON.stringify(message));
    await new Promise((resolve) => socket.once('open', resolve));
    send({ type: 'connection_init', payload: { authorization } });
    await eventually('the acknowledgement', () => answers.some((one) => one.type === 'connection_ack'));
    const ask = (id: string, as: string, correlationId: string) =>
      send({
        id,
        type: 'subscribe',
        payload: { query: '{ __typename }', extensions: { authorization: as, correlationId } },
      });
    ask('a', 'Bearer x.y.z', 'c-of-a-stranger');
    ask('b', authorization, 'c-of-a-user');
    const of = (id: string) => answers.find((one) => one.id === id);
    await eventually('both answers', () => of('a') !== undefined && of('b') !== undefined);
    expect(of('a')).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'UNAUTHENTICATED', correlationId: 'c-of-a-stranger' } }],
    });
    expect(of('b')).toMatchObject({ type: 'next', payload: { data: { __typename: 'Query' } } });
    socket.close();
  });

  it('shows another tenant nothing, not even in a live field or through an entity', async () => {
    const id = await weft.submit();
    const stranger = aUser();
    expect(
      await weft.graphql(
        `
          query ($id: ID!) {
            job(id: $id) {
              id
            }
          }
        `,
        { id },
        stranger,
      ),
    ).toEqual({ job: null });
    const entities = `query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Job { name } } }`;
    expect(await weft.graphql(entities, { r: [{ __typename: 'Job', id }] }, stranger)).toEqual({
      _entities: [null],
    });
    const client = weft.liveClient(stranger);
    await expect(follow(client, id).ended).rejects.toThrow(/NOT_FOUND/);
    await client.dispose();
    const cancel = `mutation($id: ID!) { cancelJob(input: { id: $id }) { job { id } userErrors { code } } }`;
    expect(await weft.graphql(cancel, { id }, stranger)).toMatchObject({
      cancelJob: { job: null, userErrors: [{ code: 'NOT_FOUND' }] },
    });
    const readOnly = { ...weft.user, scopes: ['read'] };
    expect(await weft.graphql(cancel, { id }, readOnly)).toMatchObject({
      cancelJob: { job: null, userErrors: [{ code: 'FORBIDDEN' }] },
    });
    await weft.graphql(cancel, { id });
  });

  it("gives a worker's credential nothing beyond its own targets", async () => {
    const id = await weft.submit();
    const thief = await weft.broker.connect('w2');
    await expect(
      weft.ask(
        'claim',
        { capacity: 1, holdMs: 0, start: true },
        { from: thief, targetId: 'local-process', workerId: 'w1' },
      ),
    ).rejects.toThrow();
    await expect(
      weft.ask(
        'claim',
        { capacity: 1, holdMs: 0, start: true },
        {
          from: thief,
          targetId: 'local-process',
          workerId: 'w2',
        },
      ),
    ).rejects.toThrow();
    expect(
      await weft.ask<ClaimReply>(
        'claim',
        { capacity: 1, holdMs: 0, start: true },
        {
          from: thief,
          targetId: 'elsewhere',
          workerId: 'w2',
        },
      ),
    ).toEqual({ attempts: [] });
    const { job } = await weft.graphql<{ job: { state: string } }>(
      `
        query ($id: ID!) {
          job(id: $id) {
            state
          }
        }
      `,
      { id },
    );
    expect(job.state).toBe('PENDING');
  });
});
