// Stands in for the jobs service towards a worker: hands out the attempts that a test puts in, and remembers what is said of them.
import { randomUUID } from 'node:crypto';
import {
  cancelSubject,
  claimRequest,
  INPUT_CHUNK_BYTES,
  INPUT_TOTAL_HEADER,
  inputRequest,
  parseWorkerSubject,
  renewRequest,
  reportRequest,
  type AttemptReport,
  type ClaimedAttempt,
  type CommandSpec,
  type TargetLimits,
} from '@weft/contracts';
import { jsonAnswer, readJson, serve, type Answer, type Msg } from '@weft/messaging';
import { createLogger } from '@weft/telemetry';
import { eventually } from '@weft/testkit';
import { anAttempt, type TestExecution } from './test-execution.js';

const MIB = 1024 * 1024;

export const LIMITS: TargetLimits = {
  timeSeconds: 30,
  memoryBytes: 256 * MIB,
  processes: 48,
  diskBytes: 32 * MIB,
  logBytes: 500_000,
  resultBytes: 4 * MIB,
  itemsPerSlice: 25,
  concurrentAttempts: 8,
};

const NO_COMMAND: Omit<CommandSpec, 'command'> = {
  startScript: null,
  workingDirectory: null,
  environment: [],
  code: null,
  runtime: null,
};

export interface Submission {
  readonly organizationId: string;
  readonly serviceVersionId: string;
  readonly codeArtifactId: string;
  /** Instead of the service: a command. */
  readonly command?: Partial<CommandSpec> & Pick<CommandSpec, 'command'>;
  readonly runtime?: 'NODEJS' | 'PYTHON';
  readonly targetId?: string;
  readonly data?: unknown;
  readonly dataArtifactId?: string;
  readonly params?: unknown;
  readonly items?: readonly unknown[];
  readonly timeoutMs?: number;
  readonly limits?: Partial<TargetLimits>;
}

export interface FakeJobs {
  submit(submission: Submission): Promise<{ jobId: string; fence: number }>;
  /** The reports of a job, once the last of its items is told. */
  finished(jobId: string, withinMs?: number): Promise<AttemptReport[]>;
  readonly reports: AttemptReport[];
  readonly progress: { fraction: number; message: string | null }[];
  /** Told at the next renewal. @param items only these. */
  cancelByRenewal(jobId: string, items?: readonly number[]): void;
  /** Told by message at once. @param items only these. */
  cancelByMessage(jobId: string, items?: readonly number[]): void;
  lose(jobId: string): void;
  /** While set, nothing is answered. */
  deaf: boolean;
  readonly claims: number;
}

