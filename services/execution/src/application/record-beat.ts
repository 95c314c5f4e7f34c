import { canonicalEnvironment, type BeatRequest } from '@weft/contracts';
import type { WorkerIdentity } from '../domain/attempt.js';
import { LOCAL_PROVIDER, NOOP_TARGET } from '../domain/local-targets.js';
import type { Transact } from './ports.js';
import { registerTargets } from './register-targets.js';
import { reviewTarget } from './review-target.js';

/** A worker says that it serves a target and how well. Only the broker's permissions let it speak of that target. */
export async function recordBeat(
  { transact, sha256 }: { readonly transact: Transact; readonly sha256: (text: string) => string },
  worker: WorkerIdentity,
  beat: BeatRequest,
): Promise<void> {
  if (worker.targetId === NOOP_TARGET.id) await registerTargets(transact, LOCAL_PROVIDER, [NOOP_TARGET]);
  await transact(async (tx) => {
    if ((await tx.targets.lock(worker.targetId)) === undefined) return;
    await tx.targets.keepBeat(worker.targetId, {
      ...beat,
      workerId: worker.workerId,
      at: await tx.targets.now(),
    });
    await reviewTarget(tx, worker.targetId);
    const honest = (beat.environments ?? []).filter(
      ({ digest, environment }) => sha256(canonicalEnvironment(environment)) === digest,
    );
    for (const one of await tx.environments.keepNew(honest)) await tx.announce.environmentDescribed(one);
  });
}
