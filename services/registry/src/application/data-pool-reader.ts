// What readers ask of data pools. Pools are bounded to what the viewer may see, inside the query; what hangs on one was found with it.
import type { PoolChange } from '../domain/data-pool-change.js';
import type { DataPool, DataPoolFile, ReleaseEvent, ReleaseState } from '../domain/data-pool.js';
import type { NumberedPage } from './item-reader.js';
import type { Viewer } from './ports.js';

export interface ShownPool extends DataPool {
  /** Public id of its node in provenance; null: it was neither released nor sealed. */
  readonly nodeId: string | null;
}

export interface ShownFile extends DataPoolFile {
  /** Public id of its node in provenance. */
  readonly nodeId: string;
}

export interface DataPoolFilter {
  readonly organizationId?: string | undefined;
  /** Words of the name or the description. */
  readonly text?: string | undefined;
  readonly tag?: string | undefined;
  readonly release?: ReleaseState | undefined;
  readonly sealed?: boolean | undefined;
  /** The release that waits for this user. */
  readonly reviewerId?: string | undefined;
}

export interface DataPoolsRequest {
  readonly filter: DataPoolFilter;
  readonly first: number;
  /** Id of the last one seen. */
  readonly after: string | undefined;
}

/** A stretch of the files of a pool, by name. */
export interface FilesRequest {
  readonly prefix: string;
  readonly first: number;
  readonly after: string | undefined;
}

export interface PoolSize {
  readonly files: number;
  readonly bytes: number;
}

export interface DataPoolReader {
  pools(viewer: Viewer, ids: readonly string[]): Promise<ShownPool[]>;
  list(viewer: Viewer, request: DataPoolsRequest): Promise<ShownPool[]>;
  /** Of the pools of the viewer the files with these ids, also earlier versions. */
  filesById(viewer: Viewer, ids: readonly string[]): Promise<ShownFile[]>;
  /** Of each pool its current files, by name. */
  files(keys: readonly number[], request: FilesRequest): Promise<Map<number, ShownFile[]>>;
  named(key: number, name: string): Promise<ShownFile | undefined>;
  /** Of each file all versions of its name that are kept, the last first. */
  versions(fileIds: readonly string[], page: NumberedPage): Promise<Map<string, ShownFile[]>>;
  sizes(keys: readonly number[]): Promise<Map<number, PoolSize>>;
  releaseHistory(keys: readonly number[], page: NumberedPage): Promise<Map<number, ReleaseEvent[]>>;
  changeHistory(keys: readonly number[], page: NumberedPage): Promise<Map<number, PoolChange[]>>;
}
