import { pageRequest } from '@weft/database';
import type { Actor } from '@weft/identity';
import DataLoader from 'dataloader';
import type { BulkRegistration, BulkRow, BulkState } from '../application/bulk-ports.js';
import type { ModelRunReader } from '../application/model-run-reader.js';
import type { RegisteredItem } from '../domain/item.js';
import type { RecordStatus } from '../domain/model-run.js';
import { assertMayRead, viewerOf, type PageArguments, type Slice } from './provenance.js';

export interface ShownRun {
  readonly recordStatus: RecordStatus;
  readonly lodgedRevision: number | null;
}

/** Reads of runs for one request. */
export interface ModelRunReads {
  forget(): void;
  /** Null: the item is no run. */
  run(item: RegisteredItem): Promise<ShownRun | null>;
  bulk(id: string): Promise<BulkRegistration | null>;
  bulkCounts(id: string): Promise<ReadonlyMap<BulkState, number>>;
  bulkRows(
    id: string,
    states: readonly BulkState[] | undefined,
    page: PageArguments,
  ): Promise<Slice<BulkRow>>;
}

export function modelRunReadsFor(actor: Actor, reader: ModelRunReader): ModelRunReads {
  const viewer = viewerOf(actor);
  const runs = new DataLoader<number, { removed: boolean; lodged: number | null } | null>(async (keys) => {
    const found = await reader.runs(keys);
    return keys.map((key) => found.get(key) ?? null);
  });
  return {
    forget: () => void runs.clearAll(),
    async run({ key, revision }) {
      const run = await runs.load(key);
      if (run === null) return null;
      const { removed, lodged } = run;
      const isDone = lodged === (removed ? null : revision);
      return {
        recordStatus: !isDone ? 'COMPLETE' : removed ? 'REMOVED' : 'LODGED',
        lodgedRevision: lodged,
      };
    },
    async bulk(id) {
      assertMayRead(actor);
      return (await reader.bulk(viewer, id)) ?? null;
    },
    bulkCounts: (id) => reader.bulkCounts(id),
    async bulkRows(id, states, page) {
      const { first, after } = pageRequest(page.first, page.after, ['integer']);
      const rows = await reader.bulkRows(viewer, id, {
        ...{ first, states, after: after?.[0] as number | undefined },
      });
      return { rows, first, continued: after !== undefined };
    },
  };
}
