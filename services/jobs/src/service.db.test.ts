import type { ClaimReply, RenewReply, ReportReply } from '@weft/contracts';
import { eventually } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CORRELATION, follow, startTestService, SUBMIT, type TestService } from './testing/jobs-service.js';

let weft: TestService;
beforeAll(async () => {
  weft = await startTestService();
}, 60_000);
afterAll(() => weft.stop());

describe('a job through the service', () => {
  it('is claimed by a waiting worker at once and watched live to its end, without a gap', async () => {
    const held = weft.claimOne();
    const id = await weft.submit({ data: { n: 1 } });
    const client = weft.liveClient(weft.user);
    const live = follow(client, id);
    const attempt = await held;
    expect(attempt.jobId).toBe(id);
    expect(attempt.correlationId).toBe(CORRELATION);
    const ref = { jobId: id, attempt: attempt.attempt, fence: attempt.fence };
    expect(
      (await weft.ask<RenewReply>('renew', { attempts: [{ ...ref, progress: null }] })).attempts[0],
    ).toMatchObject({ standing: 'held', leaseMs: 2_000 });
    const item = {
      index: 0,
      outcome: 'SUCCEEDED',
      result: '{"best":2098}',
      resultArtifactId: null,
      resultSha256: null,
      error: null,
    };
    const report = { reports: [{ ...ref, kind: 'FINISHED', items: [item], usage: null }] };
    expect((await weft.ask<ReportReply>('report', report)).reports[0]?.standing).toBe('accepted');
    await live.ended;
    const told = live.payloads.flatMap((payload) => payload.transitions);
    expect(told.map((one) => one.seq)).toEqual([1, 2, 3, 4]);
    expect(told.map((one) => one.cause)).toEqual(['SUBMITTED', 'CLAIMED', 'STARTED', 'SUCCEEDED']);
    expect(live.payloads.at(-1)?.job).toEqual({ state: 'SUCCEEDED', result: { best: 2098 } });

    const resumed = follow(client, id, 2);
    await resumed.ended;
    expect(resumed.payloads.flatMap((payload) => payload.transitions.map((one) => one.seq))).toEqual([3, 4]);
    await client.dispose();
    const { job } = await weft.graphql<{
      job: { result: unknown; attempts: { number: number; outcome: string }[] };
    }>(
      `
        query ($id: ID!) {
          job(id: $id) {
            result
            attempts {
              number
              outcome
            }
            timeline {
              edges {
                node {
                  cause
                }
              }
            }
          }
        }
      `,
      { id },
    );
    expect(job).toMatchObject({ result: { best: 2098 }, attempts: [{ number: 1, outcome: 'SUCCEEDED' }] });
  });

  it('runs again in seconds when its worker falls silent', async () => {
    const id = await weft.submit();
    await weft.claimOne();
    const again = await eventually('the second attempt', async () => {
      const { attempts } = await weft.ask<ClaimReply>('claim', { capacity: 1, holdMs: 500, start: true });
      return attempts[0];
    });
    expect(again).toMatchObject({ jobId: id, attempt: 2 });
    await weft.ask('report', {
      reports: [{ jobId: id, attempt: 2, fence: again.fence, kind: 'FINISHED', items: [], usage: null }],
    });
    await weft.graphql(
      `
        mutation ($id: ID!) {
          cancelJob(input: { id: $id }) {
            userErrors {
              code
            }
          }
        }
      `,
      { id },
    );
    await weft.ask('report', {
      reports: [{ jobId: id, attempt: 2, fence: again.fence, kind: 'RELEASED', items: [], usage: null }],
    });
  });

  it('keeps its first attempt through an outage of the broker that is longer than its lease', async () => {
    const id = await weft.submit();
    const attempt = await weft.claimOne();
    await weft.broker.kill();
    const accepted = await weft.graphql<{ submitJob: { job: { state: string } } }>(SUBMIT, {
      input: { serviceVersionId: weft.serviceVersionId },
    });
    expect(accepted.submitJob.job.state).toBe('PENDING');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect((await fetch(weft.service.url.replace('/graphql', '/readyz'))).status).toBe(503);
    await weft.broker.restart();
    const ref = { jobId: id, attempt: attempt.attempt, fence: attempt.fence };
    const renewed = await eventually('a renewal', () =>
      weft.ask<RenewReply>('renew', { attempts: [{ ...ref, progress: null }] }).catch(() => undefined),
    );
    expect(renewed.attempts[0]?.standing).toBe('held');
    const item = {
      index: 0,
      outcome: 'SUCCEEDED',
      result: '1',
      resultArtifactId: null,
      resultSha256: null,
      error: null,
    };
    await weft.ask('report', { reports: [{ ...ref, kind: 'FINISHED', items: [item], usage: null }] });
    const { job } = await weft.graphql<{ job: { state: string; attempts: unknown[] } }>(
      `
        query ($id: ID!) {
          job(id: $id) {
            state
            attempts {
              number
            }
          }
        }
      `,
      { id },
    );
    expect(job).toMatchObject({ state: 'SUCCEEDED', attempts: [{ number: 1 }] });
  }, 30_000);
});
