// Whose turn it is: the organizations that wait for one target take turns, whatever each has queued.
// Start-time fair queueing (Goyal, Vin, Cheng 1996) with equal weights: a lane that was away does not save up turns.

export interface Waiting {
  readonly jobId: string;
  readonly organizationId: string;
}

export interface Turns {
  /**
   * Chooses from what waits, of each organization in the order given.
   * @param admit asked of each before it is chosen; one that is not admitted costs no turn.
   */
  take<One extends Waiting>(waiting: readonly One[], most: number, admit?: (one: One) => boolean): string[];
}

export function createTurns(): Turns {
  /** Organizations by the turn they may take next. */
  const nextTurn = new Map<string, number>();
  let turn = 0;
  return {
    take(waiting, most, admit = () => true) {
      const lanes = [...Map.groupBy(waiting, (one) => one.organizationId)].map(([organizationId, jobs]) => ({
        organizationId,
        jobs,
        next: 0,
        at: Math.max(turn, nextTurn.get(organizationId) ?? 0),
      }));
      const chosen: string[] = [];
      while (chosen.length < most) {
        let first: (typeof lanes)[number] | undefined;
        for (const lane of lanes)
          if (lane.next < lane.jobs.length && (first === undefined || lane.at < first.at)) first = lane;
        const one = first?.jobs[first.next];
        if (first === undefined || one === undefined) break;
        first.next += 1;
        if (!admit(one)) continue;
        chosen.push(one.jobId);
        turn = first.at;
        first.at += 1;
        nextTurn.set(first.organizationId, first.at);
      }
      // Who waits for nothing is where the others are: remembered no longer.
      for (const [organizationId, at] of nextTurn) if (at <= turn) nextTurn.delete(organizationId);
      return chosen;
    },
  };
}
