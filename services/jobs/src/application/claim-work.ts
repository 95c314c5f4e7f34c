import type { ClaimedAttempt, ClaimRequest } from '@weft/contracts';
import { JobChange } from '../domain/job-change.js';
import type { Attempt, TransitionActor } from '../domain/job.js';
import type { KnownTarget } from '../domain/references.js';
import { chooseWork, type Choice } from './choose-work.js';
import { describeAttempts } from './describe-attempts.js';
import { settleGuarded } from './commit-change.js';
import type { KnownJob, Ports } from './ports.js';
import type { ClaimRound, QueueLook } from './queue-ports.js';
import type { QueuePace } from './queue-pace.js';
import type { TargetTally } from './target-tally.js';
import type { Turns } from './turns.js';

export interface Claimant {
  readonly workerId: string;
  readonly targetId: string;
}

/** One worker's request for work on a target. */
export interface Claim extends Pick<ClaimRequest, 'requestId' | 'capacity' | 'start' | 'fresh'> {
  readonly workerId: string;
  /** Called when it is looked for: how much may still be given, now that nothing is handed over any more. */
  readonly begin?: () => number;
}

/** How many items all answers of one round may name: each must fit into a message. */
export const ROUND_ITEMS = 4_096;
/** How often a round looks again when others were faster everywhere. */
const ROUNDS = 3;
/** What stands in its lane was due by the clock of whoever put it there; the one here may be behind by so much. */
const CLOCKS_DIFFER_MS = 100;

/** What a target's desk knows from one round to the next. */
export interface DeskState {
  readonly turns: Turns;
  readonly pace: QueuePace;
  readonly tally: TargetTally;
  /** Something waited for nothing but a limit when it was last looked at. */
  heldBack: boolean;
}

export interface Claimed {
  /** In the order of the claims. */
  readonly answers: ClaimedAttempt[][];
  /** More waits, as far as was seen. */
  readonly left: boolean;
  /** Of that, some could have been given: another look may. */
  readonly missed: boolean;
}

interface Given {
  readonly claim: Claim;
  readonly known: KnownJob;
  readonly change: JobChange;
  readonly attempt: Attempt;
  readonly rounds: readonly ClaimRound[];
}

/**
 * Hands slices of claimable jobs of one target to the workers that ask, under a short lease until their first renewal.
 * Repeating a request gives the same slices again. A round serves all who ask at the same time; the organizations' lanes
 * take turns, and so do the workers. Limits hold over all replicas: where another one has claimed under the same limit
 * meanwhile, what would be given is not, and the round looks again.
 */
export async function claimWork(
  ports: Ports,
  targetId: string,
  claims: readonly Claim[],
  desk: DeskState,
): Promise<Claimed> {
  const target = await ports.references.target(targetId);
  if (target === undefined) return { answers: claims.map(() => []), left: true, missed: false };
  const most = Math.ceil(ROUND_ITEMS / target.limits.itemsPerSlice);
  const limits = {
    target: target.limits.concurrentAttempts,
    organization: ports.limits.concurrentAttempts,
  };
  for (let round = 1; ; round++) {
    const capacity = claims.reduce((sum, claim) => sum + claim.capacity, 0);
    const wanted = Math.min(capacity, most);
    // What is handed over while a new request looks is told by who hands it over.
    const repeatable = claims.filter((claim) => claim.fresh !== true);
    // One more tells whether anything is left.
    const look = await ports.hot.look(targetId, limits, wanted + 1, repeatable);
    desk.tally.seen(look);
    const again = new Set(look.given.map((one) => `${one.workerId} ${one.requestId}`));
    const asking = claims.filter((claim) => !again.has(`${claim.workerId} ${claim.requestId}`));
    const choice = chooseWork(look, desk.turns, asking.length === 0 ? 0 : wanted);
    if (choice.strayFrom.length > 0) {
      await ports.hot.gateStrays(targetId, choice.strayFrom);
      if (round < ROUNDS) continue;
    }
    if (asking.length > 0) desk.heldBack = choice.heldBack;
    // What was given before may be another replica's gift, of which memory here knows nothing.
    for (const { jobId, attempt } of look.given)
      if (ports.recent.get(jobId)?.attempts.some((one) => one.number === attempt) !== true)
        ports.recent.forget(jobId);
    const knownJobs = await knownOf(
      ports,
      [...choice.jobs, ...look.given].map((one) => one.jobId),
    );
    const gifts = await give(ports, target, asking, choice.jobs, knownJobs, look.target, desk.tally);
    const left = isMoreThan(look, gifts.length);
    if (asking.length > 0) desk.pace.note(gifts.length, left, performance.now());
    if (gifts.length === 0 && choice.jobs.length > 0 && round < ROUNDS) continue;
    const repeated = look.given.flatMap(({ workerId, requestId, jobId, attempt: number }) => {
      const known = knownJobs.get(jobId);
      const attempt = known?.attempts.find((one) => one.number === number);
      return known === undefined || attempt === undefined ? [] : [{ workerId, requestId, known, attempt }];
    });
    const answers = await describeAttempts(ports, target, claims, [
      ...repeated,
      ...gifts.map(({ claim: { workerId, requestId }, known, attempt }) => ({
        workerId,
        requestId,
        known,
        attempt,
      })),
    ]);
    const missed = gifts.length < choice.jobs.length || (left && capacity > most);
    return { answers, left: left || missed, missed };
  }
}

