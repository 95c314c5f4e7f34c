import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { RunEnvironment } from '@weft/contracts';
import type { Logger } from '@weft/telemetry';
import type { WorkerConfig } from './config.js';
import { chooseMeter } from './sandbox/choose-meter.js';
import { findPython, NO_BWRAP, probe, type Capability } from './sandbox/probe.js';
import { createSandbox, type Sandbox } from './sandbox/sandbox.js';

/** The sandbox of this machine, with what it was found able to run. */
export interface LocalSandbox {
  /** `undefined`: there is none, and none is wanted unsafely. */
  readonly sandbox: Sandbox | undefined;
  capability(): Promise<Capability>;
  /** How it holds what runs in it, for provenance. */
  readonly facts: RunEnvironment['sandbox'];
  describe(): string;
}

/** What could not be used is looked at again: it may be installed meanwhile. */
const LOOK_AGAIN_MS = 60_000;

export async function openLocalSandbox(config: WorkerConfig, logger: Logger): Promise<LocalSandbox> {
  const unsafe = config.WEFT_UNSAFE_NO_SANDBOX;
  const bwrap = unsafe ? undefined : findBwrap(config.BWRAP_PATH, config.PATH);
  if (unsafe)
    logger.warn('WEFT_UNSAFE_NO_SANDBOX is set: services run without a sandbox, as the user of this worker');
  if (bwrap === undefined && !unsafe) {
    logger.error(NO_BWRAP.problem);
    return {
      sandbox: undefined,
      capability: () => Promise.resolve(NO_BWRAP),
      facts: { kind: 'none', version: null, meter: 'none' },
      describe: () => 'none',
    };
  }
  const meters = await chooseMeter(config.SANDBOX_METER);
  const python = findPython(config.PYTHON_RUNTIME);
  const node = config.NODE_RUNTIME ?? process.execPath;
  const sandbox = createSandbox({
    folder: config.SANDBOX_DIR,
    bwrap,
    node,
    python,
    meters,
    cancelGraceMs: config.WORKER_CANCEL_GRACE,
  });
  if (python === undefined) logger.warn('no Python 3 on this machine: Python services cannot run here');
  let known = await probe(sandbox, python === undefined ? ['NODEJS'] : ['NODEJS', 'PYTHON']);
  let knownAt = Date.now();
  if (known.problem !== null) logger.warn({ problem: known.problem }, 'the sandbox is not as it should be');
  return {
    sandbox,
    async capability() {
      if (!known.usable && Date.now() - knownAt > LOOK_AGAIN_MS) {
        knownAt = Date.now();
        known = await probe(sandbox, python === undefined ? ['NODEJS'] : ['NODEJS', 'PYTHON']);
      }
      return known;
    },
    facts: {
      kind: sandbox.sandboxed ? 'bubblewrap' : 'none',
      version: bwrap === undefined ? null : await versionOf(bwrap),
      meter: meters.kind,
    },
    describe: () => `${sandbox.sandboxed ? 'bubblewrap' : 'none (unsafe)'}, ${meters.kind}`,
  };
}

/** As the program says of itself, without its name: `0.8.0`. Null when it does not say. */
async function versionOf(program: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: 5_000 });
    return /\d[\w.+-]*/.exec(stdout)?.[0] ?? null;
  } catch {
    return null;
  }
}

function findBwrap(configured: string | undefined, path: string): string | undefined {
  if (configured !== undefined) return existsSync(configured) ? configured : undefined;
  return path
    .split(delimiter)
    .map((folder) => join(folder, 'bwrap'))
    .find((file) => existsSync(file));
}
