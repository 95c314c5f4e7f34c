// The worker protocol over NATS request/reply: claim, renew, report, input (DESIGN §4).
import {
  cancelSubject,
  claimRequest,
  INPUT_ERROR_HEADER,
  INPUT_TOTAL_HEADER,
  inputRequest,
  parseWorkerSubject,
  renewRequest,
  reportRequest,
  workSubject,
  type CancelNotice,
  type ClaimedAttempt,
  type ClaimRequest,
  type ReportReply,
  type WorkOperation,
} from '@weft/contracts';
import { AppError, presentError } from '@weft/errors';
import { jsonAnswer, readJson, serve, type Answer, type Messaging, type Msg } from '@weft/messaging';
import { currentCorrelation, type Logger, type SyncPoint } from '@weft/telemetry';
import type { z } from 'zod';
import type { Claimant, Claim } from '../application/claim-work.js';
import type { CancelRequest, Ports } from '../application/ports.js';
import { readInput } from '../application/read-input.js';
import { renewLeases } from '../application/renew-leases.js';
import { reportAttempt } from '../application/report-attempt.js';
import { hangBells } from './bells.js';
import { ClaimHolds } from './claim-holds.js';

export interface WorkServerOptions {
  readonly messaging: Messaging;
  readonly ports: Ports;
  /** Serves who asks for work. */
  readonly desk: {
    claim(claimant: Claimant, request: Omit<Claim, 'workerId'>): Promise<ClaimedAttempt[]>;
    seat(claimant: Claimant, request: Omit<Claim, 'workerId'>, again: () => void): Promise<WaitingSeat>;
    stirred(targetId: string): void;
    heldBack(): string[];
  };
  readonly logger: Logger;
  readonly syncPoint: SyncPoint;
}

interface WaitingSeat {
  readonly served: Promise<void>;
  look(claim: (fresh: boolean, begin: () => number) => Promise<ClaimedAttempt[]>): Promise<boolean>;
  leave(): Promise<ClaimedAttempt[]>;
}

export interface WorkServer {
  /** Serves a worker's request for work as if it had come over the broker: held until there is some. */
  claim(claimant: Claimant, request: ClaimRequest): Promise<ClaimedAttempt[]>;
  /** Work of this target became claimable here: wakes this replica's workers, or another's. */
  wake(targetId: string): void;
  /** Work of this target is left that nobody here takes. */
  offer(targetId: string): void;
  /** Work of this target waits for nothing but a limit. */
  heldBack(targetId: string): void;
  /** Attempts ended here: what waits for a limit may go on, here and elsewhere. */
  freed(): void;
  pushCancel(requests: readonly CancelRequest[]): void;
  /** Targets for which a worker waits on this replica. */
  waitingTargets(): string[];
  /** Withdraws: no new requests are taken, held ones are answered empty. */
  stop(): void;
}

const QUEUE = 'jobs';
/** A batch of reports must leave connections to the database for others. */
const REPORT_LANES = 4;
const AGAIN = { standing: 'again', code: 'INTERNAL' } as const;

