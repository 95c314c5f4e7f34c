import type { Secrets } from './secrets.js';
import type { ServiceName } from './settings.js';

/** Everything that the table of parts needs to know of this run. */
export interface World {
  /** The checkout. */
  readonly repo: string;
  readonly dataDir: string;
  readonly secrets: Secrets;
  readonly ports: Readonly<Record<ServiceName, number>>;
  readonly databaseUrls: Readonly<Record<ServiceName, string>>;
  readonly nats: {
    readonly url: string;
    /** The credential of a service or worker. */
    credential(user: string): Readonly<Record<string, string>>;
  };
  readonly gateway: { readonly host: string; readonly port: number; readonly probeHost: string };
  readonly publicUrl: string;
  readonly worker: WorkerWorld;
  /** What this process was started with and passes on, without what it reads itself. */
  readonly inherited: Readonly<Record<string, string>>;
}

export interface WorkerWorld {
  readonly id: string;
  readonly targets: readonly string[];
  /** Absent where no bubblewrap can be had: the targets then say so. */
  readonly bwrapPath: string | undefined;
  readonly nodeRuntime: string;
  readonly sandboxDir: string;
}
