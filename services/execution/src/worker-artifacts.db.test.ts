import { randomUUID } from 'node:crypto';
import { REGISTRY_TARGET, type ArtifactReply, type LogPageReply } from '@weft/contracts';
import { aUser, eventually } from '@weft/testkit';
import { describe, expect, test } from 'vitest';
import { anAttempt } from './testing/test-execution.js';
import { aBatch, aLine, say, setStage } from './testing/worker-words.js';

const stage = await setStage();
const { execution, worker, stranger } = stage;

describe('artifacts of workers', () => {
  const reference = (jobId: string) => ({ jobId, attempt: 1, fence: 7 });

  test('a worker reads the inputs and the code of its attempt, and nothing else', async () => {
    const [actor, provider] = [aUser(), aUser()];
    const input = await execution.upload(actor, 'the input');
    const other = await execution.upload(actor, 'another file of the same organization');
    const code = await execution.upload(provider, 'export const run = () => 1', { kind: 'CODE' });
    const serviceVersionId = randomUUID();
    await execution.tellServiceVersion(serviceVersionId, code, provider.personalOrganizationId as string);
    const jobId = await stage.aRunningJob(actor.personalOrganizationId as string, {
      artifactIds: [input],
      serviceVersionId,
    });
    const read = (artifactId: string, who = worker, id = 'worker-1'): Promise<ArtifactReply> =>
      say(who, 'artifact', id, { ...reference(jobId), intent: 'read', artifactId });
    const place = await eventually('the code', async () => {
      const reply = await read(code);
      return reply.code === 'OK' ? reply : undefined;
    });
    expect(await (await fetch(place.url)).text()).toBe('export const run = () => 1');
    expect((await read(input)).code).toBe('OK');
    expect((await read(other)).code).toBe('NOT_FOUND');
    expect((await read(input, stranger, 'worker-2')).code).toBe('LEASE_LOST');
  });

  test('a worker stores a result for the organization of the job', async () => {
    const actor = aUser();
    const jobId = await stage.aRunningJob(actor.personalOrganizationId as string);
    const reply = await say<ArtifactReply>(worker, 'artifact', 'worker-1', {
      ...reference(jobId),
      intent: 'write',
      name: 'result-0.json',
      mediaType: 'application/json',
      kind: 'RESULT',
    });
    expect(reply.code).toBe('OK');
    if (reply.code === 'OK')
      expect((await fetch(reply.url, { method: 'PUT', body: '[1]' })).status).toBe(201);
    const query = `query ($id: ID!) { _entities(representations: [{ __typename: "Job", id: $id }]) { ... on Job { artifacts { edges { node { kind name size } } } } } }`;
    expect(await execution.ask(actor, query, { id: jobId })).toEqual({
      _entities: [{ artifacts: { edges: [{ node: { kind: 'RESULT', name: 'result-0.json', size: 3 } }] } }],
    });
    expect(await execution.ask(aUser(), query, { id: jobId })).toEqual({
      _entities: [{ artifacts: { edges: [] } }],
    });
  });

  describe('of the registry', () => {
    /** A job of the registry with an attempt that runs, and what its worker is answered. */
    async function aRegistration(organizationId: string) {
      const registry = await execution.broker.connect('registry');
      const jobId = randomUUID();
      const attempts = [anAttempt({ workerId: 'registry-1', targetId: REGISTRY_TARGET })];
      await execution.tellJob({
        ...{ jobId, organizationId, seq: 2, state: 'IN_PROGRESS', targetId: REGISTRY_TARGET, attempts },
      });
      const ask = <T>(question: object): Promise<T> =>
        say(registry, 'artifact', 'registry-1', { ...reference(jobId), ...question }, REGISTRY_TARGET);
      return {
        read: (artifactId: string) => ask<ArtifactReply>({ intent: 'read', artifactId }),
        log: (of: string, after = 0) => ask<LogPageReply>({ intent: 'log', of, after }),
      };
    }

    test('reads whatever all members of the organization may read, and nothing of others', async () => {
      const [actor, other] = [aUser(), aUser()];
      const [mine, theirs] = [await execution.upload(actor, 'mine'), await execution.upload(other, 'theirs')];
      const { read } = await aRegistration(actor.personalOrganizationId as string);
      const place = await eventually('the file', async () => {
        const reply = await read(mine);
        return reply.code === 'OK' ? reply : undefined;
      });
      expect(place.file).toEqual({ name: 'file.txt', mediaType: 'text/plain' });
      expect(await (await fetch(place.url)).text()).toBe('mine');
      // What is not theirs, what there is none of and what is no id: one answer.
      const refused = [await read(theirs), await read(randomUUID()), await read('no uuid')];
      expect(new Set(refused.map((reply) => JSON.stringify(reply))).size).toBe(1);
      expect(refused[0]).toMatchObject({ code: 'NOT_FOUND' });
    });

    test('reads logs of its jobs, a page at a time, and none of others', async () => {
      const actor = aUser();
      const jobId = await stage.aRunningJob(actor.personalOrganizationId as string);
      const long = 'x'.repeat(50_000);
      const lines = [1, 2, 3, 4].map((number) => aLine(number, `${number} ${long}`));
      await say(worker, 'log', 'worker-1', aBatch(jobId, lines));
      const mine = await aRegistration(actor.personalOrganizationId as string);
      const first = await eventually('the log', async () => {
        const reply = await mine.log(jobId);
        return reply.code === 'OK' ? reply : undefined;
      });
      const rest = await mine.log(jobId, first.next ?? 0);
      const told = [first.text, rest.code === 'OK' && rest.text].join('');
      expect(told.match(/^\S+Z STDOUT \d x/gm)?.map((line) => line.at(-3))).toEqual(['1', '2', '3', '4']);
      expect([first.next, rest.code === 'OK' && rest.next]).toEqual([2, null]);
      const theirs = await aRegistration(aUser().personalOrganizationId as string);
      await eventually('an answer', async () => (await theirs.log(jobId)).code === 'OK');
      expect(await theirs.log(jobId)).toEqual({ code: 'OK', text: '', next: null });
    });

    test('is nobody else: a worker of another target reads no logs, and cannot speak for it', async () => {
      const organizationId = aUser().personalOrganizationId as string;
      const jobId = await stage.aRunningJob(organizationId);
      const asked = { ...reference(jobId), intent: 'log', of: jobId, after: 0 };
      expect(await say(worker, 'artifact', 'worker-1', asked)).toMatchObject({ code: 'NOT_FOUND' });
      const forged = say(worker, 'artifact', 'worker-1', asked, REGISTRY_TARGET);
      await expect(forged).rejects.toThrow();
    });
  });
});
