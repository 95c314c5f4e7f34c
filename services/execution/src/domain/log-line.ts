/** One line of an attempt's log. `position` counts through all attempts of the job, in the order in which they arrived. */
export const LOG_STREAMS = ['STDOUT', 'STDERR', 'SYSTEM'] as const;
export type LogStream = (typeof LOG_STREAMS)[number];

export interface LogLine {
  readonly jobId: string;
  readonly position: number;
  readonly attempt: number;
  readonly number: number;
  readonly stream: LogStream;
  readonly at: Date;
  readonly text: string;
}

export type NewLogLine = Pick<LogLine, 'number' | 'stream' | 'at' | 'text'>;

/** How an attempt used its machine; told by its worker with the end of its log. */
export interface AttemptUsage {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMemoryBytes: number;
  readonly exitCode: number | null;
}
