// What this replica knows of a target's limit without asking: the count of its last look, carried on by what it gave and
// by what ended here since. It never says that more is free than is: of ends only those count that the look had counted
// as running, and whoever else gives something makes a round of its own, by which what would be given here is refused.
import type { ClaimRound, QueueLook, Room } from './queue-ports.js';

/** What a look told of limits of organizations holds for so long. */
const FRESH_MS = 3_000;

export interface TargetTally {
  seen(look: Pick<QueueLook, 'target' | 'limitedOrganizations'>): void;
  /** So many were given in the round after this one. */
  given(round: ClaimRound, attempts: number): void;
  /**
   * An attempt ended that still ran at this moment of `performance.now()`: where that is after the look, it was counted
   * there or has been given since.
   */
  ended(ranAt: number): void;
  /** Somebody else has given something since. */
  lost(): void;
  /** What may be given without a look. */
  free(): FreeRoom | undefined;
}

export interface FreeRoom {
  readonly round: ClaimRound;
  readonly left: number;
  isLimited(organizationId: string): boolean;
}

export function createTargetTally(): TargetTally {
  let room: Room | undefined;
  let limited: ReadonlySet<string> | undefined;
  let seenAt = 0;
  return {
    seen({ target, limitedOrganizations }) {
      if (room !== undefined && target.round < room.round) return;
      room = target;
      limited = limitedOrganizations;
      seenAt = performance.now();
    },
    given({ round }, attempts) {
      if (room?.round === round) room = { ...room, round: round + 1, running: room.running + attempts };
    },
    ended(ranAt) {
      if (room !== undefined && ranAt >= seenAt) room = { ...room, running: room.running - 1 };
    },
    lost() {
      room = undefined;
    },
    free() {
      if (room === undefined || limited === undefined) return undefined;
      if (performance.now() - seenAt > FRESH_MS) return undefined;
      const names = limited;
      const { scope, round } = room;
      return {
        round: { scope, round },
        left: room.limit - room.running,
        isLimited: (organizationId) => names.has(organizationId),
      };
    },
  };
}
