// Where workers' requests for work arrive: all that wait for one target are served together, one round after the other.
import type { ClaimedAttempt } from '@weft/contracts';
import { groupCommit } from '@weft/database';
import { AppError } from '@weft/errors';
import { claimWork, type Claim, type Claimant, type DeskState } from './application/claim-work.js';
import type { Ports } from './application/ports.js';
import { createQueuePace } from './application/queue-pace.js';
import { createTurns } from './application/turns.js';
import { isServedTwice } from './persistence/hot-store.js';
import { createWaitingWorkers, type Seat, type WaitingWorkers } from './waiting-workers.js';

export interface ClaimDesk {
  claim(claimant: Claimant, request: Omit<Claim, 'workerId'>): Promise<ClaimedAttempt[]>;
  /** For who would wait: new jobs are handed over from here on. */
  seat(claimant: Claimant, request: Omit<Claim, 'workerId'>, again: () => void): Promise<Seat>;
  /** Something may have come into the queue of this target. */
  stirred(targetId: string): void;
  /** Targets with work that waited for nothing but a limit. */
  heldBack(): string[];
}

/** Requests served in one round at the most. */
const MOST_CLAIMS = 64;

/** How often what was measured of a target's pace is told. */
const TELL_PACE_MS = 5_000;

export interface ClaimDeskOptions {
  /** The workers to whom new jobs are handed. */
  readonly waiting?: WaitingWorkers;
  /** Takes a target's starts per second while work is left waiting for it. */
  readonly keepPace?: (targetId: string, startsPerSecond: number) => Promise<unknown>;
  /** Work of this target is left that nobody here takes: other replicas may have workers for it. */
  readonly offer?: (targetId: string) => void;
  /** Work of this target waits for nothing but a limit. */
  readonly heldBack?: (targetId: string) => void;
}

export function createClaimDesk(
  ports: Ports,
  {
    waiting = createWaitingWorkers(ports),
    keepPace = () => Promise.resolve(),
    offer = () => undefined,
    heldBack = () => undefined,
  }: ClaimDeskOptions = {},
): ClaimDesk {
  const desks = new Map<string, (claim: Claim) => Promise<ClaimedAttempt[]>>();
  const states = new Map<string, DeskState>();
  const deskOf = (targetId: string): ((claim: Claim) => Promise<ClaimedAttempt[]>) => {
    const known = desks.get(targetId);
    if (known !== undefined) return known;
    const state: DeskState = {
      turns: createTurns(),
      pace: createQueuePace(),
      tally: waiting.tallyOf(targetId),
      heldBack: false,
    };
    let toldAt = performance.now();
    const tellPace = (): void => {
      const pace = state.pace.startsPerSecond();
      if (pace === undefined || performance.now() - toldAt < TELL_PACE_MS) return;
      toldAt = performance.now();
      void keepPace(targetId, pace);
    };
    const desk = groupCommit<Claim, ClaimedAttempt[]>({
      most: MOST_CLAIMS,
      // A request that came twice is answered alike: the second one after the first.
      keysOf: ({ workerId, requestId }) => [`${workerId} ${requestId}`],
      async write(claims) {
        const look = await waiting.beginLook(targetId);
        try {
          const begun = claims.map(({ begin, ...claim }) => ({
            ...claim,
            capacity: begin?.() ?? claim.capacity,
          }));
          if (begun.every(({ capacity, fresh }) => capacity === 0 && fresh === true))
            return claims.map(() => []);
          const { answers, left, missed } = await claimWork(ports, targetId, begun, state);
          look.saw(left);
          // What was let go while it looked woke nobody who is held back only now.
          if (missed || (state.heldBack && look.hasFreed())) ports.signals.claimable(targetId);
          else if (left && !state.heldBack) offer(targetId);
          if (state.heldBack) heldBack(targetId);
          tellPace();
          return answers;
        } finally {
          look.end();
        }
      },
    });
    states.set(targetId, state);
    desks.set(targetId, desk);
    return desk;
  };
  return {
    stirred: waiting.stirred,
    async seat({ workerId, targetId }, request, again) {
      const target = await ports.references.target(targetId);
      return waiting.seat(target, { ...request, workerId }, again);
    },
    heldBack: () => [...states].filter(([, state]) => state.heldBack).map(([targetId]) => targetId),
    async claim({ workerId, targetId }, request) {
      // Only targets that exist get a desk: the number of desks is theirs.
      if ((await ports.references.target(targetId)) === undefined) return [];
      return deskOf(targetId)({ ...request, workerId }).catch((error: unknown) => {
        throw isServedTwice(error)
          ? new AppError('SERVICE_UNAVAILABLE', 'This claim is being served already; ask again.')
          : error;
      });
    },
  };
}
