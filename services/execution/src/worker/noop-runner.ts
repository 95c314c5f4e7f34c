import { ALL_RUNTIMES, type Runner } from './runner.js';

const NOTHING_USED = { wallMs: 0, cpuMs: 0, peakMemoryBytes: 0 };

/** Runs nothing and succeeds with null: what is measured is the platform around it. */
export const noopRunner: Runner = {
  capability: () => Promise.resolve({ usable: true, runtimes: ALL_RUNTIMES, problem: null }),
  prepare: () =>
    Promise.resolve({
      start: () =>
        Promise.resolve({
          outcome: Promise.resolve({
            end: { ok: true as const, resultJson: 'null' },
            exitCode: 0,
            usage: NOTHING_USED,
          }),
          cancel: () => undefined,
          kill: () => undefined,
        }),
      dispose: () => undefined,
    }),
};
