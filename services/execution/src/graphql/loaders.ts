import DataLoader from 'dataloader';
import type { AttemptKey, Reads } from '../application/ports.js';
import type { StoredArtifact } from '../domain/artifact.js';
import type { AttemptUsage } from '../domain/log-line.js';
import type { Provider, Target } from '../domain/target.js';

/** Batches what one request asks for; the organizations of its actor are part of every question. */
export interface Loaders {
  readonly target: DataLoader<string, Target | null>;
  readonly provider: DataLoader<string, Provider | null>;
  readonly queueLength: DataLoader<string, number>;
  readonly artifact: DataLoader<string, StoredArtifact | null>;
  readonly usage: DataLoader<AttemptKey, AttemptUsage | null, string>;
}

const inOrder = <T>(ids: readonly string[], found: ReadonlyMap<string, T>): (T | null)[] =>
  ids.map((id) => found.get(id) ?? null);
const keyOf = ({ jobId, number }: AttemptKey): string => `${jobId}:${number}`;

export const createLoaders = (
  reads: Reads,
  organizationIds: readonly string[],
  principals: readonly string[],
): Loaders => ({
  target: new DataLoader(async (ids) => inOrder(ids, await reads.targetsById(organizationIds, ids))),
  provider: new DataLoader(async (ids) =>
    inOrder(ids, new Map((await reads.providers()).map((one) => [one.id, one]))),
  ),
  queueLength: new DataLoader(async (ids) => {
    const lengths = await reads.queueLengths(ids);
    return ids.map((id) => lengths.get(id) ?? 0);
  }),
  artifact: new DataLoader(async (ids) =>
    inOrder(ids, await reads.artifactsById(organizationIds, principals, ids)),
  ),
  usage: new DataLoader(
    async (keys) => inOrder(keys.map(keyOf), await reads.attemptUsages(organizationIds, keys)),
    { cacheKeyFn: keyOf },
  ),
});
