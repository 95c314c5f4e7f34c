import { randomUUID } from 'node:crypto';
import { datasetFileChanged, envelope, EVERYONE, type DatasetFileChanged } from '@weft/contracts';
import type { Messaging } from '@weft/messaging';
import { aUser, eventually } from '@weft/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestService, type TestService } from './testing/jobs-service.js';

const SUBMIT = `mutation($input: SubmitJobInput!) { submitJob(input: $input) { job { id dataArtifact { id } } userErrors { code path } } }`;

let weft: TestService;
let registry: Messaging;
beforeAll(async () => {
  weft = await startTestService({ JOBS_REFERENCE_WAIT: '1s' });
  registry = await weft.broker.connect('registry');
}, 60_000);
afterAll(() => weft.stop());

interface Answer {
  readonly submitJob: {
    readonly job: { readonly id: string; readonly dataArtifact: { readonly id: string } } | null;
    readonly userErrors: readonly { readonly code: string }[];
  };
}

function aDataset(organizationId: string) {
  const [itemId, artifactId] = [randomUUID(), randomUUID()];
  let seq = 0;
  const say = async (changes: Partial<DatasetFileChanged> = {}): Promise<void> => {
    const fact = datasetFileChanged.schema.parse({
      ...{ itemId, seq: (seq += 2), organizationId, artifactId, size: 7, sha256: 'x', held: true },
      dataReaders: [],
      ...changes,
    });
    const told = envelope(datasetFileChanged, fact, new Date(), 'correlation-test');
    await registry.jetstream.publish(datasetFileChanged.subject(fact), JSON.stringify(told), {
      msgID: told.id,
    });
  };
  const submit = async (): Promise<Answer['submitJob']> => {
    const input = { serviceVersionId: weft.serviceVersionId, dataArtifactId: artifactId };
    return (await weft.graphql<Answer>(SUBMIT, { input })).submitJob;
  };
  const state = async (): Promise<string | undefined> => {
    const { job, userErrors } = await submit();
    if (job === null) return userErrors[0]?.code;
    const view = await weft.graphql<{ job: { state: string; reason: string } }>('query($id: ID!) { job(id: $id) { state reason } }', { id: job.id }); // prettier-ignore
    return view.job.reason;
  };
  return { artifactId, say, submit, state };
}

it('the file of a dataset is input of jobs of its organization, also when it is a result', async () => {
  const dataset = aDataset(weft.user.personalOrganizationId as string);
  await dataset.say();
  await eventually('it is known', async () => (await dataset.state()) === 'QUEUED');
  expect((await dataset.submit()).job?.dataArtifact.id).toBe(dataset.artifactId);
}, 30_000);

it("another organization's file is, where it is shared with the organization or with everyone", async () => {
  const dataset = aDataset(aUser().personalOrganizationId as string);
  for (const reader of [weft.user.personalOrganizationId as string, EVERYONE]) {
    await dataset.say({ dataReaders: [reader] });
    await eventually('it is shared', async () => (await dataset.state()) === 'QUEUED');
    // A job runs for its organization: what its submitter alone may read, it may not.
    await dataset.say({ dataReaders: [weft.user.id] });
    await eventually('it is not', async () => (await dataset.state()) === 'REFERENCE_UNKNOWN');
  }
  await dataset.say({ dataReaders: [EVERYONE] });
  await eventually('it is shared', async () => (await dataset.state()) === 'QUEUED');
  await dataset.say({ dataReaders: [EVERYONE], held: false });
  await eventually('a withdrawn one is not', async () => (await dataset.state()) !== 'QUEUED');
}, 60_000);
