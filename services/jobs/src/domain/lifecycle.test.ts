import { FINAL_JOB_STATES, JOB_STATES, type JobState } from '@weft/contracts';
import { describe, expect, it } from 'vitest';
import {
  assertCanMove,
  CAUSES,
  edgeOf,
  LIFECYCLE,
  renderLifecycleDiagram,
  storedMoves,
} from './lifecycle.js';
import { NO_ITEMS, phaseOf, rollUp, type ItemCounts } from './roll-up.js';

describe('the lifecycle of items', () => {
  it('accepts exactly the edges of the table, over the whole matrix', () => {
    const froms: (JobState | null)[] = [null, ...JOB_STATES];
    for (const from of froms) {
      for (const to of JOB_STATES) {
        for (const cause of CAUSES) {
          const listed = LIFECYCLE.some(
            (edge) =>
              edge.from === from && edge.to === to && (edge.causes as readonly string[]).includes(cause),
          );
          const attempt = (): void => assertCanMove(from, to, cause, false);
          if (listed) expect(attempt).not.toThrow();
          else expect(attempt).toThrow(/cannot go/);
        }
      }
    }
  });

  it('lets nothing move in a final job', () => {
    for (const edge of LIFECYCLE) {
      if (edge.from === null) continue;
      expect(() => assertCanMove(edge.from, edge.to, edge.causes[0], true)).toThrow(/cannot go/);
    }
  });

  it('reaches every state from the start, and an end from every state', () => {
    const next = (state: JobState): JobState[] =>
      LIFECYCLE.filter((edge) => edge.from === state).map((edge) => edge.to);
    const reach = (start: JobState[]): Set<JobState> => {
      const seen = new Set(start);
      for (const state of seen) next(state).forEach((to) => seen.add(to));
      return seen;
    };
    expect([...reach(['PENDING'])].sort()).toEqual([...JOB_STATES].sort());
    for (const state of JOB_STATES)
      expect(FINAL_JOB_STATES.some((final) => reach([state]).has(final))).toBe(true);
    expect(next('SUCCEEDED')).toEqual([]);
    expect(next('CANCELLED')).toEqual([]);
    expect(edgeOf('FAILED', 'PENDING', 'RETRIED')?.onlyWhileJobOpen).toBe(true);
  });

  it('lets a row pass through IN_PROGRESS in one transaction, and nothing else', () => {
    const direct = new Set(LIFECYCLE.map((edge) => `${edge.from}>${edge.to}`));
    const composed = storedMoves().filter((move) => !direct.has(`${move.from}>${move.to}`));
    expect(composed.map((move) => `${move.from}>${move.to}`).sort()).toEqual([
      'DEQUEUED>SUCCEEDED',
      'PENDING>IN_PROGRESS',
    ]);
  });

  it('draws every edge', () => {
    const diagram = renderLifecycleDiagram();
    for (const edge of LIFECYCLE) expect(diagram).toContain(`${edge.from ?? '[*]'} --> ${edge.to}`);
  });
});

const counts = (given: Partial<ItemCounts>): ItemCounts => ({ ...NO_ITEMS, ...given });

describe('the roll-up', () => {
  it.each<[string, Partial<ItemCounts>, number, boolean, JobState]>([
    ['a fresh job', { PENDING: 3 }, 0, false, 'PENDING'],
    ['one claimed', { PENDING: 2, DEQUEUED: 1 }, 0, false, 'DEQUEUED'],
    ['one running', { PENDING: 1, DEQUEUED: 1, IN_PROGRESS: 1 }, 0, false, 'IN_PROGRESS'],
    ['one done, others waiting', { PENDING: 2, SUCCEEDED: 1 }, 0, false, 'IN_PROGRESS'],
    ['one failed, others waiting', { PENDING: 2, FAILED: 1 }, 0, false, 'IN_PROGRESS'],
    ['carried-over items are no start', { PENDING: 1, SUCCEEDED: 2 }, 2, false, 'PENDING'],
    ['some cancelled before they started, others waiting', { PENDING: 1, CANCELLED: 2 }, 2, false, 'PENDING'],
    ['one asked to cancel before it started', { PENDING: 1, CANCELLING: 1 }, 1, false, 'DEQUEUED'],
    ['one asked to cancel as it ran', { PENDING: 1, CANCELLING: 1 }, 0, false, 'IN_PROGRESS'],
    ['one cancelled as it ran, others waiting', { PENDING: 1, CANCELLED: 1 }, 0, false, 'IN_PROGRESS'],
    ['cancelling while one runs', { CANCELLING: 1, CANCELLED: 2 }, 0, true, 'CANCELLING'],
    ['all succeeded', { SUCCEEDED: 3 }, 0, false, 'SUCCEEDED'],
    ['any failed', { SUCCEEDED: 2, FAILED: 1, CANCELLED: 1 }, 0, true, 'FAILED'],
    ['none failed, one cancelled', { SUCCEEDED: 2, CANCELLED: 1 }, 0, true, 'CANCELLED'],
    ['asked to cancel, but all finished first', { SUCCEEDED: 3 }, 0, true, 'SUCCEEDED'],
  ])('%s', (_name, given, untouched, cancel, expected) => {
    expect(rollUp(counts(given), untouched, cancel)).toBe(expected);
  });

  it('gives every state a phase', () => {
    expect(JOB_STATES.map(phaseOf)).toEqual([
      'WAITING',
      'ACTIVE',
      'ACTIVE',
      'ACTIVE',
      'SUCCEEDED',
      'FAILED',
      'CANCELLED',
    ]);
  });
});
