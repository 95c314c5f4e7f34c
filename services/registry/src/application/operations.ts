/** A file that an operation made. */
export interface OperationFile {
  readonly name: string;
  readonly mediaType: string;
  readonly kind: 'REPORT' | 'RESULT';
  /** At hand, or as they come: then they may be asked for several times. */
  readonly bytes: Uint8Array<ArrayBuffer> | (() => AsyncIterable<Uint8Array>);
}

/**
 * Files, values and logs of jobs, as far as all members of the operation's organization may read them; what is gone or not
 * theirs is undefined, or nothing.
 */
export interface OtherReader {
  file(artifactId: string): Promise<
    | {
        readonly name: string;
        readonly mediaType: string;
        readonly bytes: AsyncIterable<Uint8Array>;
      }
    | undefined
  >;
  /** Its JSON text. */
  value(of: {
    readonly jobId: string;
    readonly which: 'data' | 'params' | 'result';
    readonly item?: number;
  }): Promise<string | undefined>;
  /** In pieces, in order. */
  log(jobId: string): AsyncIterable<string>;
}

/** The job for which an operation runs. */
export interface OperationContext {
  readonly jobId: string;
  /** Which try of the job this is, from 1. */
  readonly attempt: number;
  readonly organizationId: string;
  /** In whose name it runs. */
  readonly userId: string | undefined;
  readonly correlationId: string;
  /** Aborted when nobody waits for its end any more; what it did by then may stay, for the next try to find. */
  readonly signal: AbortSignal;
  /** @param fraction from 0 to 1. */
  progress(fraction: number, message?: string): void;
  /** The data of the job as the JSON text that it was given as; null: it has none. */
  data(): Promise<string | null>;
  /** Stores a file as an artifact of the job's organization and gives its id. Stored twice it is two. */
  store(file: OperationFile): Promise<string>;
  readonly others: OtherReader;
}

/**
 * What a job of the registry's own does; what it gives, up to 128 KB of JSON, is the job's result. It may run several times
 * for one job, and beside itself: its effect is kept by the job's id, in one transaction, and is there once. An AppError
 * ends the try with its code, and the job where the code is none to try again; anything else is tried again.
 */
export type Operation = (params: unknown, context: OperationContext) => Promise<unknown>;

/** By the word that the job carries, e.g. `REGISTER_CREATE_ACTIVITY`. */
export type Operations = Readonly<Record<string, Operation>>;
