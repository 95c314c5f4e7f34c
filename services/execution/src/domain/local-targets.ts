import type { TargetLimits } from '@weft/contracts';
import type { Provider, TargetDeclaration } from './target.js';

/** What every installation has: the machines of its own workers. */
export const LOCAL_PROVIDER: Provider = {
  id: 'local',
  name: 'This installation',
  description: 'Runs on the workers of this installation, in a sandbox without network.',
};

const MIB = 1024 * 1024;

const LIMITS: TargetLimits = {
  timeSeconds: 600,
  memoryBytes: 512 * MIB,
  processes: 64,
  diskBytes: 256 * MIB,
  logBytes: 10 * MIB,
  resultBytes: 16 * MIB,
  itemsPerSlice: 1,
  concurrentAttempts: 64,
};

const local = (
  id: string,
  name: string,
  rest: Pick<TargetDeclaration, 'cancelsRunning' | 'limits'>,
): TargetDeclaration => ({
  id,
  name,
  providerId: LOCAL_PROVIDER.id,
  organizationId: null,
  kinds: ['MANAGED_SERVICE'],
  ...rest,
});

/** Known from the first start, workers or not. */
export const LOCAL_TARGETS: readonly TargetDeclaration[] = [
  local('local-process', 'Local processes', { cancelsRunning: true, limits: LIMITS }),
  local('local-batch', 'Local batch', {
    cancelsRunning: false,
    limits: { ...LIMITS, timeSeconds: 3_600, itemsPerSlice: 25 },
  }),
];

/** For benchmarks: runs nothing and succeeds. It exists only where a worker was told to serve it. */
export const NOOP_TARGET: TargetDeclaration = local('local-noop', 'No operation (benchmarks)', {
  cancelsRunning: true,
  limits: { ...LIMITS, concurrentAttempts: 1_000 },
});
