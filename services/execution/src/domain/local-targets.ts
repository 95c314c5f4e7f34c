import type { TargetImage, TargetLimits, TargetSize } from '@weft/contracts';
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

const sizesWithin = (timeSeconds: number): TargetSize[] => [
  {
    name: 'small',
    description: 'Half the memory, for many small jobs side by side.',
    cpus: 1,
    memoryBytes: 256 * MIB,
    processes: 32,
    diskBytes: 64 * MIB,
    timeSeconds,
  },
  {
    name: 'medium',
    description: 'What a job gets that asks for none, on two processors.',
    cpus: 2,
    memoryBytes: LIMITS.memoryBytes,
    processes: LIMITS.processes,
    diskBytes: LIMITS.diskBytes,
    timeSeconds,
  },
  {
    name: 'large',
    description: 'Four times the memory of medium, as far as the machine has it.',
    cpus: 4,
    memoryBytes: 4 * LIMITS.memoryBytes,
    processes: 256,
    diskBytes: 1_024 * MIB,
    timeSeconds,
  },
];

const IMAGES: readonly TargetImage[] = [
  {
    name: 'shell',
    description: "/bin/sh and the programs of the worker's system, of which nothing more is promised.",
    runtime: null,
  },
  { name: 'nodejs', description: 'As shell, with `node` on the PATH.', runtime: 'NODEJS' },
  { name: 'python', description: 'As shell, with `python3` on the PATH.', runtime: 'PYTHON' },
];

const local = (
  id: string,
  name: string,
  rest: Pick<TargetDeclaration, 'cancelsRunning' | 'limits'>,
): TargetDeclaration => ({
  id,
  name,
  providerId: LOCAL_PROVIDER.id,
  organizationId: null,
  kinds: ['MANAGED_SERVICE', 'COMMAND'],
  sizes: sizesWithin(rest.limits.timeSeconds),
  images: IMAGES,
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
