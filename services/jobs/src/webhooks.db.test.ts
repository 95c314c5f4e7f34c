import { aUser, eventually } from '@weft/testkit';
import type { ReportReply } from '@weft/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestService, type TestService } from './testing/jobs-service.js';
import { startReceiver, verified, type Receiver } from './testing/receiver.js';

let weft: TestService;
let receiver: Receiver;
beforeAll(async () => {
  weft = await startTestService({
    JOBS_WEBHOOK_HTTP: 'on',
    JOBS_WEBHOOK_PRIVATE: 'on',
    JOBS_WEBHOOK_BACKOFF: '10ms',
    JOBS_WEBHOOK_POLL: '50ms',
  });
  receiver = await startReceiver();
}, 60_000);
afterAll(() => weft.stop());

const SUBMIT = `mutation($input: SubmitJobInput!) {
  submitJob(input: $input) { job { id } webhookSecret userErrors { code path } }
}`;
const JOB = `query($id: ID!) {
  job(id: $id) {
    webhook { id url state tries nextTryAt }
    webhookDeliveries(first: 1) {
      edges { cursor node { number at statusCode errorCode message response durationMs nextTryAt } }
      pageInfo { hasNextPage }
    }
  }
}`;
const REDELIVER = `mutation($input: RedeliverWebhookInput!) {
  redeliverWebhook(input: $input) { job { webhook { state } } userErrors { code path } }
}`;

interface JobView {
  readonly job: {
    readonly webhook: {
      readonly id: string;
      readonly url: string;
      readonly state: string;
      readonly tries: number;
    };
    readonly webhookDeliveries: {
      readonly edges: readonly { readonly node: { readonly number: number; readonly statusCode: number } }[];
      readonly pageInfo: { readonly hasNextPage: boolean };
    };
  } | null;
}

interface Submitted {
  readonly submitJob: {
    readonly job: { readonly id: string } | null;
    readonly webhookSecret: string | null;
    readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
  };
}

it('tells the receiver once the job has ended, tries again, and shows how it went', async () => {
  receiver.answer = (response) => response.writeHead(receiver.received.length === 1 ? 503 : 200).end('ok');
  const { submitJob } = await weft.graphql<Submitted>(SUBMIT, {
    input: { serviceVersionId: weft.serviceVersionId, webhook: { url: `${receiver.url}/s3cret` } },
  });
  const id = submitJob.job?.id as string;
  const secret = submitJob.webhookSecret as string;
  const attempt = await weft.claimOne();
  expect(receiver.received).toHaveLength(0);
  const item = {
    index: 0,
    outcome: 'SUCCEEDED',
    result: '"hidden"',
    resultArtifactId: null,
    resultSha256: null,
    error: null,
  };
  const { jobId, fence } = attempt;
  await weft.ask<ReportReply>('report', {
    reports: [{ jobId, attempt: attempt.attempt, fence, kind: 'FINISHED', items: [item], usage: null }],
  });
  await eventually('two tries', () => receiver.received.length === 2);
  for (const one of receiver.received) {
    expect(await verified(one, secret)).toBe(true);
    expect(one.body).not.toContain('hidden');
    expect(JSON.parse(one.body)).toMatchObject({
      type: 'job.succeeded',
      data: { jobId: id, state: 'SUCCEEDED' },
    });
  }
  const seen = await eventually('delivered', async () => {
    const { job } = await weft.graphql<JobView>(JOB, { id });
    return job?.webhook.state === 'DELIVERED' && job;
  });
  expect(seen.webhook).toMatchObject({
    id: receiver.received[0]?.id,
    url: `${receiver.url}/s3cret`,
    tries: 2,
  });
  expect(seen.webhookDeliveries).toMatchObject({
    edges: [{ node: { number: 2, statusCode: 200, errorCode: null, response: 'ok' } }],
    pageInfo: { hasNextPage: true },
  });

  const viewer = aUser({
    organizations: [{ id: weft.user.personalOrganizationId as string, role: 'VIEWER' }],
  });
  const { job: limited } = await weft.graphql<JobView>(JOB, { id }, viewer);
  expect(limited?.webhook.url).toBe(`http://127.0.0.1:${receiver.port}/…`);
  expect((await weft.graphql<JobView>(JOB, { id }, aUser())).job).toBeNull();

  await weft.graphql(REDELIVER, { input: { jobId: id } });
  await eventually('a third', () => receiver.received.length === 3);
  expect(receiver.received[2]?.id).toBe(receiver.received[0]?.id);
});

it('refuses where it must not send, naming the field', async () => {
  const { submitJob } = await weft.graphql<Submitted>(SUBMIT, {
    input: {
      serviceVersionId: weft.serviceVersionId,
      webhook: { url: 'http://169.254.169.254/latest', secret: 'x' },
    },
  });
  expect(submitJob).toMatchObject({
    job: null,
    webhookSecret: null,
    userErrors: [
      { code: 'WEBHOOK_URL_REFUSED', path: ['input', 'webhook', 'url'] },
      { code: 'BAD_USER_INPUT', path: ['input', 'webhook', 'secret'] },
    ],
  });
});
