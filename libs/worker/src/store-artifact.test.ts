import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ArtifactReply, ArtifactRequest } from '@weft/contracts';
import { AppError } from '@weft/errors';
import { createLogger } from '@weft/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storeArtifact, type MadeFile } from './store-artifact.js';

let store: Server;
let url: string;
let statuses: number[];
let kept: { readonly type: string | undefined; readonly body: string }[];
beforeEach(async () => {
  [statuses, kept] = [[], []];
  store = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const status = statuses.shift() ?? 201;
      if (status === 201) kept.push({ type: request.headers['content-type'], body });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(store.address() as AddressInfo).port}/a`;
});
afterEach(() => new Promise((resolve) => store.close(resolve)));

const place = (artifactId = 'artifact-1'): ArtifactReply => ({ code: 'OK', artifactId, url, expiresAt: '' });
const attempt = { jobId: 'j', attempt: 2, fence: 3 };

/** What was asked of execution, which answers these one after the other. */
async function stored(
  answers: (ArtifactReply | Error)[],
  signal = new AbortController().signal,
  bytes: MadeFile['bytes'] = new Uint8Array([104, 105]),
) {
  const asked: ArtifactRequest[] = [];
  const client = {
    artifact(_target: string, request: ArtifactRequest) {
      asked.push(request);
      const answer = answers.shift() ?? place();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
  const file = {
    name: 'r.html',
    mediaType: 'text/html',
    kind: 'REPORT',
    bytes,
  } as const;
  const logger = createLogger('test', 'silent');
  const id = await storeArtifact(client, 't', attempt, file, signal, logger);
  return { id, asked };
}

it('puts the bytes where execution says, for the attempt', async () => {
  const { id, asked } = await stored([]);
  expect(id).toBe('artifact-1');
  expect(asked).toEqual([
    { ...attempt, intent: 'write', name: 'r.html', mediaType: 'text/html', kind: 'REPORT' },
  ]);
  expect(kept).toEqual([{ type: 'text/html', body: 'hi' }]);
});

it('asks anew until it is stored, and gives the artifact that was', async () => {
  statuses = [503];
  const unknown = { code: 'ATTEMPT_UNKNOWN', message: 'not yet' } as const;
  const { id, asked } = await stored([new Error('no answer'), unknown, place('first'), place('second')]);
  expect([id, asked.length, kept.length]).toEqual(['second', 4, 1]);
});

it.each([
  ['the attempt is lost', { code: 'LEASE_LOST', message: 'gone' } as const],
  ['nothing may be written', { code: 'NOT_FOUND', message: 'bad name' } as const],
  ['it is refused', new AppError('LEASE_LOST', 'refused')],
])('ends when %s', async (_, answer) => {
  await expect(stored([answer])).rejects.toMatchObject({ code: 'LEASE_LOST' });
});

it('ends when nobody waits for it any more', async () => {
  await expect(stored([new Error('no answer')], AbortSignal.abort())).rejects.toThrow('no answer');
});

describe('bytes that come', () => {
  let made: number;
  beforeEach(() => (made = 0));
  const coming = (fault?: Error) =>
    async function* () {
      made += 1;
      for (const part of ['tides ', 'of ', 'March']) yield await Promise.resolve(Buffer.from(part));
      if (fault !== undefined) throw fault;
    };

  it('are made anew for each try', async () => {
    statuses = [500];
    await stored([], undefined, coming());
    expect([made, kept]).toEqual([2, [{ type: 'text/html', body: 'tides of March' }]]);
  });

  it('are not stored in part: what their maker refuses is the answer, at once', async () => {
    const refusal = new AppError('PAYLOAD_TOO_LARGE', 'too much');
    await expect(stored([], undefined, coming(refusal))).rejects.toBe(refusal);
    expect([made, kept]).toEqual([1, []]);
  });

  it('are asked for again when they broke off, until nobody waits', async () => {
    const ending = new AbortController();
    const broken = stored([], ending.signal, coming(new Error('connection lost')));
    const ended = expect(broken).rejects.toThrow();
    while (made < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    ending.abort();
    await ended;
    expect(kept).toEqual([]);
  });
});
