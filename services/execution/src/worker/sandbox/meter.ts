import type { SandboxLimits } from './run-spec.js';

/** What the kernel (or /proc) says of a running tree. */
export interface Reading {
  readonly peakMemoryBytes: number;
  readonly cpuMs: number;
  /** The kernel ended a process for want of memory, or the tree was seen above its limit. */
  readonly outOfMemory: boolean;
  /** A process or thread was refused, or the tree was seen above its limit. */
  readonly processesRefused: boolean;
}

/** Measures and bounds one run. */
export interface Meter {
  /** `cgroup.procs` files into which the launcher writes itself before it becomes the sandbox. */
  readonly join: readonly string[];
  read(rootPid: number): Reading;
  /** Removes what it made; the tree is dead by then. */
  close(): Promise<void>;
}

export const METER_KINDS = ['cgroup-v2', 'cgroup-v1', 'proc'] as const;
export type MeterKind = (typeof METER_KINDS)[number];

/** One way to bound runs: cgroups where they can be had, else sampling of /proc with resource limits as backstop. */
export interface MeterDriver {
  readonly kind: MeterKind;
  /** How often a run has to be looked at. */
  readonly intervalMs: number;
  /** Whether the kernel itself holds the limits; if not, the launcher adds resource limits. */
  readonly enforced: boolean;
  open(name: string, limits: SandboxLimits): Meter;
}

/** Processes of the sandbox itself (launcher, its inner init), which the run is not charged for. */
export const SANDBOX_OVERHEAD_TASKS = 3;
