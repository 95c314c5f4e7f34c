// Whose turn it is: the organizations that wait for one target take turns, whatever each has queued.
// Start-time fair queueing (Goyal, Vin, Cheng 1996) with equal weights: a lane that was away does not save up turns.

export interface Turns {
  /** Chooses from the heads of the lanes, each lane in its own order. */
  take(heads: readonly { readonly jobId: string; readonly organizationId: string }[], most: number): string[];
}

export function createTurns(): Turns {
  /** Lanes by the turn they may take next. */
  const nextTurn = new Map<string, number>();
  let turn = 0;
  return {
    take(heads, most) {
      const lanes = Map.groupBy(heads, (head) => head.organizationId);
      const waiting = [...lanes].map(([organizationId, jobs]) => ({
        organizationId,
        jobs,
        taken: 0,
        at: Math.max(turn, nextTurn.get(organizationId) ?? 0),
      }));
      const chosen: string[] = [];
      while (chosen.length < most) {
        let first: (typeof waiting)[number] | undefined;
        for (const lane of waiting)
          if (lane.taken < lane.jobs.length && (first === undefined || lane.at < first.at)) first = lane;
        if (first === undefined) break;
        chosen.push((first.jobs[first.taken] as { jobId: string }).jobId);
        first.taken += 1;
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
