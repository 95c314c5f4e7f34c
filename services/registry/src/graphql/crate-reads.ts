import { pageRequest } from '@weft/database';
import { organizationIds, type Actor } from '@weft/identity';
import DataLoader from 'dataloader';
import type { ArchivedKind, ArchivePage, CrateReader } from '../application/crate-ports.js';
import type { RequestedArchive } from '../domain/crate-archive.js';
import { assertMayRead, inGroups, type PageArguments, type Slice } from './provenance.js';

/** Archives of the organizations of the request's actor. */
export interface CrateReads {
  archive(id: string): Promise<RequestedArchive | null>;
  /** Of a job, or of a workflow, with this id. */
  archivesOf(kind: ArchivedKind, id: string, page: PageArguments): Promise<Slice<RequestedArchive>>;
}

interface ListKey extends ArchivePage {
  readonly kind: ArchivedKind;
  readonly id: string;
}

export function crateReadsFor(actor: Actor, reader: CrateReader): CrateReads {
  const lists = new DataLoader<ListKey, RequestedArchive[], string>(
    inGroups(
      ({ kind, first, after }) => JSON.stringify([kind, first, after]),
      async (keys, { kind, first, after }) => {
        const ids = keys.map(({ id }) => id);
        const found = await reader.archivesOf(organizationIds(actor), kind, ids, { first, after });
        return ids.map((id) => found.get(id) ?? []);
      },
    ),
    { cacheKeyFn: (key) => JSON.stringify(key) },
  );
  return {
    async archive(id) {
      assertMayRead(actor);
      return (await reader.archive(organizationIds(actor), id)) ?? null;
    },
    async archivesOf(kind, id, page) {
      assertMayRead(actor);
      const { first, after } = pageRequest(page.first, page.after, ['time', 'uuid']);
      const position = after === undefined ? undefined : { at: String(after[0]), id: String(after[1]) };
      const rows = await lists.load({ kind, id: id.toLowerCase(), first, after: position });
      return { rows, first, continued: after !== undefined };
    },
  };
}
