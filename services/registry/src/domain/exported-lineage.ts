// A part of the graph as a document of PROV (reference/provenance-and-console.md A.1.2). Pure; what may be told was decided before.
import { canonicalEnvironment } from '@weft/contracts';
import {
  lineageDocument,
  PROV,
  type Facts,
  type Lineage,
  type LineageEdge,
  type LineageNode,
} from '@weft/prov';
import { delegationsOfJobs, isWithinActivities } from './delegation.js';
import { detailsOf, type EdgeAttribute, type EdgeDetail } from './edge-detail.js';
import { ROLES, WORKER_ROLES } from './finished-job.js';
import { recordIdOfJob } from './job-record.js';
import type { NodeFacts, ProvenanceNode, Relation } from './node.js';
import { iriOfId, iriOfJob, iriOfPid, VOCABULARY } from './node-iri.js';
import type { ProvDocument } from './prov-document.js';

/** Things and relations in one document; what a bundle repeats of them is not counted. */
export const MOST_STATEMENTS = 10_000;
export const MOST_HOPS = 10;

export type KnownNode = ProvenanceNode & {
  /** Null: nobody registered it. */
  readonly pid: string | null;
  /** When an activity that was registered took place, as its metadata says. */
  readonly during: { readonly start: string | null; readonly end: string | null };
  /** Of a dataset: the file that it holds, where crates and events name it and the reader may have it. */
  readonly file?: HeldFile;
};

