import { randomUUID } from 'node:crypto';
import type { LogReply } from '@weft/contracts';
import type { Messaging } from '@weft/messaging';
import { aUser, eventually } from '@weft/testkit';
import { describe, expect, test } from 'vitest';
import { anAttempt } from './testing/test-execution.js';
import { aBatch, aLine, say, setStage } from './testing/worker-words.js';

const stage = await setStage();
const { execution, worker, stranger } = stage;

/** As jobs makes them: a UUID of version 7. */
const bornAgo = (ms: number): string => {
  const time = (Date.now() - ms).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
};

describe('the log of a job', () => {
  const LIVE = `subscription ($jobId: ID!, $after: String) { jobLogs(jobId: $jobId, after: $after) { cursor complete job { id } lines { attempt number stream text cursor } } }`;
  interface Payload { readonly data?: { jobLogs: { cursor: string; complete: boolean; lines: { number: number; text: string; attempt: number; cursor: string }[] } }; readonly errors?: { extensions: { code: string } }[] } // prettier-ignore
  const texts = (payloads: readonly Payload[]): string[] =>
    payloads.flatMap((one) => one.data?.jobLogs.lines.map((row) => row.text) ?? []);

  test('is taken from the holder of the fence only', async () => {
    const actor = aUser();
    const jobId = randomUUID();
    const write = (who: Messaging, id: string, more: object = {}): Promise<LogReply> =>
      say(who, 'log', id, aBatch(jobId, [aLine(1)], more));
    expect(await write(worker, 'worker-1')).toMatchObject({ code: 'ATTEMPT_UNKNOWN' });
    await execution.tellJob({
      jobId,
      organizationId: actor.personalOrganizationId as string,
      seq: 2,
      state: 'IN_PROGRESS',
      attempts: [anAttempt()],
    });
    await eventually('the attempt is known', async () => (await write(worker, 'worker-1')).code === 'OK');
    expect(await write(stranger, 'worker-2')).toMatchObject({ code: 'LEASE_LOST' });
    expect(await write(worker, 'worker-1', { fence: 8 })).toMatchObject({ code: 'LEASE_LOST' });
    await execution.tellJob({
      jobId,
      organizationId: actor.personalOrganizationId as string,
      seq: 3,
      state: 'PENDING',
      attempts: [anAttempt({ outcome: 'LOST' })],
    });
    await eventually(
      'the attempt is lost',
      async () => (await write(worker, 'worker-1')).code === 'LEASE_LOST',
    );
  });

  test('is stored once however often a batch comes, and paged from both ends', async () => {
    const actor = aUser();
    const jobId = await stage.aRunningJob(actor.personalOrganizationId as string);
    await say(worker, 'log', 'worker-1', aBatch(jobId, [aLine(1), aLine(2, 'nul \u0000 and half \ud800')]));
    await say(worker, 'log', 'worker-1', aBatch(jobId, [aLine(1), aLine(2), aLine(3)]));
    expect(
      await say(worker, 'log', 'worker-1', aBatch(jobId, [aLine(2), aLine(3), aLine(4), aLine(5)])),
    ).toEqual({
      code: 'OK',
      stored: 5,
    });
    const query = `query ($refs: [_Any!]!, $first: Int, $after: String, $last: Int, $before: String) {
      _entities(representations: $refs) { ... on Job { logs(first: $first, after: $after, last: $last, before: $before) { edges { cursor node { number text } } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } } } }`;
    interface Page { readonly _entities: { logs: { edges: { cursor: string; node: { number: number; text: string } }[]; pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string; startCursor: string } } }[] } // prettier-ignore
    const page = async (args: object, who = actor) =>
      (await execution.ask<Page>(who, query, { refs: [{ __typename: 'Job', id: jobId }], ...args }))
        ._entities[0]!.logs;
    const numbers = (one: Awaited<ReturnType<typeof page>>): number[] =>
      one.edges.map((edge) => edge.node.number);
    const first = await page({ first: 2 });
    expect([numbers(first), first.pageInfo.hasNextPage, first.edges[1]?.node.text]).toEqual([
      [1, 2],
      true,
      'nul \uFFFD and half \uFFFD',
    ]);
    expect(numbers(await page({ first: 10, after: first.pageInfo.endCursor }))).toEqual([3, 4, 5]);
    const tail = await page({ last: 2 });
    expect([numbers(tail), tail.pageInfo.hasPreviousPage, tail.pageInfo.hasNextPage]).toEqual([
      [4, 5],
      true,
      false,
    ]);
    expect(numbers(await page({ last: 2, before: tail.pageInfo.startCursor }))).toEqual([2, 3]);
    expect(numbers(await page({ first: 10 }, aUser()))).toEqual([]);
  });

  test('is followed live without a gap, resumed at a cursor, and completes with the job', async () => {
    const actor = aUser();
    const organizationId = actor.personalOrganizationId as string;
    const jobId = await stage.aRunningJob(organizationId);
    await say(worker, 'log', 'worker-1', aBatch(jobId, [aLine(1), aLine(2)]));
    const following = execution.follow<Payload>(actor, LIVE, { jobId });
    await say(worker, 'log', 'worker-1', aBatch(jobId, [aLine(3)]));
    await execution.tellJob({
      jobId,
      organizationId,
      seq: 3,
      state: 'SUCCEEDED',
      attempts: [anAttempt({ outcome: 'SUCCEEDED', endedAt: new Date().toISOString() })],
    });
    const usage = { wallMs: 120, cpuMs: 80, peakMemoryBytes: 3_000_000_000, exitCode: 0 };
    await say(worker, 'log', 'worker-1', aBatch(jobId, [aLine(4)], { complete: true, usage }));
    const payloads = await following;
    expect(texts(payloads)).toEqual(['line 1', 'line 2', 'line 3', 'line 4']);
    expect(payloads.map((one) => one.data?.jobLogs.complete)).toEqual([
      ...payloads.slice(1).map(() => false),
      true,
    ]);
    const cursor = (await execution.follow<Payload>(actor, LIVE, { jobId }, (seen) => seen.length === 1))[0]
      ?.data?.jobLogs.lines;
    expect(cursor).toHaveLength(4);
    const resumed = await execution.follow<Payload>(actor, LIVE, {
      jobId,
      after: Buffer.from('[2]').toString('base64url'),
    });
    expect(texts(resumed)).toEqual(['line 3', 'line 4']);
    const attempt = `query ($id: ID!) { _entities(representations: [{ __typename: "Attempt", id: $id }]) { ... on Attempt { exitCode usage { cpuMs wallMs peakMemoryBytes } logs(first: 1) { edges { node { text } } } } } }`;
    expect(await execution.ask(actor, attempt, { id: `${jobId}:1` })).toEqual({
      _entities: [
        {
          exitCode: 0,
          usage: { cpuMs: 80, wallMs: 120, peakMemoryBytes: 3_000_000_000 },
          logs: { edges: [{ node: { text: 'line 1' } }] },
        },
      ],
    });
    expect(await execution.ask(aUser(), attempt, { id: `${jobId}:1` })).toEqual({
      _entities: [{ exitCode: null, usage: null, logs: { edges: [] } }],
    });
  });

  test('gives every line one place, although attempts of the same job write at the same time', async () => {
    const actor = aUser();
    const organizationId = actor.personalOrganizationId as string;
    const jobId = randomUUID();
    const attempts = [1, 2, 3].map((number) => anAttempt({ number, fence: 7 }));
    await execution.tellJob({ jobId, organizationId, seq: 2, state: 'IN_PROGRESS', attempts });
    const write = (attempt: number, first: number): Promise<LogReply> =>
      say(worker, 'log', 'worker-1', aBatch(jobId, [aLine(first), aLine(first + 1)], { attempt }));
    await eventually('the job is known', async () => (await write(3, 1)).code === 'OK');
    const following = execution.follow<Payload>(actor, LIVE, { jobId }, (seen) => texts(seen).length === 60);
    for (let first = 1; first < 20; first += 2) {
      await Promise.all([1, 2, 3].flatMap((attempt) => [write(attempt, first), write(attempt, first)]));
    }
    const lines = (await following).flatMap((one) => one.data?.jobLogs.lines ?? []);
    const places = lines.map(
      (one) => JSON.parse(Buffer.from(one.cursor, 'base64url').toString()) as number[],
    );
    expect(places.flat()).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    expect(new Set(lines.map((one) => `${one.attempt}:${one.number}`)).size).toBe(60);
  });

  test("may be followed before the job is known; another's job is as unknown as none", async () => {
    const actor = aUser();
    const jobId = bornAgo(0);
    const organizationId = actor.personalOrganizationId as string;
    const following = execution.follow<Payload>(actor, LIVE, { jobId });
    const foreign = execution.follow<Payload>(aUser(), LIVE, { jobId });
    await execution.tellJob({ jobId, organizationId, seq: 1, state: 'PENDING' });
    await execution.tellJob({ jobId, organizationId, seq: 2, state: 'CANCELLED' });
    expect((await following).map((one) => one.data?.jobLogs.complete)).toEqual([true]);
    expect((await foreign).map((one) => one.errors?.[0]?.extensions.code)).toEqual(['NOT_FOUND']);
  });

  test.each([
    ['of long ago', bornAgo(3_600_000)],
    ['that is no id of a job', randomUUID()],
    ['that is no id', 'nothing'],
  ])('one %s is unknown at once, and so is that of somebody else', async (_what, jobId) => {
    const askedAt = performance.now();
    const payloads = await execution.follow<Payload>(aUser(), LIVE, { jobId });
    expect(payloads.map((one) => one.errors?.[0]?.extensions.code)).toEqual(['NOT_FOUND']);
    expect(performance.now() - askedAt).toBeLessThan(5_000);
  });

  test('a broken cursor is refused', async () => {
    const payloads = await execution.follow<Payload>(aUser(), LIVE, {
      jobId: randomUUID(),
      after: 'nonsense',
    });
    expect(payloads.map((one) => one.errors?.[0]?.extensions.code)).toEqual(['BAD_USER_INPUT']);
  });
});
