import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  ArtifactReply,
  ArtifactRequest,
  InputRequest,
  LogPageReply,
  LogPageRequest,
} from '@weft/contracts';
import { AppError } from '@weft/errors';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readOthers } from './read-others.js';

let store: Server;
let url: string;
let statuses: number[];
beforeEach(async () => {
  statuses = [];
  store = createServer((_, response) => response.writeHead(statuses.shift() ?? 200).end('content'));
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(store.address() as AddressInfo).port}/a`;
});
afterEach(() => new Promise((resolve) => store.close(resolve)));

const place = (): ArtifactReply => ({
  ...{ code: 'OK', artifactId: 'a', url, expiresAt: '' },
  file: { name: 'a.csv', mediaType: 'text/csv' },
});
const REFUSED = { code: 'NOT_FOUND', message: 'none' } as const;
const LOST = { code: 'LEASE_LOST', message: 'lost' } as const;
const UNKNOWN = { code: 'ATTEMPT_UNKNOWN', message: 'not yet' } as const;

/** What is answered, one after the other; the last again and again. */
function reader(answers: { files?: ArtifactReply[]; logs?: LogPageReply[]; value?: string | Error }) {
  const asked: (ArtifactRequest | LogPageRequest | InputRequest)[] = [];
  const next = <T>(list: T[] = []): T => (list.length > 1 ? list.shift() : list[0]) as T;
  const client = {
    artifact(_: string, request: ArtifactRequest) {
      asked.push(request);
      return Promise.resolve(next(answers.files));
    },
    logPage(_: string, request: LogPageRequest) {
      asked.push(request);
      return Promise.resolve(next(answers.logs));
    },
    input(_: string, request: InputRequest) {
      asked.push(request);
      if (answers.value instanceof Error) return Promise.reject(answers.value);
      const bytes = Buffer.from(answers.value ?? '');
      return Promise.resolve({
        bytes: bytes.subarray(request.offset, request.offset + 4),
        total: bytes.length,
      });
    },
  };
  const attempt = { jobId: 'job', attempt: 2, fence: 3 };
  return { asked, others: readOthers(client, 'registry', attempt, new AbortController().signal) };
}

async function textOf(bytes: AsyncIterable<Uint8Array> | undefined): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

it('opens a file, asking again while its attempt is not known or the store does not answer', async () => {
  statuses = [503];
  const { others, asked } = reader({ files: [UNKNOWN, place()] });
  const file = await others.file('a');
  expect([file?.name, file?.mediaType, await textOf(file?.bytes)]).toEqual(['a.csv', 'text/csv', 'content']);
  expect(asked).toHaveLength(3);
  expect(asked[0]).toEqual({ jobId: 'job', attempt: 2, fence: 3, intent: 'read', artifactId: 'a' });
});

it('has nothing where there is none, and where it went between the two questions', async () => {
  expect(await reader({ files: [REFUSED] }).others.file('a')).toBeUndefined();
  statuses = [404];
  expect(await reader({ files: [place()] }).others.file('a')).toBeUndefined();
  expect(
    await reader({ value: new AppError('NOT_FOUND', '') }).others.value({ jobId: 'j', which: 'data' }),
  ).toBeUndefined();
});

it('ends with its attempt', async () => {
  await expect(reader({ files: [LOST] }).others.file('a')).rejects.toMatchObject({ code: 'LEASE_LOST' });
  const lost = reader({ value: new AppError('LEASE_LOST', '') }).others;
  await expect(lost.value({ jobId: 'j', which: 'data' })).rejects.toMatchObject({ code: 'LEASE_LOST' });
});

it('reads values and logs of another job piece by piece', async () => {
  const { others, asked } = reader({ value: '{"tide":1}' });
  expect(await others.value({ jobId: 'other', which: 'result', item: 4 })).toBe('{"tide":1}');
  expect(asked).toHaveLength(3);
  expect(asked[2]).toMatchObject({ jobId: 'job', of: 'other', which: 'result', item: 4, offset: 8 });

  const log = reader({
    logs: [
      { code: 'OK', text: 'one\n', next: 7 },
      { code: 'OK', text: 'two\n', next: null },
    ],
  });
  const pages: string[] = [];
  for await (const page of log.others.log('other')) pages.push(page);
  expect(pages).toEqual(['one\n', 'two\n']);
  expect(log.asked).toMatchObject([{ jobId: 'job', intent: 'log', of: 'other', after: 0 }, { after: 7 }]);
});
