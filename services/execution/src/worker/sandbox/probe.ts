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
  /** Of each of the runtimes, as it said of itself in the sandbox. */
  readonly versions: Readonly<Partial<Record<ServiceRuntime, string>>>;
}

const MIB = 1024 * 1024;
/** Each says which version of its runtime it is. */
const TRIALS: Readonly<Record<ServiceRuntime, string>> = {
  NODEJS: 'export const run = () => process.versions.node;',
  PYTHON: 'import platform\ndef run(data, params, context):\n    return platform.python_version()\n',
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

type Trial =
  { readonly ok: true; readonly version: string } | { readonly ok: false; readonly problem: string };

async function tried(sandbox: Sandbox, runtime: ServiceRuntime): Promise<Trial> {
  try {
    const { end } = await sandbox.start(trial(runtime), silent).outcome;
    return end.ok
      ? { ok: true, version: String(JSON.parse(end.resultJson)) }
      : { ok: false, problem: end.failure.message };
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

export async function probe(sandbox: Sandbox, candidates: readonly ServiceRuntime[]): Promise<Capability> {
  const versions: Partial<Record<ServiceRuntime, string>> = {};
  const problems: string[] = [];
  for (const runtime of candidates) {
    const found = await tried(sandbox, runtime);
    if (found.ok) versions[runtime] = found.version;
    else problems.push(`${runtime}: ${found.problem}`);
  }
  const runtimes = candidates.filter((runtime) => versions[runtime] !== undefined);
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
    versions,
  };
}

export const NO_BWRAP: Capability = {
  usable: false,
  runtimes: [],
  versions: {},
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
