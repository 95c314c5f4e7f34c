import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LaunchTools } from './command.js';
import { createJobFolder, removeLeftoverFolders } from './job-folder.js';
import type { MeterDriver } from './meter.js';
import { startProcess, type RunningProcess } from './process-run.js';
import type { RunListener, RunSpec } from './run-spec.js';

/** Runs user code, several at a time; each run has a slot, and each slot has its own user when the worker is root. */
export interface Sandbox {
  readonly meterKind: MeterDriver['kind'];
  readonly sandboxed: boolean;
  start(spec: RunSpec, listener: RunListener): RunningProcess;
}

export interface SandboxOptions {
  /** Scratch folder; every user must be able to pass through it when the worker is root. */
  readonly folder: string;
  /** `undefined` runs user code without a sandbox: an explicit, unsafe choice of the operator. */
  readonly bwrap: string | undefined;
  readonly node: string;
  readonly python: string | undefined;
  readonly meters: MeterDriver;
  readonly cancelGraceMs: number;
  readonly firstUid?: number;
}

export const FIRST_UID = 70_001;

export function createSandbox(options: SandboxOptions): Sandbox {
  const { folder, meters } = options;
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  removeLeftoverFolders(folder);
  const asRoot = process.getuid?.() === 0 && options.bwrap !== undefined;
  const busy = new Set<number>();
  let counter = 0;

  const takeSlot = (): number => {
    let slot = 0;
    while (busy.has(slot)) slot += 1;
    busy.add(slot);
    return slot;
  };

  return {
    meterKind: meters.kind,
    sandboxed: options.bwrap !== undefined,
    start(spec, listener) {
      const slot = takeSlot();
      counter += 1;
      const name = `${slot}-${counter}`;
      const uid = asRoot ? (options.firstUid ?? FIRST_UID) + slot : undefined;
      const tools: LaunchTools = { bwrap: options.bwrap, node: options.node, python: options.python, uid };
      const cleanups: (() => void)[] = [() => busy.delete(slot)];
      const cleanUp = (): void => cleanups.reverse().forEach((one) => one());
      try {
        const job = createJobFolder(folder, name, spec, uid);
        cleanups.push(() => job.remove());
        const workFolder =
          options.bwrap === undefined ? mkdtempSync(join(folder, `run-${process.pid}-${name}-work-`)) : '/';
        if (workFolder !== '/') cleanups.push(() => rmSync(workFolder, { recursive: true, force: true }));
        const { cancelGraceMs } = options;
        const run = startProcess({
          spec,
          name,
          jobFolder: job.path,
          workFolder,
          tools,
          meters,
          listener,
          cancelGraceMs,
        });
        return { ...run, outcome: run.outcome.finally(cleanUp) };
      } catch (error) {
        cleanUp();
        throw error;
      }
    },
  };
}