export async function fakeJobs(execution: TestExecution, workerId: string): Promise<FakeJobs> {
  const messaging = execution.jobs;
  const logger = createLogger('fake-jobs', 'silent');
  const queue: ClaimedAttempt[] = [];
  const given = new Map<string, ClaimedAttempt[]>();
  const sizes = new Map<string, number>();
  const inputs = new Map<string, string>();
  const cancelled = new Map<string, readonly number[] | undefined>();
  const lost = new Set<string>();
  const targets = new Map<string, { targetId: string; fence: number }>();
  const state: FakeJobs & { claims: number } = {
    reports: [],
    progress: [],
    deaf: false,
    claims: 0,
    cancelByRenewal: (jobId, items) => void cancelled.set(jobId, items),
    cancelByMessage(jobId, items) {
      const { targetId, fence } = targets.get(jobId) as { targetId: string; fence: number };
      messaging.connection.publish(
        cancelSubject(targetId, workerId),
        JSON.stringify(
          items === undefined
            ? { jobId, attempt: 1, fence }
            : { only: { jobId, attempt: 1, fence, items: [...items] } },
        ),
      );
    },
    lose: (jobId) => void lost.add(jobId),
    async submit(submission) {
      const jobId = randomUUID();
      const fence = Math.floor(Math.random() * 1_000_000) + 1;
      const targetId = submission.targetId ?? 'local-process';
      const data = JSON.stringify(submission.data ?? null);
      const large = data.length > 8_000;
      if (large) inputs.set(jobId, data);
      targets.set(jobId, { targetId, fence });
      sizes.set(jobId, submission.items?.length ?? 1);
      await execution.tellJob({
        jobId,
        organizationId: submission.organizationId,
        seq: 2,
        state: 'IN_PROGRESS',
        targetId,
        serviceVersionId: submission.serviceVersionId,
        artifactIds: submission.dataArtifactId === undefined ? [] : [submission.dataArtifactId],
        attempts: [anAttempt({ fence, workerId, targetId })],
      });
      const value = (json: unknown) =>
        json === undefined ? { by: 'none' as const } : { by: 'value' as const, json: JSON.stringify(json) };
      queue.push({
        jobId,
        attempt: 1,
        fence,
        organizationId: submission.organizationId,
        kind: submission.command === undefined ? 'MANAGED_SERVICE' : 'COMMAND',
        jobName: 'a job',
        correlationId: `correlation-${jobId}`,
        leaseMs: 900,
        timeoutMs: submission.timeoutMs ?? 20_000,
        deadlineAt: null,
        idempotencyKey: jobId,
        code:
          submission.command === undefined
            ? { artifactId: submission.codeArtifactId, runtime: submission.runtime ?? 'NODEJS' }
            : { command: value({ ...NO_COMMAND, ...submission.command }) },
        limits: { ...LIMITS, ...submission.limits },
        data:
          submission.dataArtifactId !== undefined
            ? { by: 'artifact', artifactId: submission.dataArtifactId }
            : large
              ? { by: 'fetch', bytes: data.length }
              : value(submission.data),
        params: value(submission.params),
        items: (submission.items ?? [undefined]).map((params, index) => ({ index, params: value(params) })),
      });
      return { jobId, fence };
    },
    finished: (jobId, withinMs = 15_000) =>
      eventually(
        `the end of job ${jobId}`,
        () => {
          const reports = state.reports.filter((one) => one.jobId === jobId);
          const told = new Set(reports.flatMap((one) => one.items.map((item) => item.index)));
          return told.size >= (sizes.get(jobId) ?? 1) || reports.some((one) => one.kind === 'RELEASED')
            ? reports
            : undefined;
        },
        withinMs,
      ),
  };

  const claim = async (message: Msg): Promise<Answer> => {
    const { requestId, capacity, holdMs } = claimRequest.parse(readJson(message));
    const targetId = parseWorkerSubject(message.subject)?.targetId;
    const again = given.get(requestId);
    if (again !== undefined) return jsonAnswer({ attempts: again });
    const attempts: ClaimedAttempt[] = [];
    for (
      const until = Date.now() + holdMs;
      attempts.length === 0 && Date.now() < until;
      await new Promise((resolve) => setTimeout(resolve, 10))
    ) {
      for (const one of queue
        .filter((each) => targets.get(each.jobId)?.targetId === targetId)
        .slice(0, capacity)) {
        queue.splice(queue.indexOf(one), 1);
        attempts.push(one);
      }
    }
    state.claims += attempts.length;
    given.set(requestId, attempts);
    return jsonAnswer({ attempts });
  };
  const renew = (message: Msg): Answer => {
    const { attempts } = renewRequest.parse(readJson(message));
    state.progress.push(...attempts.flatMap((one) => (one.progress === null ? [] : [one.progress])));
    return jsonAnswer({
      attempts: attempts.map(({ jobId, attempt, fence }) => ({
        jobId,
        attempt,
        fence,
        standing: lost.has(jobId) ? 'lost' : 'held',
        cancel: cancelled.has(jobId) && cancelled.get(jobId) === undefined,
        cancelItems: cancelled.get(jobId),
        leaseMs: 900,
      })),
    });
  };
  const report = (message: Msg): Answer => {
    const { reports } = reportRequest.parse(readJson(message));
    for (const one of reports) if (!lost.has(one.jobId)) state.reports.push(one);
    return jsonAnswer({
      reports: reports.map(({ jobId, attempt, fence }) => ({
        jobId,
        attempt,
        fence,
        standing: lost.has(jobId) ? 'refused' : 'accepted',
        code: null,
      })),
    });
  };
  const input = (message: Msg): Answer => {
    const { jobId, offset } = inputRequest.parse(readJson(message));
    const bytes = Buffer.from(inputs.get(jobId) ?? 'null');
    return {
      body: bytes.subarray(offset, offset + INPUT_CHUNK_BYTES),
      headers: { [INPUT_TOTAL_HEADER]: String(bytes.length) },
    };
  };
  const on = (operation: string, answer: (message: Msg) => Promise<Answer> | Answer): void =>
    void serve(
      messaging,
      `weft.work.${operation}.*.*`,
      'jobs',
      async (message) => (state.deaf ? new Promise<never>(() => undefined) : answer(message)),
      () => jsonAnswer({ error: { code: 'INTERNAL', message: 'fake', retryable: true } }),
      logger,
    );
  on('claim', claim);
  on('renew', renew);
  on('report', report);
  on('input', input);
  return state;
}
