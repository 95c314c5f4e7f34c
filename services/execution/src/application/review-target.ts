import { judgeTarget } from '../domain/target-status.js';
import { sameStanding } from '../domain/target.js';
import type { Transact, Work } from './ports.js';
import { factOf } from './register-targets.js';

/** Looks at what the workers of a target last said, and announces the target when that changes what it is. */
export async function reviewTarget(tx: Work, targetId: string): Promise<void> {
  const target = await tx.targets.lock(targetId);
  if (target === undefined) return;
  const standing = judgeTarget(await tx.targets.beats(targetId), await tx.targets.now(), target.runtimes);
  if (sameStanding(target, standing)) return;
  const changed = { ...target, ...standing, seq: target.seq + 1 };
  await tx.targets.update(targetId, changed.seq, changed);
  await tx.announce.targetChanged(factOf(changed));
}

export async function reviewTargets(transact: Transact): Promise<void> {
  const ids = await transact((tx) => tx.targets.ids());
  for (const id of ids) await transact((tx) => reviewTarget(tx, id));
}