/** Of a lane no more is listed than its limits leave room for: one that is as long may go on. */
const isMoreThan = ({ target, lanes }: QueueLook, given: number): boolean =>
  lanes.some(({ organization, definition, heads }) =>
    [target, organization, definition].some(
      (room) => room !== null && heads.length >= room.limit - room.running,
    ),
  ) || lanes.reduce((sum, { heads }) => sum + heads.length, 0) > given;

/** From memory where this replica has seen them last, else from the database. */
async function knownOf(ports: Ports, jobIds: readonly string[]): Promise<Map<string, KnownJob>> {
  const known = new Map<string, KnownJob>();
  const missing: string[] = [];
  for (const id of jobIds) {
    const one = ports.recent.get(id);
    if (one === undefined || one.values === null) missing.push(id);
    else known.set(id, one);
  }
  if (missing.length === 0) return known;
  for (const one of await ports.hot.load(missing)) known.set(one.job.id, one);
  const gone = missing.filter((id) => !known.has(id));
  if (gone.length > 0) await ports.hot.dropOrphans(gone);
  return known;
}

async function give(
  ports: Ports,
  target: KnownTarget,
  asking: readonly Claim[],
  chosen: Choice['jobs'],
  knownJobs: ReadonlyMap<string, KnownJob>,
  round: ClaimRound,
  tally: TargetTally,
): Promise<Given[]> {
  const now = ports.now();
  const room = asking.map((claim) => ({ claim, left: claim.capacity, slot: 0 }));
  const gifts: Given[] = [];
  for (const { jobId, rounds } of chosen) {
    const known = knownJobs.get(jobId);
    const next = room.find((one) => one.left > 0);
    if (known === undefined || next === undefined) continue;
    const gift = claimSlice(ports, target, known, next.claim, next.slot, rounds, now);
    if (gift === undefined) {
      // Somebody else took it; memory has not heard of that yet.
      ports.recent.forget(jobId);
      continue;
    }
    gifts.push(gift);
    next.left -= 1;
    next.slot += 1;
    // The next job goes to the next worker.
    room.push(...room.splice(room.indexOf(next), 1));
  }
  if (gifts.length === 0) return [];
  const saved = await ports.hot.saveMany(
    gifts.map(({ known: { input, attempts }, change, rounds }) => ({ change, input, attempts, rounds })),
  );
  if (saved.includes(true)) tally.given(round, saved.filter(Boolean).length);
  else tally.lost();
  gifts.forEach(({ known, change }, index) => settleGuarded(ports, known, change, saved[index] === true));
  return gifts.filter((_, index) => saved[index] === true);
}

/** Takes of the job for this claim what fits into a slice; nothing where there is nothing to take. */
export function claimSlice(
  { timing }: Ports,
  target: KnownTarget,
  known: KnownJob,
  claim: Claim,
  claimSlot: number,
  rounds: readonly ClaimRound[],
  now: Date,
): Given | undefined {
  const { job } = known;
  const { workerId } = claim;
  if (job.claimableAt === null || job.targetId !== target.id) return undefined;
  if (job.deadline !== null && job.deadline <= now) return undefined;
  const dueBy = now.getTime() + CLOCKS_DIFFER_MS;
  const due = known.items
    .filter((item) => item.state === 'PENDING' && item.runAt.getTime() <= dueBy)
    .slice(0, target.limits.itemsPerSlice);
  if (due.length === 0) return undefined;
  const indexes = due.map((item) => item.index);
  // Nothing is claimed before it was due.
  const change = new JobChange(
    job,
    known.items,
    due.reduce((at, { runAt }) => (runAt > at ? runAt : at), now),
    known.at,
  );
  const actor: TransitionActor = { kind: 'worker', id: workerId };
  const number = job.attempts + 1;
  const told = { actor, attempt: number };
  change.patchJob({ attempts: number });
  change.move(indexes, { ...told, to: 'DEQUEUED', cause: 'CLAIMED', patch: () => ({ attempt: number }) });
  if (claim.start) change.move(indexes, { ...told, to: 'IN_PROGRESS', cause: 'STARTED' });
  const attempt: Attempt = {
    jobId: job.id,
    number,
    fence: number,
    workerId,
    targetId: target.id,
    organizationId: job.organizationId,
    definitionId: job.definitionId,
    items: indexes,
    outcome: 'RUNNING',
    claimedAt: change.now,
    startedAt: claim.start ? change.now : null,
    endedAt: null,
    leaseUntil: new Date(change.now.getTime() + timing.startLeaseMs),
    claimRequestId: claim.requestId,
    claimSlot,
    environment: null,
  };
  change.putAttempt(attempt);
  return { claim, known, change, attempt, rounds };
}
