import type { DataPool } from './data-pool.js';

/** What may be changed of a pool that others rely on, by what each of them is about. */
const ASPECTS = {
  UPDATED: ['name', 'description', 'tags'],
  ACCESS_CHANGED: ['grants'],
  TRANSFERRED: ['organizationId', 'ownerId', 'grants'],
} as const satisfies Record<string, readonly (keyof DataPool)[]>;

export type PoolChangeAction = keyof typeof ASPECTS;
export type PoolAspects = Partial<
  Pick<DataPool, 'name' | 'description' | 'tags' | 'grants' | 'organizationId' | 'ownerId'>
>;

/** That a pool was changed after it was released, sealed, or given to a reviewer. */
export interface PoolChange {
  readonly number: number;
  readonly action: PoolChangeAction;
  readonly at: Date;
  readonly userId: string;
  /** Of what was changed, and of that alone. */
  readonly before: PoolAspects;
  readonly after: PoolAspects;
}

/** What has to be kept of a change; undefined: others do not rely on the pool yet, or nothing changed. */
export function tracedChange(
  before: DataPool,
  after: DataPool,
  action: PoolChangeAction,
): Pick<PoolChange, 'action' | 'before' | 'after'> | undefined {
  if (before.sealed === null && before.release === 'NOT_RELEASED') return undefined;
  const changed = ASPECTS[action].filter(
    (aspect) => JSON.stringify(before[aspect]) !== JSON.stringify(after[aspect]),
  );
  if (changed.length === 0) return undefined;
  const of = (pool: DataPool): PoolAspects =>
    Object.fromEntries(changed.map((aspect) => [aspect, pool[aspect]]));
  return { action, before: of(before), after: of(after) };
}