export interface HeldFile {
  readonly artifactId: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** From the later to the earlier, by keys. */
export interface KnownEdge {
  readonly from: number;
  readonly relation: Relation;
  readonly to: number;
  readonly role: string;
}

export interface RecordedEdge extends KnownEdge {
  readonly recordId: string;
  readonly detail: EdgeDetail | null;
}

export interface KnownRecord {
  readonly id: string;
  readonly name: string;
  readonly lodgedAt: Date;
  readonly jobId: string | null;
  /** Public id of the agent whose word it is; it is named where the reader may read of it. Null: the platform's own. */
  readonly agentId: string | null;
}

export interface KnownLineage {
  readonly nodes: readonly KnownNode[];
  readonly edges: readonly KnownEdge[];
  readonly recorded: readonly RecordedEdge[];
  readonly records: readonly KnownRecord[];
  /** Of the relations only these are told; every one where it is absent. */
  readonly shows?: (edge: Omit<KnownEdge, 'role'>) => boolean;
}

/** @param bundled each record as a bundle; else all stands in the document itself. */
export const exportedDocument = (known: KnownLineage, pidBase: string, bundled: boolean): ProvDocument =>
  lineageDocument(lineageOf(known, pidBase), NAMESPACES, bundled);

const NAMESPACES = {
  prefixes: new Map([
    ['weft', VOCABULARY],
    ['uuid', iriOfId('')],
  ]),
  fallback: undefined,
};

/** Public ids of what relations speak of beside their ends. */
export const alsoNamed = ({ recorded, records }: Pick<KnownLineage, 'recorded' | 'records'>): string[] => [
  ...new Set([
    ...recorded.flatMap(({ detail }) =>
      detailsOf(detail).flatMap(({ plan, activity }) => [plan ?? [], activity ?? []].flat()),
    ),
    ...records.flatMap(({ agentId }) => agentId ?? []),
  ]),
];

function lineageOf({ nodes, edges, recorded, records, shows }: KnownLineage, pidBase: string): Lineage {
  const iris = irisOf(nodes, pidBase);
  const byId = new Map(nodes.map((node) => [node.id, iris.get(node.key) as string]));
  const ends = ({ from, to, relation }: KnownEdge) => {
    if (shows?.({ from, to, relation }) === false) return [];
    const [fromIri, toIri] = [iris.get(from), iris.get(to)];
    return fromIri === undefined || toIri === undefined ? [] : [{ from: fromIri, to: toIri, relation }];
  };
  const asserted = new Set(recorded.map(keyOf));
  const unasserted = edges.filter((edge) => !asserted.has(keyOf(edge)));
  const own = unasserted
    .filter((edge) => !isWithinActivities(edge))
    .flatMap((edge) =>
      ends(edge).map((one): LineageEdge => ({ ...one, ...(edge.role === '' ? {} : { role: edge.role }) })),
    );
  const recordOf = new Map(nodes.map(({ key, id }) => [key, recordIdOfJob(id)]));
  const ofJobs = recorded.filter(({ from, recordId }) => recordOf.get(from) === recordId);
  const delegations = delegationsOfJobs([...unasserted, ...ofJobs], {
    workers: WORKER_ROLES,
    submitter: ROLES.submitter,
  }).flatMap(({ activity, ...delegation }) =>
    ends({ ...delegation, relation: 'ACTED_ON_BEHALF_OF', role: '' }).map((one): LineageEdge => ({
      ...one,
      ...(iris.has(activity) ? { activity: iris.get(activity) as string } : {}),
      records: [iriOfId(recordOf.get(activity) ?? '')],
    })),
  );
  const told = recorded.flatMap((edge) =>
    ends(edge).flatMap((one) =>
      detailsOf(edge.detail).map((detail): LineageEdge => ({
        ...one,
        ...saidOf(edge, detail, byId),
        records: [iriOfId(edge.recordId)],
      })),
    ),
  );
  return {
    nodes: nodes.map((node) => exportedNode(node, iris.get(node.key) as string)),
    edges: [...own, ...delegations, ...told],
    records: records.map(({ id, name, lodgedAt, jobId, agentId }) => ({
      iri: iriOfId(id),
      name,
      lodgedAt: lodgedAt.toISOString(),
      ...(jobId === null ? {} : { lodgedBy: iriOfJob(jobId) }),
      ...(agentId !== null && byId.has(agentId) ? { attributedTo: byId.get(agentId) as string } : {}),
    })),
  };
}

const keyOf = ({ from, relation, to, role }: KnownEdge): string => `${from} ${relation} ${to} ${role}`;

/** Each node under a name of its own: an imported thing that is called as something else here is known by its id. */
function irisOf(nodes: readonly KnownNode[], pidBase: string): ReadonlyMap<number, string> {
  const iris = new Map<number, string>();
  const taken = new Set<string>();
  const imported = nodes.filter(({ facts }) => facts.iri !== undefined && !facts.iri.startsWith('_:'));
  const others = nodes.filter((node) => !imported.includes(node));
  for (const { key, id, pid } of others) {
    const iri = pid === null ? iriOfId(id) : iriOfPid(pid, pidBase);
    iris.set(key, iri);
    taken.add(iri);
  }
  for (const { key, id, facts } of imported) {
    const iri = facts.iri !== undefined && !taken.has(facts.iri) ? facts.iri : iriOfId(id);
    iris.set(key, iri);
    taken.add(iri);
  }
  return iris;
}

const TYPES: Readonly<Record<string, string>> = {
  PERSON: 'Person',
  USER: 'Person',
  ORGANISATION: 'Organization',
  OWNING_ORGANIZATION: 'Organization',
  SOFTWARE_AGENT: 'SoftwareAgent',
  RECORD: 'Bundle',
  MODEL_RUN_WORKFLOW_TEMPLATE: 'Plan',
  JOB_DEFINITION: 'Plan',
  SERVICE_VERSION: 'Plan',
};

function exportedNode(node: KnownNode, iri: string): LineageNode {
  const { kind, subtype, name, facts, during } = node;
  const type = TYPES[subtype];
  const imported = facts.types ?? [];
  const times =
    kind === 'ACTIVITY' ? { start: facts.startedAt ?? during.start, end: facts.endedAt ?? during.end } : {};
  return {
    ...{ iri, kind, name },
    types:
      subtype === 'IMPORTED'
        ? imported
        : [...(type === undefined ? [] : [PROV + type]), VOCABULARY + pascal(subtype)],
    ...(typeof times.start === 'string' ? { startedAt: times.start } : {}),
    ...(typeof times.end === 'string' ? { endedAt: times.end } : {}),
    facts: factsOf(facts),
  };
}

const TOLD = [
  'sha256',
  'jobId',
  'itemIndex',
  'artifactId',
  'serviceVersionId',
  'definitionId',
  'definitionVersion',
  'runtime',
  'targetId',
  'environmentDigest',
  'outcome',
  'submittedAt',
  'deletedAt',
] as const;

const factsOf = (facts: NodeFacts): Facts =>
  Object.fromEntries([
    ...TOLD.flatMap((name) => {
      const value = facts[name];
      return value === undefined ? [] : [[VOCABULARY + name, value]];
    }),
    // The very text that the digest is of.
    ...(facts.environment === undefined
      ? []
      : [[`${VOCABULARY}environment`, canonicalEnvironment(facts.environment)]]),
  ]);

const pascal = (subtype: string): string =>
  subtype
    .toLowerCase()
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

function saidOf(
  edge: RecordedEdge,
  detail: EdgeDetail,
  byId: ReadonlyMap<string, string>,
): Omit<LineageEdge, 'from' | 'to' | 'relation'> {
  const { recordId, role } = edge;
  const { time, plan, activity, reason, attributes, mentionedIn } = detail;
  const statement = (name: string | undefined): string | undefined =>
    name?.startsWith('_:') === true ? `${iriOfId(recordId)}/${name.slice(2)}` : name;
  const said = {
    // Where an import tells attributes the role is among them.
    role: attributes === undefined && role !== '' && !isWithinActivities(edge) ? role : undefined,
    time,
    plan: plan === undefined ? undefined : byId.get(plan),
    activity: activity === undefined ? undefined : byId.get(activity),
    id: statement(detail.id),
    generation: statement(detail.generation),
    usage: statement(detail.usage),
    facts: {
      ...factsOfAttributes(attributes ?? []),
      ...(reason === undefined ? {} : { [`${VOCABULARY}reason`]: reason }),
      ...(mentionedIn === undefined ? {} : { [`${VOCABULARY}mentionedIn`]: { iri: mentionedIn } }),
    },
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function factsOfAttributes(attributes: readonly EdgeAttribute[]): Facts {
  const named = Map.groupBy(attributes, ({ name }) => name);
  return Object.fromEntries([...named].map(([name, all]) => [name, all.map(({ value }) => value)]));
}
