import type { TargetChanged } from '@weft/contracts';
import { sameDeclaration, type Provider, type Target, type TargetDeclaration } from '../domain/target.js';
import type { Transact, Work } from './ports.js';

/** Makes the declared targets known, and announces those that are new or declared differently than before. */
export async function registerTargets(
  transact: Transact,
  provider: Provider,
  declarations: readonly TargetDeclaration[],
): Promise<void> {
  for (const declaration of declarations) {
    await transact(async (tx) => {
      await tx.targets.ensureProvider(provider);
      await registerTarget(tx, declaration);
    });
  }
}

async function registerTarget(tx: Work, declaration: TargetDeclaration): Promise<void> {
  const known = await tx.targets.lock(declaration.id);
  if (known === undefined) {
    const target: Target = {
      ...declaration,
      seq: 1,
      runtimes: ['NODEJS', 'PYTHON'],
      status: 'UNAVAILABLE',
      statusReason: 'No worker serves this target at the moment.',
    };
    await tx.targets.insert(target);
    await tx.announce.targetChanged(factOf(target));
  } else if (!sameDeclaration(known, declaration)) {
    const target: Target = { ...known, ...declaration, seq: known.seq + 1 };
    await tx.targets.update(target.id, target.seq, target);
    await tx.announce.targetChanged(factOf(target));
  }
}

export const factOf = (target: Target): TargetChanged => ({
  targetId: target.id,
  seq: target.seq,
  providerId: target.providerId,
  name: target.name,
  organizationId: target.organizationId,
  kinds: [...target.kinds],
  runtimes: [...target.runtimes],
  limits: target.limits,
  sizes: [...target.sizes],
  images: [...target.images],
  cancelsRunning: target.cancelsRunning,
  status: target.status,
  statusReason: target.statusReason,
});
