// A sandbox on this machine for tests: real bubblewrap, real limits, every way of holding them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceRuntime } from '@weft/contracts';
import { findBubblewrap, readableCopy } from '@weft/embedded';
import { afterAll } from 'vitest';
import { chooseMeter } from '../worker/sandbox/choose-meter.js';
import { closeInheritedDescriptors } from '../worker/sandbox/inherited-descriptors.js';
import type { MeterKind } from '../worker/sandbox/meter.js';
import { findPython } from '../worker/sandbox/probe.js';
import { listProcesses } from '../worker/sandbox/process-tree.js';
import type {
  CommandProgram,
  LogLine,
  RunOutcome,
  RunSpec,
  SandboxLimits,
} from '../worker/sandbox/run-spec.js';
import { createSandbox, type Sandbox } from '../worker/sandbox/sandbox.js';

const MIB = 1024 * 1024;
export const CHECKOUT = fileURLToPath(new URL('../../../../', import.meta.url));
const EXAMPLES = join(CHECKOUT, 'tools/examples/misbehaving');

/** The strongest that this machine has, and the weakest that every machine has. */
export const METERS = ['strongest', 'proc'] as const;

export const LIMITS: SandboxLimits = {
  timeMs: 15_000,
  memoryBytes: 192 * MIB,
  processes: 48,
  diskBytes: 24 * MIB,
  logBytes: 200_000,
  resultBytes: 100_000,
};

export const python = findPython(process.env['PYTHON_RUNTIME']);
if (python === undefined)
  process.stderr.write('\n!!! No Python 3 here: the Python sandbox tests do NOT run.\n\n');

export interface SandboxRig {
  readonly folder: string;
  readonly sandbox: Sandbox;
  /** What is left of runs in folders and processes: nothing may be. */
  leftovers(): string[];
}

/** Called at the top of a test file, not in a hook: vitest forgets clean-ups that are registered while hooks run. */
export async function sandboxRig(meter: (typeof METERS)[number], unsafe = false): Promise<SandboxRig> {
  closeInheritedDescriptors();
  const folder = mkdtempSync(join(tmpdir(), 'weft-sandbox-test-'));
  spawnSync('chmod', ['711', folder]);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const cache = join(CHECKOUT, '.cache');
  mkdirSync(cache, { recursive: true });
  const only: MeterKind | undefined = meter === 'proc' ? 'proc' : undefined;
  const sandbox = createSandbox({
    folder: join(folder, 'runs'),
    bwrap: unsafe ? undefined : readableCopy(await findBubblewrap(cache), cache),
    node: readableCopy(process.execPath, cache),
    python,
    meters: await chooseMeter(only),
    cancelGraceMs: 500,
  });
  return {
    folder,
    sandbox,
    leftovers: () => [
      ...readdirSync(join(folder, 'runs')),
      ...listProcesses()
        .filter((one) => one.parent === process.pid)
        .map((one) => `process ${one.pid}`),
    ],
  };
}

export interface Seen {
  readonly outcome: RunOutcome;
  readonly log: string;
  readonly lines: readonly LogLine[];
  readonly progress: readonly (readonly [number | null, string | null])[];
}

export interface Overrides {
  readonly runtime?: ServiceRuntime;
  readonly params?: unknown;
  readonly data?: RunSpec['data'];
  readonly limits?: Partial<SandboxLimits>;
  readonly cancelAfterMs?: number;
  readonly plannedFor?: string;
}

export const runIn = (sandbox: Sandbox, code: string, overrides: Overrides = {}): Promise<Seen> =>
  see(sandbox, { runtime: overrides.runtime ?? 'NODEJS', code }, overrides);

export const runCommandIn = (
  sandbox: Sandbox,
  command: string,
  program: Partial<CommandProgram> = {},
  overrides: Overrides = {},
): Promise<Seen> => {
  const nothing = {
    startScript: null,
    workingDirectory: null,
    environment: {},
    secrets: [],
    file: null,
    runtime: null,
  };
  return see(sandbox, { program: { ...nothing, command, ...program } }, overrides);
};

async function see(
  sandbox: Sandbox,
  what: { runtime: ServiceRuntime; code: string } | { program: CommandProgram },
  overrides: Overrides,
): Promise<Seen> {
  const lines: LogLine[] = [];
  const progress: [number | null, string | null][] = [];
  const run = sandbox.start(
    {
      ...what,
      data: overrides.data ?? { form: 'json', content: '{"a":1}' },
      params: { form: 'json', content: JSON.stringify(overrides.params ?? null) },
      context: {
        jobId: 'job-1',
        attempt: 2,
        item: 3,
        idempotencyKey: 'key-1',
        deadline: '2030-01-01T00:00:00.000Z',
        plannedFor: overrides.plannedFor ?? null,
      },
      limits: { ...LIMITS, ...overrides.limits },
    },
    { log: (line) => lines.push(line), progress: (fraction, message) => progress.push([fraction, message]) },
  );
  const timer =
    overrides.cancelAfterMs === undefined
      ? undefined
      : setTimeout(() => run.cancel(), overrides.cancelAfterMs);
  const outcome = await run.outcome;
  clearTimeout(timer);
  return { outcome, lines, progress, log: lines.map((line) => line.text).join('\n') };
}

export const example = (name: string): string => readFileSync(join(EXAMPLES, name), 'utf8');
export const codeOf = ({ outcome }: Seen): string =>
  outcome.end.ok ? 'SUCCEEDED' : outcome.end.failure.code;
export const messageOf = ({ outcome }: Seen): string => (outcome.end.ok ? '' : outcome.end.failure.message);
export const resultOf = ({ outcome, log }: Seen): unknown => {
  if (!outcome.end.ok) throw new Error(`${outcome.end.failure.code}: ${outcome.end.failure.message}\n${log}`);
  return JSON.parse(outcome.end.resultJson);
};
