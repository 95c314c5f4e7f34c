// What a report tells, read with the rights of the user who asked for it.
import { AppError } from '@weft/errors';
import { LINEAGE_LIMITS, type Direction } from '../domain/lineage.js';
import type { ProvenanceNode } from '../domain/node.js';
import { REPORT_LIMITS } from '../domain/report.js';
import { RESOURCE_KINDS, type CollectedReport, type ReportedLink } from '../domain/report-content.js';
import { detailsOf, namedBy, type ItemDetails } from '../domain/report-details.js';
import { readLineage } from './read-lineage.js';
import type { BegunReport, ReportPorts } from './report-ports.js';

type Nodes = Map<number, ProvenanceNode>;

/** Items read at a time: their metadata may be long, and little of it stays. */
const CHUNK = 100;

const isRun = ({ subtype }: ProvenanceNode): boolean => subtype === 'MODEL_RUN';
const isResource = ({ subtype }: ProvenanceNode): boolean => RESOURCE_KINDS[subtype] !== undefined;
const isTeam = ({ subtype }: ProvenanceNode): boolean => subtype === 'PERSON' || subtype === 'ORGANISATION';

export async function collectReport(ports: ReportPorts, begun: BegunReport): Promise<CollectedReport> {
  const { lineage: store, items } = ports;
  const { viewer, depth, userId } = begun;
  const walks = walker(ports, begun);
  const subject = await walks.start(begun.itemId);
  const isStudy = subject.subtype === 'STUDY';
  const below = await walks.from(subject, 'DOWNSTREAM', 1);
  const branches = isStudy ? below.filter(isRun) : [subject];
  const own = branches.slice(0, REPORT_LIMITS.rows);

  const upstream: Nodes = new Map();
  const outputs: Nodes = new Map();
  for (const run of own) {
    for (const node of await walks.from(run, 'UPSTREAM', depth)) upstream.set(node.key, node);
    const made = isStudy ? await walks.from(run, 'DOWNSTREAM', 1) : below;
    for (const node of made) if (node.subtype === 'DATASET') outputs.set(node.key, node);
  }
  const runs: Nodes = new Map(own.map((run) => [run.key, run]));
  for (const node of upstream.values()) if (isRun(node)) runs.set(node.key, node);

  const shown = {
    runs: cut(runs.values()),
    inputs: cut([...upstream.values()].filter(isResource)),
    outputs: cut(outputs.values()),
  };
  const details = new Map<number, ItemDetails>();
  await readDetails(
    ports,
    [subject, ...shown.runs.rows, ...shown.inputs.rows, ...shown.outputs.rows],
    details,
  );
  const named = await readNamed(ports, begun, shown.runs.rows, details);

  const agents: Nodes = new Map();
  for (const node of [...upstream.values(), ...named.found.values()])
    if (isTeam(node)) agents.set(node.key, node);
  const speaking = [...shown.runs.rows, ...shown.outputs.rows];
  const besides = await store.agentsOf(viewer, [...new Set(speaking.map(({ key }) => key))]);
  for (const [key, node] of await store.nodes(viewer, [...new Set(besides.map(({ to }) => to))]))
    if (isTeam(node)) agents.set(key, node);
  const team = cut(agents.values());
  const studies = [...upstream.values()].filter(({ subtype }) => subtype === 'STUDY');
  await readDetails(ports, [...team.rows, ...named.found.values(), ...studies], details);

  const person = await items.personOf(viewer, userId);
  return {
    subject,
    depth,
    generatedAt: begun.now,
    generatedFor: person?.name ?? `User ${userId}`,
    runs: shown.runs.rows,
    inputs: shown.inputs.rows,
    outputs: shown.outputs.rows,
    team: team.rows,
    links: [...walks.links(), ...(await store.relations(besides, null))],
    details,
    named: new Map([...named.found, ...studies.map((study) => [study.id, study] as const)]),
    pidBase: ports.pidBase,
    hides: walks.hides() || named.hides,
    isPartial: walks.isPartial(),
    truncated: {
      runs: shown.runs.isCut || branches.length > own.length,
      inputs: shown.inputs.isCut,
      outputs: shown.outputs.isCut,
      team: team.isCut,
    },
  };
}

function cut(nodes: Iterable<ProvenanceNode>): { rows: ProvenanceNode[]; isCut: boolean } {
  const all = [...nodes];
  return { rows: all.slice(0, REPORT_LIMITS.rows), isCut: all.length > REPORT_LIMITS.rows };
}

/** Walks of one reader: what they may read is bounded together. */
function walker({ lineage }: ReportPorts, { viewer }: BegunReport) {
  const reader = readLineage(() => viewer, lineage);
  const links = new Map<string, ReportedLink>();
  let hides = false;
  let isPartial = false;
  return {
    links: () => links.values(),
    hides: () => hides,
    isPartial: () => isPartial,
    async start(id: string): Promise<ProvenanceNode> {
      const node = await reader.start(id);
      if (node === null)
        throw new AppError('NOT_FOUND', 'The user who asked may not read the item any more.');
      return node;
    },
    async from(node: ProvenanceNode, direction: Direction, depth: number): Promise<ProvenanceNode[]> {
      const answer = await reader.lineage(node, {
        ...{ direction, depth, relations: null, filter: { kinds: null, subtypes: null } },
        ...{ first: LINEAGE_LIMITS.page, after: undefined },
      });
      const { entries, hasNextPage } = await answer.page();
      const told = await answer.links();
      for (const { related } of told.links)
        if (related !== null)
          links.set(`${related.from} ${related.to} ${related.relation} ${related.role}`, related);
      hides ||= answer.hiddenParts() > 0;
      isPartial ||= answer.truncation !== null || hasNextPage || !told.complete;
      return entries.map((entry) => entry.node);
    },
  };
}

async function readDetails(
  { items }: ReportPorts,
  nodes: readonly ProvenanceNode[],
  details: Map<number, ItemDetails>,
): Promise<void> {
  const keys = [...new Set(nodes.map(({ key }) => key))].filter((key) => !details.has(key));
  for (let from = 0; from < keys.length; from += CHUNK)
    for (const item of await items.records(keys.slice(from, from + CHUNK)))
      details.set(item.key, detailsOf(item));
}

/** What runs name in their metadata beside the graph, as far as the reader may see it. */
async function readNamed(
  { items, lineage }: ReportPorts,
  { viewer }: BegunReport,
  runs: readonly ProvenanceNode[],
  details: ReadonlyMap<number, ItemDetails>,
): Promise<{ found: Map<string, ProvenanceNode>; hides: boolean }> {
  const references = new Set(
    runs.flatMap(({ key }) => {
      const run = details.get(key)?.run;
      return run == null ? [] : namedBy(run);
    }),
  );
  const ids = await items.idsOf([...references]);
  const nodes = await lineage.find(viewer, [...new Set(ids.values())]);
  const found = new Map<string, ProvenanceNode>();
  for (const reference of references) {
    const node = nodes.get(ids.get(reference) ?? '');
    if (node !== undefined) found.set(reference, node);
  }
  return { found, hides: found.size < references.size };
}
