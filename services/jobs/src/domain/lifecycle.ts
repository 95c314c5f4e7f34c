// The lifecycle of a job's items, as one table (DESIGN §5). Types, guard, database trigger, diagram and tests are
// derived from it; nothing else says which state may follow which. A job's own state is the roll-up (roll-up.ts).
import { FINAL_JOB_STATES, JOB_STATES, type JobState } from '@weft/contracts';
import { AppError } from '@weft/errors';

export interface Edge {
  /** `null`: the item comes into being. */
  readonly from: JobState | null;
  readonly to: JobState;
  /** Why an item may go this way. */
  readonly causes: readonly string[];
  /** Forbidden once the whole job is final. */
  readonly onlyWhileJobOpen?: true;
  /** One transaction may go along this edge and the one before or after it; the history still tells each step. */
  readonly passing?: true;
}

export const LIFECYCLE = [
  { from: null, to: 'PENDING', causes: ['SUBMITTED'] },
  { from: null, to: 'SUCCEEDED', causes: ['CARRIED_OVER'] },
  { from: 'PENDING', to: 'DEQUEUED', causes: ['CLAIMED'] },
  { from: 'PENDING', to: 'CANCELLED', causes: ['CANCEL_REQUESTED'] },
  { from: 'PENDING', to: 'FAILED', causes: ['REFERENCE_REFUSED', 'DEADLINE_EXCEEDED'] },
  { from: 'DEQUEUED', to: 'IN_PROGRESS', causes: ['STARTED'], passing: true },
  { from: 'DEQUEUED', to: 'PENDING', causes: ['LEASE_LOST', 'RELEASED', 'RETRYING'] },
  { from: 'DEQUEUED', to: 'CANCELLING', causes: ['CANCEL_REQUESTED'] },
  { from: 'DEQUEUED', to: 'FAILED', causes: ['FAILED', 'TIMED_OUT', 'LOST_TOO_OFTEN'] },
  { from: 'IN_PROGRESS', to: 'SUCCEEDED', causes: ['SUCCEEDED'] },
  { from: 'IN_PROGRESS', to: 'FAILED', causes: ['FAILED', 'TIMED_OUT', 'LOST_TOO_OFTEN'] },
  { from: 'IN_PROGRESS', to: 'PENDING', causes: ['LEASE_LOST', 'RELEASED', 'RETRYING'] },
  { from: 'IN_PROGRESS', to: 'CANCELLING', causes: ['CANCEL_REQUESTED'] },
  { from: 'CANCELLING', to: 'CANCELLED', causes: ['CANCELLED', 'LEASE_LOST', 'RELEASED'] },
  { from: 'CANCELLING', to: 'SUCCEEDED', causes: ['SUCCEEDED'] },
  { from: 'CANCELLING', to: 'FAILED', causes: ['FAILED', 'TIMED_OUT'] },
  { from: 'FAILED', to: 'PENDING', causes: ['RETRIED'], onlyWhileJobOpen: true },
] as const satisfies readonly Edge[];

/** Why something happened to an item; the open vocabulary of `JobTransition.cause`. */
export type Cause = (typeof LIFECYCLE)[number]['causes'][number];
export const CAUSES: readonly Cause[] = [...new Set(LIFECYCLE.flatMap((edge) => edge.causes))];

const edges: readonly Edge[] = LIFECYCLE;

export const edgeOf = (from: JobState | null, to: JobState, cause: Cause): Edge | undefined =>
  edges.find((edge) => edge.from === from && edge.to === to && edge.causes.includes(cause));

/** Refuses everything that is not in the table. */
export function assertCanMove(from: JobState | null, to: JobState, cause: Cause, jobIsFinal: boolean): void {
  const edge = edgeOf(from, to, cause);
  if (edge === undefined || (jobIsFinal && from !== null)) {
    throw new AppError(
      'JOB_ILLEGAL_TRANSITION',
      `An item cannot go from ${from ?? 'nothing'} to ${to} because of ${cause}.`,
      { from, to, cause },
    );
  }
}

/** What may happen to a stored row in one transaction: every edge, and every pair of edges of which one is passing. */
export function storedMoves(): { from: JobState; to: JobState; onlyWhileJobOpen: boolean }[] {
  const moves = new Map<string, { from: JobState; to: JobState; onlyWhileJobOpen: boolean }>();
  const add = (from: JobState | null, to: JobState, onlyWhileJobOpen: boolean): void => {
    if (from !== null && from !== to) moves.set(`${from}>${to}`, { from, to, onlyWhileJobOpen });
  };
  for (const passing of edges.filter((edge) => edge.passing === true)) {
    for (const edge of edges) {
      if (edge.to === passing.from) add(edge.from, passing.to, false);
      if (edge.from === passing.to) add(passing.from, edge.to, false);
    }
  }
  for (const edge of edges) add(edge.from, edge.to, edge.onlyWhileJobOpen === true);
  return [...moves.values()];
}

const quoted = (states: readonly string[]): string => states.map((state) => `'${state}'`).join(', ');

/** CHECK over a state column. */
export const renderStateCheck = (column: string): string => `${column} in (${quoted(JOB_STATES)})`;

/** The database's own guard: the same table, refused below any code. A migration applies it anew whenever the table changes. */
export function renderGuardSql(): string {
  const moves = storedMoves();
  const free = moves.filter((move) => !move.onlyWhileJobOpen);
  const open = moves.filter((move) => move.onlyWhileJobOpen);
  const pairs = (list: typeof moves): string =>
    list.map((move) => `('${move.from}', '${move.to}')`).join(', ');
  return `
create or replace function guard_job_item() returns trigger language plpgsql as $guard$
begin
  if old.state = new.state then
    if old.state in (${quoted(FINAL_JOB_STATES)}) and old is distinct from new then
      raise exception 'item % of job % is %, which is final', old.index, old.job_id, old.state using errcode = 'WF001';
    end if;
    return new;
  end if;
  if (old.state, new.state) in (${pairs(free)}) then
    return new;
  end if;
  if (old.state, new.state) in (${pairs(open)})
     and not exists (select from job where id = old.job_id and state in (${quoted(FINAL_JOB_STATES)})) then
    return new;
  end if;
  raise exception 'item % of job % cannot go from % to %', old.index, old.job_id, old.state, new.state using errcode = 'WF001';
end $guard$;

create or replace function guard_final_job() returns trigger language plpgsql as $guard$
begin
  if (old.state, old.seq, old.started_at, old.ended_at, old.dequeued_at, old.items_total, old.input_id, old.target_id, old.service_version_id)
     is distinct from
     (new.state, new.seq, new.started_at, new.ended_at, new.dequeued_at, new.items_total, new.input_id, new.target_id, new.service_version_id) then
    raise exception 'job % is %, which is final', old.id, old.state using errcode = 'WF001';
  end if;
  return new;
end $guard$;`.trim();
}

/** SQLSTATE that the guards raise. */
export const GUARD_SQLSTATE = 'WF001';

/** The states and edges as a Mermaid diagram: docs/lifecycle/job.mmd. */
export function renderLifecycleDiagram(): string {
  const name = (state: JobState | null): string => state ?? '[*]';
  const lines = edges.map((edge) => {
    const condition = edge.onlyWhileJobOpen === true ? ' (job not final)' : '';
    return `  ${name(edge.from)} --> ${edge.to}: ${edge.causes.join(', ')}${condition}`;
  });
  return ['stateDiagram-v2', ...lines, ...FINAL_JOB_STATES.map((state) => `  ${state} --> [*]`), ''].join(
    '\n',
  );
}
