import type { LogReply, LogRequest, LogsRequest } from '@weft/contracts';
import { AppError } from '@weft/errors';
import { expect, it } from 'vitest';
import { createLogPost } from './log-post.js';
import type { PlatformClient } from './platform-client.js';

const OK: LogReply = { code: 'OK', stored: 1 };
const batchOf = (jobId: string, text = 'a line'): LogRequest => ({
  jobId,
  attempt: 1,
  fence: 1,
  lines: [{ number: 1, at: '2026-11-20T10:00:00Z', stream: 'STDOUT', text }],
  complete: true,
  usage: null,
});

function open(answer: (jobId: string) => LogReply = () => OK) {
  const asked: string[][] = [];
  const logs = async (_target: string, { batches }: LogsRequest) => {
    const ids = batches.map(({ jobId }) => jobId);
    asked.push(ids);
    return Promise.resolve({ replies: ids.map(answer) });
  };
  return { asked, post: createLogPost({ logs } as unknown as PlatformClient, 't') };
}

it('what several attempts tell at once is one request, and each gets its own answer', async () => {
  const { asked, post } = open((jobId) => (jobId === 'lost' ? { code: 'LEASE_LOST', stored: 0 } : OK));
  const replies = await Promise.all(['one', 'lost', 'two'].map((id) => post.send(batchOf(id))));
  expect(replies.map(({ code }) => code)).toEqual(['OK', 'LEASE_LOST', 'OK']);
  expect(asked).toEqual([['one', 'lost', 'two']]);
});

it('what is too much for one request is several', async () => {
  const { asked, post } = open();
  await Promise.all(['one', 'two', 'three'].map((id) => post.send(batchOf(id, 'x'.repeat(190 * 1_024)))));
  expect(asked).toEqual([['one', 'two'], ['three']]);
  const many = Array.from({ length: 100 }, (_, index) => `job-${index}`);
  await Promise.all(many.map((id) => post.send(batchOf(id))));
  expect(asked.slice(2).map((ids) => ids.length)).toEqual([64, 36]);
});

it('a request that is refused for the sake of one costs the others nothing', async () => {
  const { asked, post } = open((jobId) => {
    if (jobId === 'broken') throw new AppError('BAD_USER_INPUT', 'not of the form');
    return OK;
  });
  const sent = await Promise.allSettled(['one', 'broken', 'two'].map((id) => post.send(batchOf(id))));
  expect(sent.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(asked).toHaveLength(4);
});

it('without an answer all are told so: each asks again by itself', async () => {
  let asked = 0;
  const { post } = open(() => {
    asked += 1;
    throw new Error('timeout');
  });
  const sent = await Promise.allSettled(['one', 'two'].map((id) => post.send(batchOf(id))));
  expect(sent.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(asked).toBe(1);
});
