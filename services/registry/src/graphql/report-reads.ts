import { pageRequest } from '@weft/database';
import type { Actor } from '@weft/identity';
import DataLoader from 'dataloader';
import type { ReportPage, ReportReader } from '../application/report-ports.js';
import type { ProvenanceNode } from '../domain/node.js';
import type { RequestedReport } from '../domain/report.js';
import { assertMayRead, inGroups, viewerOf, type PageArguments, type Slice } from './provenance.js';

/** The reports of the request's user, batched. */
export interface ReportReads {
  report(id: string): Promise<RequestedReport | null>;
  ofItem(node: ProvenanceNode, page: PageArguments): Promise<Slice<RequestedReport>>;
}

interface ListKey extends ReportPage {
  readonly key: number;
}

export function reportReadsFor(actor: Actor, reader: ReportReader): ReportReads {
  const viewer = viewerOf(actor);
  const lists = new DataLoader<ListKey, RequestedReport[], string>(
    inGroups(
      ({ first, after }) => JSON.stringify([first, after]),
      async (wanted, { first, after }) => {
        const keys = wanted.map(({ key }) => key);
        const found = await reader.reportsOf(viewer, actor.id, keys, { first, after });
        return keys.map((key) => found.get(key) ?? []);
      },
    ),
    { cacheKeyFn: (key) => JSON.stringify(key) },
  );
  return {
    async report(id) {
      assertMayRead(actor);
      return actor.kind === 'user' ? ((await reader.report(viewer, actor.id, id)) ?? null) : null;
    },
    async ofItem({ key, registered }, page) {
      assertMayRead(actor);
      const { first, after } = pageRequest(page.first, page.after, ['time', 'uuid']);
      const position = after === undefined ? undefined : { at: String(after[0]), id: String(after[1]) };
      const isHis = actor.kind === 'user' && registered;
      const rows = isHis ? await lists.load({ key, first, after: position }) : [];
      return { rows, first, continued: after !== undefined };
    },
  };
}
