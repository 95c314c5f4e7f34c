import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttemptReport, ReportReply, ReportRequest } from '@weft/contracts';
import { AppError } from '@weft/errors';
import { createLogger } from '@weft/telemetry';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { WorkClient } from './work-client.js';
import { createReportBox, type ReportBox } from './report-box.js';

const logger = createLogger('test', 'silent');
let folder: string;
let box: ReportBox;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weft-reports-'));
});
afterEach(async () => {
  await box.close(0);
  rmSync(folder, { recursive: true, force: true });
});

function open(answer: (request: ReportRequest) => ReportReply): void {
  const report = (_target: string, request: ReportRequest) =>
    new Promise<ReportReply>((resolve, reject) => {
      // As over a wire: not at once, so that others are posted meanwhile.
      setTimeout(() => {
        try {
          resolve(answer(request));
        } catch (error) {
          reject(error as Error);
        }
      }, 5);
    });
  box = createReportBox(folder, { report } as unknown as WorkClient, 't', () => Promise.resolve(), logger);
}

const reportOf = (jobId: string): AttemptReport => ({
  jobId, attempt: 1, fence: 1, kind: 'FINISHED', items: [], usage: null,
}); // prettier-ignore
const reply = (
  { reports }: ReportRequest,
  standing: (jobId: string) => 'accepted' | 'again',
): ReportReply => ({
  reports: reports.map(({ jobId, attempt, fence }) => ({
    jobId,
    attempt,
    fence,
    standing: standing(jobId),
    code: null,
  })),
});
const post = (ids: readonly string[]): Promise<boolean>[] => ids.map((id) => box.post(reportOf(id)));
async function nothingIsLeftOver(): Promise<void> {
  await box.close(0);
  open((request) => reply(request, () => 'accepted'));
  expect(box.leftovers).toEqual([]);
}

const IDS = Array.from({ length: 20 }, (_, index) => `job-${index}`);

it('a report that cannot be taken yet is sent again, and holds up no other', async () => {
  let asked = 0;
  open((request) => reply(request, (id) => (id === 'job-7' && ++asked < 4 ? 'again' : 'accepted')));
  expect(await Promise.all(post(IDS))).toEqual(IDS.map(() => true));
  expect(asked).toBe(4);
  await nothingIsLeftOver();
});

it('a report that is refused as such costs no other its acceptance', async () => {
  open((request) => {
    if (request.reports.some((one) => one.jobId === 'job-7'))
      throw new AppError('BAD_USER_INPUT', 'not of the form', { retryable: false });
    return reply(request, () => 'accepted');
  });
  expect(await Promise.all(post(IDS))).toEqual(IDS.map((id) => id !== 'job-7'));
  await nothingIsLeftOver();
});

it('what was not answered is told again by the next run', async () => {
  open((request) => reply(request, (id) => (id === 'job-7' ? 'again' : 'accepted')));
  await Promise.all(post(IDS.filter((id) => id !== 'job-7')));
  void box.post(reportOf('job-7'));
  await box.close(0);
  const told: string[] = [];
  open((request) => {
    told.push(...request.reports.map(({ jobId }) => jobId));
    return reply(request, () => 'accepted');
  });
  expect(box.leftovers.map(({ jobId }) => jobId)).toContain('job-7');
  await box.post(reportOf('another'));
  expect(told).toContain('job-7');
  await nothingIsLeftOver();
});

it('what is posted after the end is kept for the next run', async () => {
  open((request) => reply(request, () => 'accepted'));
  await box.close(0);
  void box.post(reportOf('late'));
  open((request) => reply(request, () => 'accepted'));
  expect(box.leftovers.map(({ jobId }) => jobId)).toEqual(['late']);
});
