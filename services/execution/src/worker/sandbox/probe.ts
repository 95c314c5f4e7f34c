import { accessSync, constants, existsSync } from 'node:fs';
import type { ServiceRuntime } from '@weft/contracts';
import type { RunSpec } from './run-spec.js';
import type { Sandbox } from './sandbox.js';

/** What a worker can run, found by running it: one trivial service per runtime in the real sandbox. */
export interface Capability {
  readonly usable: boolean;
  readonly runtimes: readonly ServiceRuntime[];
  /** What is missing or weaker than it should be; `null` when all is well. */
  readonly problem: string | null;
}

const MIB = 1024 * 1024;
const TRIALS: Readonly<Record<ServiceRuntime, string>> = {
  NODEJS: 'export const run = () => 1;',
  PYTHON: 'def run(data, params, context):\n    return 1\n',
};

const trial = (runtime: ServiceRuntime): RunSpec => ({
  runtime,
  code: TRIALS[runtime],
  data: { form: 'json', content: 'null' },
  params: { form: 'json', content: 'null' },
  context: { jobId: 'trial', attempt: 1, item: 0, idempotencyKey: 'trial', deadline: null },
  limits: {
    timeMs: 20_000,
    memoryBytes: 256 * MIB,
    processes: 64,
    diskBytes: MIB,
    logBytes: MIB,
    resultBytes: MIB,
  },
});

const silent = { log: () => undefined, progress: () => undefined };

async function failureOf(sandbox: Sandbox, runtime: ServiceRuntime): Promise<string | undefined> {
  try {
    const { end } = await sandbox.start(trial(runtime), silent).outcome;
    return end.ok ? undefined : end.failure.message;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export async function probe(sandbox: Sandbox, candidates: readonly ServiceRuntime[]): Promise<Capability> {
  const runtimes: ServiceRuntime[] = [];
  const problems: string[] = [];
  for (const runtime of candidates) {
    const failure = await failureOf(sandbox, runtime);
    if (failure === undefined) runtimes.push(runtime);
    else problems.push(`${runtime}: ${failure}`);
  }
  if (!sandbox.sandboxed) problems.unshift('WEFT_UNSAFE_NO_SANDBOX is set: services run without a sandbox.');
  if (sandbox.meterKind === 'proc') {
    problems.push(
      'No cgroups for this user: memory and processes are watched by sampling instead of held by the kernel.',
    );
  }
  return {
    usable: runtimes.length > 0,
    runtimes,
    problem: problems.length === 0 ? null : problems.join(' '),
  };
}

export const NO_BWRAP: Capability = {
  usable: false,
  runtimes: [],
  problem:
    'bubblewrap is missing, so no service can be run safely. Install the package "bubblewrap" (or set BWRAP_PATH); ' +
    'WEFT_UNSAFE_NO_SANDBOX=1 runs services without a sandbox.',
};

const PYTHON_PLACES = ['/usr/bin/python3', '/usr/local/bin/python3'];

export function findPython(configured: string | undefined): string | undefined {
  return (configured === undefined ? PYTHON_PLACES : [configured]).find(isExecutable);
}

function isExecutable(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
