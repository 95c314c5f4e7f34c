// Which of the waiting jobs are given next: organizations take turns, and no limit is passed.
import type { ClaimRound, Lane, QueueHead, QueueLook, Room } from './queue-ports.js';
import type { Turns } from './turns.js';

export interface Choice {
  readonly jobs: readonly { readonly jobId: string; readonly rounds: readonly ClaimRound[] }[];
  /** Definitions whose jobs are to be put into lanes of their own before anything else. */
  readonly strayFrom: readonly string[];
  /** Something waits only for a limit: the end of an attempt may let it go. */
  readonly heldBack: boolean;
}

interface Candidate {
  readonly jobId: string;
  readonly organizationId: string;
  readonly head: QueueHead;
  readonly rooms: readonly Room[];
}

export function chooseWork({ target, lanes }: QueueLook, turns: Turns, most: number): Choice {
  const left = new Map<string, number>();
  const isFree = (room: Room): boolean => (left.get(room.scope) ?? room.limit - room.running) > 0;
  const take = (room: Room): void =>
    void left.set(room.scope, (left.get(room.scope) ?? room.limit - room.running) - 1);
  const rooms = new Map<string, readonly Room[]>();
  let heldBack = lanes.some((lane) => lane.heads.length === 0);
  const chosen = turns.take(lanesTogether(lanes, target), most, (candidate) => {
    if (!candidate.rooms.every(isFree)) {
      heldBack = true;
      return false;
    }
    candidate.rooms.forEach(take);
    rooms.set(candidate.jobId, candidate.rooms);
    return true;
  });
  return {
    jobs: chosen.map((jobId) => ({
      jobId,
      rounds: (rooms.get(jobId) ?? []).map(({ scope, round }) => ({ scope, round })),
    })),
    strayFrom: [...new Set(lanes.flatMap((lane) => lane.heads.flatMap(({ strayFrom }) => strayFrom ?? [])))],
    heldBack,
  };
}

/** An organization has one turn, however many lanes; within it the order is that of the queue. */
function lanesTogether(lanes: readonly Lane[], target: Room): Candidate[] {
  const candidates = lanes.flatMap(({ organizationId, organization, definition, heads }) => {
    const rooms = [target, organization, definition].filter((room) => room !== null);
    // Nothing here tells how many of a stray's definition run.
    const countable = heads.filter((head) => head.strayFrom === null);
    return countable.map((head): Candidate => ({ jobId: head.jobId, organizationId, head, rooms }));
  });
  return candidates.sort(
    ({ head: a }, { head: b }) =>
      b.priority - a.priority ||
      a.runAt.getTime() - b.runAt.getTime() ||
      (a.jobId < b.jobId ? -1 : a.jobId > b.jobId ? 1 : 0),
  );
}
