import { pageRequest } from '@weft/database';
import type { Actor } from '@weft/identity';
import DataLoader from 'dataloader';
import type { ProvenanceRecord, RecordPage, RecordReader } from '../application/record-reader.js';
import type { ProvenanceNode } from '../domain/node.js';
import { assertMayRead, inGroups, viewerOf, type PageArguments, type Slice } from './provenance.js';

/** Reads of records for one request, batched. */
export interface RecordReads {
  /** What is asked from now on is read anew. */
  forget(): void;
  record(id: string): Promise<ProvenanceRecord | null>;
  ofOrganization(organizationId: string, page: PageArguments): Promise<Slice<ProvenanceRecord>>;
  ofNode(node: ProvenanceNode, page: PageArguments): Promise<Slice<ProvenanceRecord>>;
  bundlesOf(record: ProvenanceRecord, page: PageArguments): Promise<Slice<ProvenanceRecord>>;
  statementsOf(record: ProvenanceRecord): Promise<number>;
}

interface Key extends RecordPage {
  readonly key: number;
}

export function recordReadsFor(actor: Actor, reader: RecordReader): RecordReads {
  const viewer = () => {
    assertMayRead(actor);
    return viewerOf(actor);
  };
  const records = new DataLoader<string, ProvenanceRecord | null>(async (ids) => {
    const found = new Map((await reader.records(viewer(), ids)).map((record) => [record.id, record]));
    return ids.map((id) => found.get(id.toLowerCase()) ?? null);
  });
  const listed = (
    read: (keys: readonly number[], page: RecordPage) => Promise<Map<number, ProvenanceRecord[]>>,
  ) =>
    new DataLoader<Key, ProvenanceRecord[], string>(
      inGroups(
        ({ first, after }) => `${first} ${after}`,
        async (wanted, page) => {
          const found = await read(
            wanted.map(({ key }) => key),
            page,
          );
          return wanted.map(({ key }) => found.get(key) ?? []);
        },
      ),
      { cacheKeyFn: ({ key, first, after }) => `${key} ${first} ${after}` },
    );
  const ofNodes = listed((keys, page) => reader.ofNodes(viewer(), keys, page));
  const ofParents = listed((keys, page) => reader.ofParents(viewer(), keys, page));
  const counts = new DataLoader<number, number>(async (keys) => {
    const counted = await reader.statementsOfJobs(viewer(), keys);
    return keys.map((key) => counted.get(key) ?? 0);
  });
  const slice = async (
    page: PageArguments,
    read: (page: RecordPage) => Promise<readonly ProvenanceRecord[]>,
  ): Promise<Slice<ProvenanceRecord>> => {
    const { first, after } = pageRequest(page.first, page.after, ['uuid']);
    const rows = await read({ first, after: after?.[0] as string | undefined });
    return { rows, first, continued: after !== undefined };
  };
  return {
    forget() {
      for (const loader of [records, ofNodes, ofParents, counts]) loader.clearAll();
    },
    record: (id) => records.load(id),
    ofOrganization: (organizationId, page) =>
      slice(page, (asked) => reader.ofOrganization(viewer(), organizationId, asked)),
    ofNode: ({ key }, page) => slice(page, (asked) => ofNodes.load({ key, ...asked })),
    bundlesOf: ({ key, kind }, page) =>
      slice(page, async (asked) => (kind === 'IMPORT' ? ofParents.load({ key, ...asked }) : [])),
    statementsOf: async ({ key, statementCount }) => statementCount ?? counts.load(key),
  };
}
