// What one sandboxed run is given and what it gives back.
import type { ServiceRuntime } from '@weft/contracts';
import type { ErrorCode } from '@weft/errors';

/** The limits of one run; each has its own stable error code when it is passed. */
export interface SandboxLimits {
  readonly timeMs: number;
  readonly memoryBytes: number;
  /** Processes and threads together. */
  readonly processes: number;
  /** Size of the one in-memory disk that /work and /tmp share; what is written there also counts as memory. */
  readonly diskBytes: number;
  readonly logBytes: number;
  readonly resultBytes: number;
  /** Held where the kernel's cpu controller is the worker's to use; absent: as many as there are. */
  readonly cpus?: number | undefined;
}

/** An input as the harness hands it on: parsed JSON, or the text as it is. */
export type RunInput = { readonly form: 'json' | 'text' } & (
  { readonly content: string | Buffer } | { readonly file: string }
);

interface Run {
  readonly data: RunInput;
  readonly params: RunInput;
  readonly context: {
    readonly jobId: string;
    readonly attempt: number;
    readonly item: number;
    readonly idempotencyKey: string;
    readonly deadline: string | null;
    /** The time for which a schedule planned the job. */
    readonly plannedFor?: string | null;
  };
  readonly limits: SandboxLimits;
}

export interface ServiceRun extends Run {
  readonly runtime: ServiceRuntime;
  readonly code: string | Buffer;
}

/** Shell commands, with what they find around them. */
export interface CommandProgram {
  readonly command: string;
  readonly startScript: string | null;
  readonly workingDirectory: string | null;
  readonly environment: Readonly<Record<string, string>>;
  /** Values that nothing the run says may hold. */
  readonly secrets: readonly string[];
  readonly file: { readonly name: string; readonly content: Buffer } | null;
  /** The interpreter that is on its PATH. */
  readonly runtime: ServiceRuntime | null;
}

export interface CommandRun extends Run {
  readonly program: CommandProgram;
}

export type RunSpec = ServiceRun | CommandRun;

export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  readonly at: Date;
}

export interface RunListener {
  log(line: LogLine): void;
  progress(fraction: number | null, message: string | null): void;
}

export interface Usage {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMemoryBytes: number;
}

export interface RunFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

export interface RunOutcome {
  /** The result as JSON text, or why there is none. */
  readonly end:
    { readonly ok: true; readonly resultJson: string } | { readonly ok: false; readonly failure: RunFailure };
  /** Exit code of the service's process; `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly usage: Usage;
}
