import { createHash, randomUUID } from 'node:crypto';
import { existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { datasetFileChanged, envelope, type ArtifactReply, type DatasetFileChanged } from '@weft/contracts';
import { aUser, eventually } from '@weft/testkit';
import { describe, expect, test } from 'vitest';
import { anAttempt } from './testing/test-execution.js';
import { say, setStage } from './testing/worker-words.js';

const stage = await setStage();
const { execution, worker } = stage;
const registry = await execution.broker.connect('registry');

const homeOf = (actor: ReturnType<typeof aUser>): string => actor.personalOrganizationId as string;

/** A dataset of this organization that holds the file; what is said of it later has a higher number. */
function aDataset(organizationId: string, artifactId: string) {
  const itemId = randomUUID();
  let seq = 0;
  return async (changes: Partial<DatasetFileChanged> = {}): Promise<void> => {
    const fact = datasetFileChanged.schema.parse({
      ...{ itemId, seq: (seq += 3), organizationId, artifactId, size: 1, sha256: 'x', held: true },
      dataReaders: [],
      ...changes,
    });
    const told = envelope(datasetFileChanged, fact, new Date(), 'correlation-test');
    await registry.jetstream.publish(datasetFileChanged.subject(fact), JSON.stringify(told), {
      msgID: told.id,
    });
  };
}

const ARTIFACT = `query ($id: ID!) { artifact(id: $id) { downloadUrl } }`;
interface Seen { readonly artifact: { downloadUrl: string } | null } // prettier-ignore
const seenBy = async (actor: ReturnType<typeof aUser>, id: string): Promise<Seen['artifact']> =>
  (await execution.ask<Seen>(actor, ARTIFACT, { id })).artifact;

/** What a job of the organization made, with where its bytes are. */
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
  const deleteJob = async (): Promise<void> => {
    await execution.tellJobRecord(gone);
    await eventually('the job is gone', async () => {
      const asked = await say<ArtifactReply>(worker, 'artifact', 'worker-1', { jobId, attempt: 1, fence: 7, intent: 'read', artifactId: randomUUID() }); // prettier-ignore
      return asked.code === 'ATTEMPT_UNKNOWN';
    });
  };
  return { artifactId: reply.artifactId, place, deleteJob };
}

describe('the file of a dataset', () => {
  test('outlives its job, and goes with the last dataset that held it', async () => {
    const [owner, reader] = [aUser(), aUser()];
    const { artifactId, place, deleteJob } = await aResult(homeOf(owner), `"held ${randomUUID()}"`);
    const [one, two] = [aDataset(homeOf(owner), artifactId), aDataset(homeOf(owner), artifactId)];
    await one({ dataReaders: [reader.id] });
    await two();
    const seen = await eventually(
      'it is shared',
      async () => (await seenBy(reader, artifactId)) ?? undefined,
    );
    await deleteJob();
    const url = seen.downloadUrl.replace('http://gateway.test', execution.origin);
    expect((await fetch(url)).status).toBe(200);
    await one({ held: false, dataReaders: [reader.id] });
    await eventually('withdrawn is closed', async () => (await seenBy(reader, artifactId)) === null);
    expect(await seenBy(owner, artifactId)).not.toBeNull();
    expect(existsSync(place)).toBe(true);
    await two({ held: false });
    await eventually('it is gone', async () => (await seenBy(owner, artifactId)) === null);
    await eventually('its bytes are gone', () => Promise.resolve(!existsSync(place)));
  });

  test('is read by those to whom the dataset gives it, as long as it does, whoever owns it then', async () => {
    const [owner, reader, heir] = [aUser(), aUser(), aUser()];
    const artifactId = await execution.upload(owner, 'data');
    const tell = aDataset(homeOf(owner), artifactId);
    await tell({ dataReaders: [reader.id] });
    await eventually('the reader sees it', async () => (await seenBy(reader, artifactId)) !== null);
    await tell();
    await eventually('no more', async () => (await seenBy(reader, artifactId)) === null);
    await tell({ organizationId: homeOf(heir), dataReaders: [homeOf(heir)] });
    await eventually('the heir sees it', async () => (await seenBy(heir, artifactId)) !== null);
    // What it opens is more than what is stored: who stores it may read it anyway.
    expect(await seenBy(owner, artifactId)).not.toBeNull();
  });

  test('is input of jobs of the organizations that may read it, and of no others', async () => {
    const [owner, allowed, stranger] = [aUser(), aUser(), aUser()];
    const artifactId = await execution.upload(owner, 'the input');
    const tell = aDataset(homeOf(owner), artifactId);
    await tell({ dataReaders: [homeOf(allowed), stranger.id] });
    const read = async (organizationId: string): Promise<ArtifactReply> => {
      const jobId = await stage.aRunningJob(organizationId, { artifactIds: [artifactId] });
      return say(worker, 'artifact', 'worker-1', { jobId, attempt: 1, fence: 7, intent: 'read', artifactId });
    };
    await eventually('the dataset is known', async () => (await read(homeOf(allowed))).code === 'OK');
    // A right of a user is none of his organization's jobs.
    expect((await read(homeOf(stranger))).code).toBe('ATTEMPT_UNKNOWN');
  });
});
