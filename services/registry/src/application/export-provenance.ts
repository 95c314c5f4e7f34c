import { outcomeOf, refuse, type Outcome } from '@weft/errors';
import {
  alsoNamed,
  exportedDocument,
  MOST_HOPS,
  MOST_STATEMENTS,
  type KnownLineage,
  type KnownNode,
  type RecordedEdge,
} from '../domain/exported-lineage.js';
import type { Checked, Notation, ProvDocument, ViolationPage } from '../domain/prov-document.js';
import type { GraphReader } from './exchange-ports.js';
import type { ShownPart } from './lineage-answer.js';
import type { LineageStore } from './lineage-ports.js';
import { lineageReach, type LineageDirection } from './lineage-reach.js';
import type { DocumentDesk, Viewer } from './ports.js';

export interface ExportPorts {
  readonly lineage: LineageStore;
  readonly graph: GraphReader;
  readonly desk: Pick<DocumentDesk, 'write' | 'judge'>;
  /** What stands before our pids in documents. */
  readonly pidBase: string;
}

/** Who asks, and whose turn at the desk that is. */
export interface Reader {
  readonly userId: string;
  readonly viewer: Viewer;
}

export interface LineageAsked {
  readonly id: string;
  readonly direction: LineageDirection;
  readonly depth: number;
}

export interface Exported {
  readonly document: string;
  readonly notation: Notation;
  /** With what bundles repeat. */
  readonly statementCount: number;
  readonly truncated: boolean;
}

export interface ValidityReport extends Checked {
  readonly page: ViolationPage;
  readonly truncated: boolean;
}

/** Lineage of something as a document that others can read. */
export const exportProvenance =
  (ports: ExportPorts) =>
  (reader: Reader, asked: LineageAsked & { readonly notation: Notation }): Promise<Outcome<Exported>> =>
    outcomeOf(async () => {
      const part = await lineageFor(ports, reader, asked, 'input');
      return written(ports, reader, part, asked.notation, 'input', 'depth');
    });

/** What one answer of lineage shows, and nothing else. */
export const exportShown =
  (ports: ExportPorts) =>
  (reader: Reader, shown: ShownPart, notation: Notation): Promise<Outcome<Exported>> =>
    outcomeOf(async () => {
      const { viewer } = reader;
      const keys = shown.keys.slice(0, MOST_STATEMENTS / 2);
      const nodes = await ports.graph.nodes(viewer, keys);
      const { known, truncated } = await knownAmong(ports.graph, viewer, nodes, shown.shows);
      const isCut = truncated || !shown.complete || keys.length < shown.keys.length;
      return written(ports, reader, { known, truncated: isCut }, notation);
    });

async function written(
  { desk, pidBase }: ExportPorts,
  { userId }: Reader,
  { known, truncated }: Part,
  notation: Notation,
  ...path: string[]
): Promise<Exported> {
  const document = exportedDocument(known, pidBase, true);
  const text = await desk.write(userId, document, notation);
  if (!text.ok) refuse('PROV_TOO_EXPENSIVE', TOO_EXPENSIVE, ...path);
  const statementCount = [document, ...document.bundles].reduce(
    (count, { statements }) => count + statements.length,
    0,
  );
  return { document: text.value, notation, statementCount, truncated };
}

/** What in the lineage of something contradicts PROV-CONSTRAINTS, all records taken together. */
export const lineageReport =
  (ports: ExportPorts) =>
  (reader: Reader, asked: LineageAsked, page: ViolationPage): Promise<Outcome<ValidityReport>> =>
    outcomeOf(async () => {
      const { known, truncated } = await lineageFor(ports, reader, asked);
      const document = exportedDocument(known, ports.pidBase, false);
      const judged = await ports.desk.judge(reader.userId, document, page);
      if (!judged.ok) refuse('PROV_TOO_EXPENSIVE', TOO_EXPENSIVE, 'depth');
      return { ...judged.value, page, truncated };
    });