export function startWorkServer({
  messaging,
  ports,
  desk,
  logger,
  syncPoint,
}: WorkServerOptions): WorkServer {
  const holds = new ClaimHolds((error) => logger.warn({ err: error }, 'held claim failed'));
  let stopping = false;

  const claim: WorkServer['claim'] = async (claimant, request) => {
    const seat = await desk.seat(claimant, request, () => holds.wake(claimant.targetId));
    // While the broker is away nobody would hear what is given.
    const attempt = (): Promise<boolean> =>
      messaging.connected()
        ? seat.look((fresh, begin) => desk.claim(claimant, { ...request, fresh, begin }))
        : Promise.resolve(false);
    try {
      if (!(await attempt()) && request.holdMs > 0 && !stopping)
        if (await holds.hold({ targetId: claimant.targetId, attempt, answered: seat.served }, request.holdMs))
          await syncPoint('hold-served');
    } catch (error) {
      await seat.leave().catch(() => undefined);
      throw error;
    }
    return seat.leave();
  };

  const answerClaim = async (claimant: Claimant, message: Msg): Promise<Answer> => {
    const attempts = await claim(claimant, read(claimRequest, message));
    if (attempts.length > 0) await syncPoint('after-claim');
    return jsonAnswer({ attempts });
  };

  const renew = async (claimant: Claimant, message: Msg): Promise<Answer> =>
    jsonAnswer(await renewLeases(ports, claimant, read(renewRequest, message)));

  const report = async (claimant: Claimant, message: Msg): Promise<Answer> => {
    const { reports } = read(reportRequest, message);
    const answers: ReportReply['reports'] = [];
    const take = async (index: number, one: (typeof reports)[number], failed: boolean): Promise<boolean> => {
      const { jobId, attempt, fence } = one;
      const standing = failed
        ? AGAIN
        : await reportAttempt(ports, claimant, one).catch((error: unknown) => {
            ports.signals.stuck(jobId, error);
            return AGAIN;
          });
      const code = 'code' in standing ? standing.code : null;
      answers[index] = { jobId, attempt, fence, standing: standing.standing, code };
      return standing === AGAIN;
    };
    // Several jobs at once; what is told of one job stays in order.
    const jobs = [...Map.groupBy(reports.entries(), ([, one]) => one.jobId).values()];
    const lanes = Array.from({ length: REPORT_LANES }, (_, lane) =>
      jobs.filter((_reports, index) => index % REPORT_LANES === lane).flat(),
    );
    await Promise.all(
      lanes.map(async (lane) => {
        // What could not be taken is sent again behind the others: they are not tried now in a database that may be away.
        let failed = false;
        for (const [index, one] of lane) failed = await take(index, one, failed);
      }),
    );
    await syncPoint('after-report');
    return jsonAnswer({ reports: answers });
  };

  const input = async (claimant: Claimant, message: Msg): Promise<Answer> => {
    try {
      const chunk = await readInput(ports, claimant, read(inputRequest, message));
      return { body: chunk.bytes, headers: { [INPUT_TOTAL_HEADER]: String(chunk.total) } };
    } catch (error) {
      return { body: new Uint8Array(), headers: { [INPUT_ERROR_HEADER]: presentError(error).code } };
    }
  };

  const refuse = (error: unknown): Answer => {
    const { code, message, retryable } = presentError(error, currentCorrelation());
    return jsonAnswer({ error: { code, message, retryable } });
  };
  const on = (operation: WorkOperation, answer: (claimant: Claimant, message: Msg) => Promise<Answer>) =>
    serve(
      messaging,
      workSubject(operation, '*', '*'),
      QUEUE,
      (message) => answer(claimantOf(message), message),
      refuse,
      logger,
    );

  const subscriptions = [
    on('claim', answerClaim),
    on('renew', renew),
    on('report', report),
    on('input', input),
  ];
  const stir = (targetId: string): void => {
    desk.stirred(targetId);
    holds.wake(targetId);
  };
  const bells = hangBells(messaging, stir);

  return {
    claim,
    wake(targetId) {
      stir(targetId);
      if (!holds.has(targetId)) bells.ring(targetId);
    },
    offer: bells.ring,
    heldBack: bells.heldBack,
    freed() {
      for (const targetId of desk.heldBack()) stir(targetId);
      bells.freed();
    },
    pushCancel(requests) {
      if (!messaging.connected()) return;
      for (const { attempt, items } of requests) {
        const { jobId, number, fence, targetId, workerId } = attempt;
        const ref = { jobId, attempt: number, fence };
        const notice: CancelNotice = items === null ? ref : { only: { ...ref, items: [...items] } };
        messaging.connection.publish(cancelSubject(targetId, workerId), JSON.stringify(notice));
      }
    },
    waitingTargets: () => holds.targets(),
    stop() {
      stopping = true;
      holds.stop();
      bells.stop();
      for (const subscription of subscriptions) subscription.unsubscribe();
    },
  };
}

/** The broker let it publish on this subject: that is the worker's identity and the target it may claim for. */
function claimantOf(message: Msg): Claimant {
  const address = parseWorkerSubject(message.subject);
  if (address === undefined) throw new AppError('FORBIDDEN', 'The subject names no worker and target.');
  return { workerId: address.workerId, targetId: address.targetId };
}

function read<T>(schema: z.ZodType<T>, message: Msg): T {
  const parsed = schema.safeParse(readJson(message));
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new AppError('BAD_USER_INPUT', `The request is not of the protocol's form: ${problem}`);
}
