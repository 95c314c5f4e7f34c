import { createHash, randomUUID } from 'node:crypto';
import { existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import {
  dataPoolChanged,
  dataPoolFileChanged,
  envelope,
  memberOf,
  type ArtifactReply,
  type DataPoolChanged,
  type EventDefinition,
} from '@weft/contracts';
import { aUser, eventually } from '@weft/testkit';
import { describe, expect, test } from 'vitest';
import { anAttempt } from './testing/test-execution.js';
import { say, setStage } from './testing/worker-words.js';

const stage = await setStage();
const { execution, worker } = stage;
const registry = await execution.broker.connect('registry');

const tell = async <T>(event: EventDefinition<T>, payload: T): Promise<void> => {
  const told = envelope(event, event.schema.parse(payload), new Date(), 'correlation-test');
  await registry.jetstream.publish(event.subject(payload), JSON.stringify(told), { msgID: told.id });
};

const homeOf = (actor: ReturnType<typeof aUser>): string => actor.personalOrganizationId as string;

/** A pool of this organization with one file; what is said of it later has the next number. */
async function aPool(organizationId: string, artifactId: string, dataReaders: readonly string[] = []) {
  const dataPoolId = randomUUID();
  const file = {
    ...{ fileId: randomUUID(), dataPoolId, name: 'a', version: 1, artifactId, mediaType: 'text/plain' },
    ...{ size: 1, sha256: 'x' },
  };
  let seq = 0;
  const say = (changes: Partial<DataPoolChanged>): Promise<void> =>
    tell(dataPoolChanged, {
      ...{ dataPoolId, seq: (seq += 1), organizationId, name: 'pool', state: 'OPEN', change: 'UPDATED' },
      dataReaders: [...dataReaders],
      ...changes,
    });
  await tell(dataPoolFileChanged, { ...file, seq: 1, removed: false });
  await say({});
  return { say, remove: () => tell(dataPoolFileChanged, { ...file, seq: 2, removed: true }) };
}

const ARTIFACT = `query ($id: ID!, $seconds: Int) { artifact(id: $id) { name downloadUrl download(seconds: $seconds) { url expiresAt } } }`;
interface Seen { readonly artifact: { downloadUrl: string; download: { url: string; expiresAt: string } } | null } // prettier-ignore
const seenBy = async (actor: ReturnType<typeof aUser>, id: string): Promise<Seen['artifact']> =>
  (await execution.ask<Seen>(actor, ARTIFACT, { id, seconds: 60 })).artifact;

describe('files of data pools', () => {
  test('are read by those to whom the pool gives it, as long as it does', async () => {
    const [owner, reader, other] = [aUser(), aUser(), aUser()];
    const artifactId = await execution.upload(owner, 'shared content');
    const pool = await aPool(homeOf(owner), artifactId, [reader.id]);
    const seen = await eventually(
      'the reader sees it',
      async () => (await seenBy(reader, artifactId)) ?? undefined,
    );
    const url = seen.downloadUrl.replace('http://gateway.test', execution.origin);
    expect(await (await fetch(url)).text()).toBe('shared content');
    expect(await seenBy(other, artifactId)).toBeNull();
    const entities = `query ($id: ID!) { _entities(representations: [{ __typename: "Artifact", id: $id }]) { ... on Artifact { name } } }`;
    expect(await execution.ask(reader, entities, { id: artifactId })).toEqual({
      _entities: [{ name: 'file.txt' }],
    });
    await pool.say({ dataReaders: [memberOf(homeOf(other), other.id)] });
    await eventually('the other sees it', async () => (await seenBy(other, artifactId)) !== null);
    expect(await seenBy(reader, artifactId)).toBeNull();
    await pool.remove();
    await eventually('nobody else sees it', async () => (await seenBy(other, artifactId)) === null);
    expect(await seenBy(owner, artifactId)).not.toBeNull();
  });

  test('a temporary grant is good for as long as was asked, from a second to a day', async () => {
    const owner = aUser();
    const id = await execution.upload(owner, 'granted');
    const ask = (seconds?: number) =>
      execution.send<Seen>(owner, ARTIFACT, { id, ...(seconds === undefined ? {} : { seconds }) });
    const grant = async (seconds?: number) => {
      const { download } = (await ask(seconds)).data.artifact!;
      const left = (Date.parse(download.expiresAt) - Date.now()) / 1_000;
      return { left, answer: await fetch(download.url.replace('http://gateway.test', execution.origin)) };
    };
    const three = await grant();
    expect(three.left).toBeGreaterThan(3 * 3_600 - 60);
    expect(three.left).toBeLessThanOrEqual(3 * 3_600 + 1);
    expect(await three.answer.text()).toBe('granted');
    expect((await grant(86_400)).answer.status).toBe(200);
    for (const wrong of [0, -1, 86_401])
      expect((await ask(wrong)).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    const short = (await ask(1)).data.artifact!.download.url.replace('http://gateway.test', execution.origin);
    await eventually('it ends', async () => (await fetch(short)).status === 403);
  });

  test('are inputs of jobs of the organizations that may read them, and of no others', async () => {
    const [owner, allowed, stranger] = [aUser(), aUser(), aUser()];
    const artifactId = await execution.upload(owner, 'the input');
    await aPool(homeOf(owner), artifactId, [homeOf(allowed)]);
    const read = async (organizationId: string): Promise<ArtifactReply> => {
      const jobId = await stage.aRunningJob(organizationId, { artifactIds: [artifactId] });
      return say(worker, 'artifact', 'worker-1', { jobId, attempt: 1, fence: 7, intent: 'read', artifactId });
    };
    await eventually('the pool is known', async () => (await read(homeOf(allowed))).code === 'OK');
    expect((await read(homeOf(stranger))).code).toBe('ATTEMPT_UNKNOWN');
  });
});

describe('a result in a data pool', () => {
  async function aResult(organizationId: string, body: string) {
    const jobId = await stage.aRunningJob(organizationId);
    const reply = await say<ArtifactReply>(worker, 'artifact', 'worker-1', {
      ...{ jobId, attempt: 1, fence: 7, intent: 'write' },
      ...{ name: 'r.json', mediaType: 'application/json', kind: 'RESULT' },
    });
    if (reply.code !== 'OK') throw new Error(reply.code);
    await fetch(reply.url, { method: 'PUT', body });
    const sha256 = createHash('sha256').update(body).digest('hex');
    const place = join(execution.artifactDir, organizationId, sha256.slice(0, 2), sha256);
    utimesSync(place, new Date(0), new Date(0));
    await execution.tellJob({ jobId, organizationId, seq: 3, state: 'SUCCEEDED', attempts: [anAttempt({ outcome: 'SUCCEEDED' })] }); // prettier-ignore
    const gone = { jobId, revision: 1, change: 'DELETED', jobSeq: 3, organizationId, previousOrganizationId: organizationId } as const; // prettier-ignore
    return { artifactId: reply.artifactId, place, deleteJob: () => execution.tellJobRecord(gone), jobId };
  }
  const jobIsGone = (owner: ReturnType<typeof aUser>, jobId: string): Promise<unknown> =>
    eventually('the job is gone', async () => {
      const ATTEMPTS = `query ($id: ID!) { _entities(representations: [{ __typename: "Job", id: $id }]) { ... on Job { logs(first: 1) { edges { cursor } } artifacts { edges { node { id } } } } } }`;
      await execution.ask(owner, ATTEMPTS, { id: jobId });
      const reply = await say<ArtifactReply>(worker, 'artifact', 'worker-1', { jobId, attempt: 1, fence: 7, intent: 'read', artifactId: randomUUID() }); // prettier-ignore
      return reply.code === 'ATTEMPT_UNKNOWN';
    });

  test('stays when its job is deleted, and goes when the pool lets go of it', async () => {
    const owner = aUser();
    const { artifactId, place, deleteJob, jobId } = await aResult(homeOf(owner), `"kept ${randomUUID()}"`);
    const reader = aUser();
    const [one, two] = [
      await aPool(homeOf(owner), artifactId, [reader.id]),
      await aPool(homeOf(owner), artifactId, [reader.id]),
    ];
    await eventually('the pool is known', async () => (await seenBy(reader, artifactId)) !== null);
    await deleteJob();
    await jobIsGone(owner, jobId);
    expect(await seenBy(owner, artifactId)).not.toBeNull();
    await one.remove();
    expect(existsSync(place)).toBe(true);
    await two.say({ state: 'DELETED' });
    await eventually('it is gone', async () => (await seenBy(owner, artifactId)) === null);
    await eventually('its bytes are gone', () => Promise.resolve(!existsSync(place)));
  });

  test('that the pool lets go of stays with its job', async () => {
    const owner = aUser();
    const { artifactId, deleteJob } = await aResult(homeOf(owner), `"its job’s ${randomUUID()}"`);
    const reader = aUser();
    const pool = await aPool(homeOf(owner), artifactId, [reader.id]);
    await eventually('the pool is known', async () => (await seenBy(reader, artifactId)) !== null);
    await pool.remove();
    await eventually('the pool has let go', async () => (await seenBy(reader, artifactId)) === null);
    expect(await seenBy(owner, artifactId)).not.toBeNull();
    await deleteJob();
    await eventually('it goes with its job', async () => (await seenBy(owner, artifactId)) === null);
  });
});
