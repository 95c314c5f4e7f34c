import { existsSync, utimesSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ArtifactReply, JobRecordChanged } from '@weft/contracts';
import { aUser, eventually } from '@weft/testkit';
import { describe, expect, test } from 'vitest';
import { anAttempt } from './testing/test-execution.js';
import { aBatch, aLine, say, setStage } from './testing/worker-words.js';

const stage = await setStage();
const { execution, worker } = stage;

const QUERY = `query ($id: ID!) { _entities(representations: [{ __typename: "Job", id: $id }]) { ... on Job {
  logs(first: 5) { edges { node { text } } } artifacts { edges { node { id } } } } } }`;
interface Left { readonly _entities: { logs: { edges: unknown[] }; artifacts: { edges: { node: { id: string } }[] } }[] } // prettier-ignore
const leftOf = async (actor: ReturnType<typeof aUser>, id: string): Promise<number[]> => {
  const { _entities } = await execution.ask<Left>(actor, QUERY, { id });
  return [_entities[0]!.logs.edges.length, _entities[0]!.artifacts.edges.length];
};

/** A final job with a log line and a result; gives the organization's place of its bytes, made old. */
async function aFinishedJob(organizationId: string, body: string) {
  const jobId = await stage.aRunningJob(organizationId);
  await say(worker, 'log', 'worker-1', aBatch(jobId, [aLine(1)], { complete: true }));
  const result = { jobId, attempt: 1, fence: 7, intent: 'write', name: 'r.json', mediaType: 'application/json', kind: 'RESULT' }; // prettier-ignore
  const reply = await say<ArtifactReply>(worker, 'artifact', 'worker-1', result);
  if (reply.code !== 'OK') throw new Error(reply.code);
  await fetch(reply.url, { method: 'PUT', body });
  const placeOf = (organization: string): string => {
    const sha256 = createHash('sha256').update(body).digest('hex');
    return join(execution.artifactDir, organization, sha256.slice(0, 2), sha256);
  };
  utimesSync(placeOf(organizationId), new Date(0), new Date(0));
  const end = (): Promise<void> =>
    execution.tellJob({ jobId, organizationId, seq: 3, state: 'SUCCEEDED', attempts: [anAttempt({ outcome: 'SUCCEEDED' })] }); // prettier-ignore
  return { jobId, placeOf, end };
}

describe('the record of a job', () => {
  const told = (jobId: string, from: string, more: Partial<JobRecordChanged>): JobRecordChanged => ({
    jobId,
    revision: 1,
    change: 'DELETED',
    organizationId: from,
    previousOrganizationId: from,
    jobSeq: 3,
    ...more,
  });

  test('that is gone takes logs, artifacts and bytes along, also when it is told before the end', async () => {
    const actor = aUser();
    const organizationId = actor.personalOrganizationId as string;
    const { jobId, placeOf, end } = await aFinishedJob(organizationId, '"to be deleted"');
    expect(await leftOf(actor, jobId)).toEqual([1, 1]);
    await execution.tellJobRecord(told(jobId, organizationId, {}));
    await end();
    await eventually('all is gone', async () => (await leftOf(actor, jobId)).join() === '0,0');
    await eventually('the bytes are gone', () => Promise.resolve(!existsSync(placeOf(organizationId))));
  });

  test('that is given away is read by the new owner only', async () => {
    const [giver, taker] = [aUser(), aUser()];
    const [from, to] = [giver.personalOrganizationId as string, taker.personalOrganizationId as string];
    const { jobId, placeOf, end } = await aFinishedJob(from, '"to be given"');
    await end();
    await execution.tellJobRecord(told(jobId, from, { change: 'TRANSFERRED', organizationId: to }));
    await eventually('it is there', async () => (await leftOf(taker, jobId)).join() === '1,1');
    expect(await leftOf(giver, jobId)).toEqual([0, 0]);
    await eventually('the bytes are there only', () =>
      Promise.resolve(existsSync(placeOf(to)) && !existsSync(placeOf(from))),
    );
  });
});
