import { createServer as createTcpServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { whenFileEnds } from '@weft/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { startReceiver, verified, type Receiver } from '../../testing/receiver.js';
import { createPostWebhook, type PostOptions } from './post-webhook.js';

const policy = { allowHttp: true, allowPrivate: true };
const never = new AbortController().signal;
const key = Buffer.alloc(32, 7);
const secret = `whsec_${key.toString('base64')}`;
const outgoing = (url: string) => ({
  id: 'msg_1',
  url,
  body: '{"type":"job.succeeded"}',
  key,
  now: new Date(),
});
const poster = (options: Partial<PostOptions> = {}) =>
  createPostWebhook({ policy, timeoutMs: 600, resolve: () => Promise.resolve(['127.0.0.1']), ...options });

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});

/** A server that speaks no HTTP of its own: what it does with a connection is the test's. */
async function rawServer(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  whenFileEnds(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

describe('sending a webhook', () => {
  it('posts the body as it is, under a signature that an independent receiver accepts', async () => {
    const result = await poster()(outgoing(`${receiver.url}?x=1`), never);
    expect(result).toMatchObject({ statusCode: 204, failure: null, response: null });
    const [got] = receiver.received;
    expect(got).toMatchObject({ id: 'msg_1', path: '/hook?x=1', body: '{"type":"job.succeeded"}' });
    expect(got?.headers['content-type']).toBe('application/json');
    expect(await verified(got as never, secret)).toBe(true);
    expect(await verified({ ...(got as never as object), body: '{}' } as never, secret)).toBe(false);
    expect(await verified(got as never, `whsec_${Buffer.alloc(32, 8).toString('base64')}`)).toBe(false);
  });

  it('follows no redirect', async () => {
    receiver.answer = (response) => response.writeHead(302, { location: `${receiver.url}/other` }).end();
    expect(await poster()(outgoing(receiver.url), never)).toMatchObject({
      statusCode: 302,
      failure: 'REDIRECTED',
    });
    expect(receiver.received).toHaveLength(1);
  });

  it('reads a kilobyte of an answer without an end, and hears its status', async () => {
    let written = 0;
    receiver.answer = (response) => {
      response.writeHead(500, { 'retry-after': '7' });
      const more = (): void => {
        while (!response.destroyed && response.write('\0é'.repeat(10_000))) written += 30_000;
      };
      response.on('drain', more);
      more();
    };
    const result = await poster({ timeoutMs: 3_000 })(outgoing(receiver.url), never);
    expect(result).toMatchObject({ statusCode: 500, failure: 'HTTP_STATUS', retryAfterMs: 7_000 });
    expect(Buffer.byteLength(result.response ?? '')).toBeLessThanOrEqual(1024 + 2);
    expect(result.response).not.toContain('\0');
    expect(written).toBeLessThan(20_000_000);
  });

  it('gives up on a server that drips, at its headers and at its body', async () => {
    const drip = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('x: y\r\n'), 50);
      socket.on('close', () => clearInterval(timer));
    });
    const slow = await poster()(outgoing(`http://127.0.0.1:${drip}/`), never);
    expect(slow).toMatchObject({ statusCode: null, failure: 'TIMEOUT' });
    expect(slow.durationMs).toBeLessThan(2_000);
    receiver.answer = (response) => {
      const timer = setInterval(() => response.write('.'), 50);
      response.writeHead(200).on('close', () => clearInterval(timer));
    };
    const dripped = await poster({ timeoutMs: 5_000 })(outgoing(receiver.url), never);
    expect(dripped).toMatchObject({ statusCode: 200, failure: null });
    expect(dripped.durationMs).toBeLessThan(3_000);
  });

  it('gives up on a server that accepts and says nothing, says nonsense, or sends headers without end', async () => {
    const silent = await rawServer(() => undefined);
    const rude = await rawServer((socket) =>
      socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n')),
    );
    const endless = await rawServer((socket) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write(`x-${'y'.repeat(1000)}: z\r\n`)) continue;
      };
      socket.on('drain', more);
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n');
        more();
      });
    });
    const at = (port: number) => outgoing(`http://127.0.0.1:${port}/`);
    expect(await poster()(at(silent), never)).toMatchObject({ failure: 'TIMEOUT' });
    expect(await poster()(at(rude), never)).toMatchObject({ failure: 'RESPONSE_INVALID' });
    expect(await poster()(at(endless), never)).toMatchObject({ failure: 'RESPONSE_INVALID' });
    expect(await poster()(outgoing('http://127.0.0.1:1/'), never)).toMatchObject({
      failure: 'ADDRESS_REFUSED',
    });
  });

  it('names what failed when there is no address, no server or no TLS', async () => {
    const unresolved = poster({ resolve: () => Promise.reject(new Error('ENOTFOUND')) });
    expect(await unresolved(outgoing('http://hooks.dev/'), never)).toMatchObject({
      failure: 'HOST_UNRESOLVED',
    });
    const port = await rawServer((socket) => socket.resetAndDestroy());
    expect(await poster()(outgoing(`http://127.0.0.1:${port}/`), never)).toMatchObject({
      failure: 'CONNECTION_FAILED',
    });
    expect(await poster()(outgoing(`https://127.0.0.1:${receiver.port}/`), never)).toMatchObject({
      failure: 'TLS_FAILED',
    });
  });

  it('is ended by a stop, not taken for a failure of the receiver', async () => {
    const stopping = new AbortController();
    receiver.answer = () => stopping.abort();
    await expect(poster()(outgoing(receiver.url), stopping.signal)).rejects.toThrow();
  });
});

