// A worker as the platform's is, without the work: claims whenever there is room, under a held claim, and reports the end.
import { randomUUID } from 'node:crypto';
import {
  CLAIM_HOLD_MS,
  CLAIM_PATIENCE_MS,
  claimPart,
  claimReply,
  OPEN_CLAIMS,
  reportReply,
  workSubject,
  type AttemptReport,
  type ClaimedAttempt,
  type ClaimRequest,
} from '@weft/contracts';
import { groupCommit } from '@weft/database';
import type { JobEngine } from '@weft/jobs';
import { connectMessaging, readJson, request, type Messaging } from '@weft/messaging';
import { createLogger } from '@weft/telemetry';
import type { Place } from '../contestant.js';
import { TARGET } from './service.js';

export const WORKER = 'bench-worker';
const TIMEOUT_MS = 5_000;
/** As the platform's worker sends them. */
const REPORTS_IN_ONE = 64;
const REPORTS_UNDER_WAY = 4;

/** How the worker reaches the engine. */
export interface Way {
  claim(request: ClaimRequest): Promise<readonly ClaimedAttempt[]>;
  /** Throws unless the report was accepted. */
  report(report: AttemptReport): Promise<void>;
}

const CLAIMANT = { workerId: WORKER, targetId: TARGET };

export const inProcess = (engine: JobEngine): Way => ({
  claim: (asked) => engine.claim(CLAIMANT, asked),
  async report(report) {
    const { standing } = await engine.report(CLAIMANT, report);
    if (standing !== 'accepted') throw new Error('a report was refused');
  },
});

export const overNats = (messaging: Messaging): Way => ({
  async claim(asked) {
    const subject = workSubject('claim', TARGET, WORKER);
    return claimReply.parse(
      readJson(await request(messaging, subject, asked, CLAIM_HOLD_MS + CLAIM_PATIENCE_MS)),
    ).attempts;
  },
  report: groupCommit<AttemptReport, void>({
    most: REPORTS_IN_ONE,
    lanes: REPORTS_UNDER_WAY,
    async write(reports) {
      const subject = workSubject('report', TARGET, WORKER);
      const told = { requestId: randomUUID(), reports };
      const reply = reportReply.parse(readJson(await request(messaging, subject, told, TIMEOUT_MS)));
      if (reply.reports.some((one) => one.standing !== 'accepted')) throw new Error('a report was refused');
      return reports.map(() => undefined);
    },
  }),
});

export const connectWorker = ({ nats }: Place): Promise<Messaging> =>
  connectMessaging({
    url: nats.url,
    user: WORKER,
    password: nats.workerPassword,
    role: WORKER,
    logger: createLogger(WORKER, 'warn'),
  });

export const finished = ({ jobId, attempt, fence, items }: ClaimedAttempt): AttemptReport => ({
  jobId,
  attempt,
  fence,
  kind: 'FINISHED',
  items: items.map(({ index }) => ({
    index,
    outcome: 'SUCCEEDED',
    result: 'null',
    resultArtifactId: null,
    resultSha256: null,
    error: null,
  })),
  usage: null,
});

export interface RunningWorker {
  stop(): Promise<void>;
}

export interface WorkerOptions {
  readonly capacity: number;
  /** Told of each attempt when the worker has it. */
  readonly claimed?: (attempt: ClaimedAttempt) => void;
  /** Told once the end is accepted. */
  readonly ended: (jobId: string) => void;
}

export function startWorker(way: Way, { capacity, claimed, ended }: WorkerOptions): RunningWorker {
  let running = 0;
  /** Asked for in claims that are open. */
  let asked = 0;
  let stopping = false;
  let room: (() => void)[] = [];
  const tellRoom = (): void => {
    for (const told of room.splice(0)) told();
  };
  const reports = new Set<Promise<void>>();
  const finish = async (attempt: ClaimedAttempt): Promise<void> => {
    claimed?.(attempt);
    await way.report(finished(attempt));
    running -= 1;
    ended(attempt.jobId);
    tellRoom();
  };
  const loop = async (): Promise<void> => {
    while (!stopping) {
      const part = claimPart({ capacity, running, asked });
      if (part === 0) {
        await new Promise<void>((resolve) => room.push(resolve));
        continue;
      }
      asked += part;
      const attempts = await way.claim({
        requestId: randomUUID(),
        capacity: part,
        holdMs: CLAIM_HOLD_MS,
        start: true,
        fresh: true,
      });
      asked -= part;
      running += attempts.length;
      for (const attempt of attempts) {
        const report = finish(attempt).finally(() => reports.delete(report));
        reports.add(report);
      }
    }
  };
  const looping = Promise.all(Array.from({ length: OPEN_CLAIMS }, loop));
  return {
    async stop() {
      stopping = true;
      tellRoom();
      await looping;
      await Promise.all(reports);
    },
  };
}
