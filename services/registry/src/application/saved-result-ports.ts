// Results on their way into data pools: what jobs asked for is taken down when they have ended, and done by itself.
import type { Tx } from '@weft/database';
import type { UserError } from '@weft/errors';
import type { ResultWish, SavedResult } from '../domain/saved-result.js';
import type { DataPoolPorts, DataPoolWork } from './data-pool-ports.js';
import type { NumberedPage } from './item-reader.js';
import type { Viewer } from './ports.js';

/** A wish that waits. */
export interface WaitingResult extends ResultWish {
  readonly key: number;
  readonly artifactId: string;
}

/** Takes wishes down, in the transaction in which the end of their jobs is. */
export interface ResultWishes {
  keep(tx: Tx, wishes: readonly ResultWish[]): Promise<void>;
}

export interface SavedResultWork extends DataPoolWork {
  /**
   * Wishes of one job, locked, of whose files was heard, or has not been for so long that nothing will be heard of them any more;
   * those that another replica has at hand are left to it.
   */
  takeWaiting(except: readonly string[]): Promise<WaitingResult[]>;
  /** What came of them. */
  settle(results: readonly SettledResult[]): Promise<void>;
}

export interface SettledResult {
  readonly key: number;
  readonly fileId: string | null;
  readonly error: Pick<UserError, 'code' | 'message'> | null;
}

export interface SavedResultPorts extends Pick<DataPoolPorts, 'newId'> {
  readonly transact: <T>(work: (tx: SavedResultWork) => Promise<T>) => Promise<T>;
  /** Between what is written and the commit. */
  readonly beforeCommit?: (() => Promise<void>) | undefined;
  /** Results of this job could not be settled for an unexpected reason; it will be tried again. */
  readonly stuck: (jobId: string, error: unknown) => void;
}

export interface SavedResultReader {
  /** Of each job that the viewer may see, by the index of the item. */
  ofJobs(
    viewer: Viewer,
    jobIds: readonly string[],
    page: { readonly first: number; readonly after: number | undefined },
  ): Promise<Map<string, SavedResult[]>>;
  /** Of each pool, the last first. */
  ofPools(poolIds: readonly string[], page: NumberedPage): Promise<Map<string, SavedResult[]>>;
}
