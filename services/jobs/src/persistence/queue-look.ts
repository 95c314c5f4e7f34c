// From the rows of a look at the queue to its lanes.
import { MOST_LIMITED } from './queue-statements.js';
import type { Lane, QueueHead, QueueLook, Room } from '../application/queue-ports.js';

interface LaneRow {
  readonly organizationId: string;
  readonly gate: string;
  readonly organizationLimit: number | null;
  readonly organizationRunning: number | null;
  readonly organizationRound: number | null;
  readonly definitionLimit: number | null;
  readonly definitionRunning: number | null;
  readonly definitionRound: number | null;
}

interface HeadRow {
  readonly priority: number;
  readonly runAt: Date;
  readonly strayFrom: string | null;
}

/** A lane with one of its first jobs, or without any where there is no room for it; or what a request was given before. */
export type LookRow = {
  readonly targetRunning: number;
  readonly targetRound: number;
  readonly limitedOrganizations: readonly string[];
} & (
  | { readonly workerId: null; readonly organizationId: null }
  | (LaneRow & { readonly workerId: null } & (
        (HeadRow & { readonly jobId: string }) | { readonly jobId: null }
      ))
  | {
      readonly jobId: string;
      readonly workerId: string;
      readonly requestId: string;
      readonly attempt: number;
    }
);

export function lookOf(targetId: string, targetLimit: number, rows: readonly LookRow[]): QueueLook {
  const lanes = new Map<string, Lane & { readonly heads: QueueHead[] }>();
  const given: QueueLook['given'][number][] = [];
  for (const row of rows) {
    if (row.workerId !== null) {
      const { workerId, requestId, jobId, attempt } = row;
      given.push({ workerId, requestId, jobId, attempt });
      continue;
    }
    if (row.organizationId === null) continue;
    const key = `${row.organizationId} ${row.gate}`;
    const lane = lanes.get(key) ?? emptyLane(row);
    lanes.set(key, lane);
    if (row.jobId === null) continue;
    const { jobId, priority, runAt, strayFrom } = row;
    lane.heads.push({ jobId, priority, runAt, strayFrom });
  }
  const limited = rows[0]?.limitedOrganizations;
  return {
    limitedOrganizations:
      limited !== undefined && limited.length <= MOST_LIMITED ? new Set(limited) : undefined,
    target: {
      scope: `target ${targetId}`,
      limit: targetLimit,
      running: rows[0]?.targetRunning ?? 0,
      round: rows[0]?.targetRound ?? 0,
    },
    lanes: [...lanes.values()],
    given,
  };
}

const emptyLane = (row: LaneRow): Lane & { readonly heads: QueueHead[] } => ({
  organizationId: row.organizationId,
  organization: roomOf(
    `organization ${row.organizationId}`,
    row.organizationLimit,
    row.organizationRunning,
    row.organizationRound,
  ),
  definition: roomOf(
    `definition ${row.gate}`,
    row.definitionLimit,
    row.definitionRunning,
    row.definitionRound,
  ),
  heads: [],
});

const roomOf = (
  scope: string,
  limit: number | null,
  running: number | null,
  round: number | null,
): Room | null => (limit === null ? null : { scope, limit, running: running ?? 0, round: round ?? 0 });
