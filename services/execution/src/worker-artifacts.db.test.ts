import { randomUUID } from 'node:crypto';
import type { ArtifactReply } from '@weft/contracts';
import { aUser, eventually } from '@weft/testkit';
import { describe, expect, test } from 'vitest';
import { say, setStage } from './testing/worker-words.js';

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
});
