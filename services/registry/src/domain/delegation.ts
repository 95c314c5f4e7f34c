// For whom somebody acted, and in what. PROV names the activity in the delegation (actedOnBehalfOf(delegate, responsible,
// activity)); an edge between the two agents cannot, and going along it would lead from one activity to whoever the delegate
// ever acted for. So the one responsible is associated with the activity itself, which is what lineage walks, and the edge
// between the agents is kept for "for whom does he act" and left out of every walk.
import type { Relation } from './node.js';

export const DELEGATION_ROLES = {
  /** Of an edge ACTED_ON_BEHALF_OF: it holds in activities, each of which says so itself. */
  within: 'within activities',
  /** Of an association: this is for whom another agent acted in the activity. */
  onBehalfOf: 'on behalf of',
} as const;

interface Edge {
  readonly from: number;
  readonly relation: Relation;
  readonly to: number;
  readonly role: string;
}

export const isWithinActivities = ({ relation, role }: Pick<Edge, 'relation' | 'role'>): boolean =>
  relation === 'ACTED_ON_BEHALF_OF' && role === DELEGATION_ROLES.within;

export interface Delegation {
  readonly from: number;
  readonly to: number;
  readonly activity: number;
}

interface Associated {
  readonly role: string;
  readonly agent: number;
}

/** Who acted for whom in the jobs of which these are the associations: workers for the submitter, he for the organization. */
export function delegationsOfJobs(
  edges: readonly Edge[],
  roles: { readonly workers: readonly string[]; readonly submitter: string },
): Delegation[] {
  const associated = new Map<number, Associated[]>();
  for (const { from, relation, to, role } of edges)
    if (relation === 'WAS_ASSOCIATED_WITH')
      associated.set(from, [...(associated.get(from) ?? []), { role, agent: to }]);
  return [...associated].flatMap(([activity, agents]) => {
    const as = (...wanted: readonly string[]): number[] => [
      ...new Set(agents.filter(({ role }) => wanted.includes(role)).map(({ agent }) => agent)),
    ];
    const between = (delegates: readonly number[], responsible: readonly number[]): Delegation[] =>
      delegates.flatMap((from) => responsible.map((to) => ({ from, to, activity })));
    const submitters = as(roles.submitter);
    return [
      ...between(submitters, as(DELEGATION_ROLES.onBehalfOf)),
      ...between(as(...roles.workers), submitters),
    ];
  });
}