/** What one record says, of what the reader may read; truncated: it says more than a document holds. */
export async function recordLineage(
  { graph, pidBase }: Pick<ExportPorts, 'graph' | 'pidBase'>,
  viewer: Viewer,
  recordId: string,
): Promise<{ readonly document: ProvDocument; readonly truncated: boolean }> {
  const said = await graph.ofRecord(viewer, recordId, MOST_STATEMENTS + 1);
  const recorded = said.slice(0, MOST_STATEMENTS);
  const keys = [...new Set(recorded.flatMap(({ from, to }) => [from, to]))];
  const nodes = await graph.nodes(viewer, keys);
  const known = await completed(graph, viewer, { nodes, edges: [], recorded });
  return {
    document: exportedDocument(known, pidBase, true),
    truncated: said.length > MOST_STATEMENTS,
  };
}

const TOO_EXPENSIVE = 'This takes too long; ask for a smaller depth.';

/** A part of the graph; truncated: there is more of it. */
interface Part {
  readonly known: KnownLineage;
  readonly truncated: boolean;
}

async function lineageFor(
  { lineage, graph }: ExportPorts,
  { viewer }: Reader,
  { id, direction, depth }: LineageAsked,
  ...path: string[]
): Promise<Part> {
  if (!Number.isInteger(depth) || depth < 1 || depth > MOST_HOPS)
    refuse('BAD_USER_INPUT', `The depth is 1 to ${MOST_HOPS}.`, ...path, 'depth');
  const start = (await lineage.find(viewer, [id])).get(id);
  if (start === undefined)
    refuse('NOT_FOUND', 'Nothing with this id or pid exists that you may see.', ...path, 'id');
  const reach = await lineageReach(lineage, viewer, start.key, direction, depth, MOST_STATEMENTS / 2);
  const reached = await graph.nodes(viewer, reach.keys);
  const nodes = [...reached, ...(await withdrawersIn(graph, lineage, viewer, reached))];
  const { known, truncated } = await knownAmong(graph, viewer, nodes);
  return { known, truncated: truncated || reach.truncated };
}

/** These nodes and what is between them, as far as a document has room for it. */
async function knownAmong(
  graph: GraphReader,
  viewer: Viewer,
  nodes: readonly KnownNode[],
  shows?: ShownPart['shows'],
): Promise<Part> {
  const room = MOST_STATEMENTS - nodes.length;
  const keys = nodes.map(({ key }) => key);
  // One more than there is room for tells that there is more.
  const edges = await graph.edges(keys, room + 1);
  const recorded = await graph.recorded(viewer, keys, room + 1);
  const known = await completed(graph, viewer, {
    nodes,
    edges: edges.slice(0, room),
    recorded: recorded.slice(0, room),
    ...(shows === undefined ? {} : { shows }),
  });
  return { known, truncated: edges.length > room || recorded.length > room };
}

/** No lineage leads to them (domain/withdrawal.ts); who reads that something was withdrawn reads by whom. */
async function withdrawersIn(
  graph: GraphReader,
  lineage: LineageStore,
  viewer: Viewer,
  nodes: readonly KnownNode[],
): Promise<KnownNode[]> {
  const withdrawals = nodes.filter(({ subtype }) => subtype === 'WITHDRAWAL').map(({ key }) => key);
  if (withdrawals.length === 0) return [];
  const known = new Set(nodes.map(({ key }) => key));
  const named = (await lineage.agentsOf(viewer, withdrawals)).map(({ to }) => to);
  return graph.nodes(
    viewer,
    [...new Set(named)].filter((key) => !known.has(key)),
  );
}

/** With the records, and what relations and records speak of beside. */
async function completed(
  graph: GraphReader,
  viewer: Viewer,
  part: Omit<KnownLineage, 'records'>,
): Promise<KnownLineage> {
  const { nodes, recorded, shows = () => true } = part;
  const told = recorded.filter(shows);
  const records = await graph.records(viewer, [
    ...new Set(told.map(({ recordId }: RecordedEdge) => recordId)),
  ]);
  const known = new Set(nodes.map(({ id }) => id));
  const others = alsoNamed({ recorded: told, records }).filter((id) => !known.has(id));
  const beside = others.length === 0 ? [] : await graph.nodesById(viewer, others);
  return { ...part, nodes: [...nodes, ...beside], records };
}