describe('a name that lies', () => {
  const strict = { allowHttp: true, allowPrivate: false };
  const at = (host: string) => outgoing(`http://${host}:${receiver.port}/hook`);

  it.each([
    ['127.0.0.1'],
    ['10.0.0.7'],
    ['169.254.169.254'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['64:ff9b::7f00:1'],
    ['fd00:ec2::254'],
  ])('is not followed to %s, nor when a good address stands beside it', async (address) => {
    for (const addresses of [[address], ['93.184.215.14', address], [address, '93.184.215.14']]) {
      const post = poster({ policy: strict, resolve: () => Promise.resolve(addresses) });
      expect(await post(at('hooks.dev'), never)).toMatchObject({
        failure: 'ADDRESS_REFUSED',
        statusCode: null,
      });
    }
    expect(receiver.received).toHaveLength(0);
  });

  it('is looked up once for each message: an answer that changes in between changes nothing', async () => {
    const answers = [['127.0.0.1'], ['127.0.0.2'], ['127.0.0.3']];
    let asked = 0;
    const post = poster({ resolve: () => Promise.resolve(answers[asked++] ?? []) });
    expect(await post(at('rebinding.dev'), never)).toMatchObject({ statusCode: 204 });
    expect(asked).toBe(1);
    expect(receiver.received[0]?.headers.host).toBe(`rebinding.dev:${receiver.port}`);
    // The receiver listens on 127.0.0.1 only: the second message goes where the second answer says, to nobody.
    expect(await post(at('rebinding.dev'), never)).toMatchObject({ failure: 'CONNECTION_FAILED' });
    expect(asked).toBe(2);
  });

  it('goes nowhere when it turns inside between submission and delivery', async () => {
    const post = poster({ policy: strict, resolve: () => Promise.resolve(['127.0.0.1']) });
    expect(await post(at('rebinding.dev'), never)).toMatchObject({ failure: 'ADDRESS_REFUSED' });
    expect(receiver.received).toHaveLength(0);
  });

  it('does not hold a try longer than its time', async () => {
    const post = poster({
      timeoutMs: 200,
      resolve: (_host, signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('cancelled')))),
    });
    expect(await post(at('slow.dev'), never)).toMatchObject({ failure: 'TIMEOUT' });
  });
});
