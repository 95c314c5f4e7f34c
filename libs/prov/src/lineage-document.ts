// What a graph of provenance knows, said in PROV: nodes become elements, edges the statements of PROV-DM with their arguments
// the right way round. It says what it is told and infers nothing.
import { ofType, type Attribute, type Bundle, type ProvDocument } from './document.js';
import type { Statement, Value } from './document.js';
import { STRING } from './literals.js';
import type { Iri, Namespaces } from './namespaces.js';
import { argumentsOf, PROV, XSD, type StatementKind } from './terms.js';
import { readTime } from './times.js';

/** A text, a number or a truth, something named, or a literal of a type of its own. */
export type FactValue = string | number | boolean | Value;
/** By the IRI of the attribute. */
export type Facts = Readonly<Record<Iri, FactValue | readonly FactValue[]>>;

export interface LineageNode {
  readonly iri: Iri;
  /** HIDDEN: the reader may know that something is there, not what; it only influences. */
  readonly kind: 'ENTITY' | 'ACTIVITY' | 'AGENT' | 'HIDDEN';
  readonly name?: string;
  /** IRIs, such as `prov:Person`'s. */
  readonly types?: readonly Iri[];
  /** Of an activity: `xsd:dateTime`; one without an offset is taken for UTC. */
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly facts?: Facts;
}

/** From the later to the earlier, from the special to the general, from the collection to its member, from the delegate to the one responsible. */
export interface LineageEdge {
  readonly relation: LineageRelation;
  readonly from: Iri;
  readonly to: Iri;
  /** Of its own, where a derivation speaks of it. */
  readonly id?: Iri;
  readonly role?: string | { readonly iri: Iri };
  readonly time?: string;
  /** Of an association: what was followed. */
  readonly plan?: Iri;
  /** Of a derivation: by which; of a delegation: for which. */
  readonly activity?: Iri;
  /** Of a derivation: ids of these edges; said where its activity is known, without which they mean nothing. */
  readonly generation?: Iri;
  readonly usage?: Iri;
  readonly facts?: Facts;
  /** Which records assert it; none, if the graph itself does. */
  readonly records?: readonly Iri[];
}

/** A lodged record: provenance of provenance. */
export interface LineageRecord {
  readonly iri: Iri;
  readonly name?: string;
  /** The activity that lodged it, and when. */
  readonly lodgedBy?: Iri;
  readonly lodgedAt?: string;
  /** The agent whose word it is. */
  readonly attributedTo?: Iri;
}

export interface Lineage {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
  readonly records: readonly LineageRecord[];
}

interface Relation {
  readonly kind: StatementKind;
  readonly from: string;
  readonly to: string;
  /** The kind of a derivation. */
  readonly type?: Iri;
  /** What an activity is called that stands where `to` would be an entity. */
  readonly toActivity?: string;
}

const DERIVATION = { kind: 'wasDerivedFrom', from: 'generatedEntity', to: 'usedEntity' } as const;

export const LINEAGE_RELATIONS = {
  USED: { kind: 'used', from: 'activity', to: 'entity' },
  WAS_GENERATED_BY: { kind: 'wasGeneratedBy', from: 'entity', to: 'activity' },
  WAS_INVALIDATED_BY: { kind: 'wasInvalidatedBy', from: 'entity', to: 'activity' },
  WAS_DERIVED_FROM: DERIVATION,
  WAS_REVISION_OF: { ...DERIVATION, type: `${PROV}Revision` },
  WAS_QUOTED_FROM: { ...DERIVATION, type: `${PROV}Quotation` },
  HAD_PRIMARY_SOURCE: { ...DERIVATION, type: `${PROV}PrimarySource` },
  WAS_ATTRIBUTED_TO: { kind: 'wasAttributedTo', from: 'entity', to: 'agent' },
  WAS_ASSOCIATED_WITH: { kind: 'wasAssociatedWith', from: 'activity', to: 'agent' },
  ACTED_ON_BEHALF_OF: { kind: 'actedOnBehalfOf', from: 'delegate', to: 'responsible' },
  WAS_INFORMED_BY: { kind: 'wasInformedBy', from: 'informed', to: 'informant' },
  WAS_STARTED_BY: { kind: 'wasStartedBy', from: 'activity', to: 'trigger', toActivity: 'starter' },
  WAS_ENDED_BY: { kind: 'wasEndedBy', from: 'activity', to: 'trigger', toActivity: 'ender' },
  WAS_INFLUENCED_BY: { kind: 'wasInfluencedBy', from: 'influencee', to: 'influencer' },
  SPECIALIZATION_OF: { kind: 'specializationOf', from: 'specificEntity', to: 'generalEntity' },
  ALTERNATE_OF: { kind: 'alternateOf', from: 'alternate1', to: 'alternate2' },
  HAD_MEMBER: { kind: 'hadMember', from: 'collection', to: 'entity' },
} as const satisfies Readonly<Record<string, Relation>>;

export type LineageRelation = keyof typeof LINEAGE_RELATIONS;

/**
 * The lineage as one document.
 * @param bundled each record is a bundle that holds what it asserts (an edge of several records stands in each of them);
 *   else all stands in the document itself, and records are only described.
 */
export function lineageDocument(lineage: Lineage, namespaces: Namespaces, bundled: boolean): ProvDocument {
  const { nodes, edges, records } = lineage;
  const known = new Map(nodes.map((node) => [node.iri, node]));
  const said = edges.map((edge) => ({ edge, statement: statementOf(edge, known) }));
  const held = new Map<Iri, Said[]>((bundled ? records : []).map(({ iri }) => [iri, []]));
  const own: Statement[] = [];
  for (const one of said) {
    const asserted = (one.edge.records ?? []).filter((record) => held.has(record));
    for (const record of asserted) held.get(record)?.push(one);
    if (asserted.length === 0) own.push(one.statement);
  }
  const bundles = [...held].map(([id, list]) => bundleOf(id, list, known, namespaces));
  return {
    namespaces,
    statements: [
      ...nodes.flatMap(declaration),
      ...records.flatMap((record) => recordStatements(record, known)),
      ...own,
    ],
    bundles,
  };
}

interface Said {
  readonly edge: LineageEdge;
  readonly statement: Statement;
}

/** Each bundle stands for itself: what it speaks of is declared in it, and described outside. */
function bundleOf(
  id: Iri,
  held: readonly Said[],
  known: ReadonlyMap<Iri, LineageNode>,
  namespaces: Namespaces,
): Bundle {
  const ends = new Set(held.flatMap(({ edge: { from, to, plan, activity } }) => [from, to, plan, activity]));
  const declared = [...ends].flatMap((end) => known.get(end ?? '') ?? []);
  return {
    id,
    namespaces,
    statements: [
      ...declared.flatMap(({ iri, kind }) => declaration({ iri, kind })),
      ...held.map(({ statement }) => statement),
    ],
  };
}

function declaration(node: LineageNode): Statement[] {
  if (node.kind === 'HIDDEN') return [];
  const kind = ({ ENTITY: 'entity', ACTIVITY: 'activity', AGENT: 'agent' } as const)[node.kind];
  const times = { startTime: timeOf(node.startedAt), endTime: timeOf(node.endedAt) };
  const attributes: Attribute[] = [
    ...(node.name === undefined ? [] : [attribute('label', { text: node.name, datatype: STRING })]),
    ...(node.types ?? []).map((iri) => attribute('type', { iri })),
    ...attributesOf(node.facts),
  ];
  return [{ kind, id: node.iri, args: kind === 'activity' ? times : {}, attributes }];
}

const EXTRA = ['time', 'plan', 'activity', 'generation', 'usage'] as const;

function statementOf(edge: LineageEdge, known: ReadonlyMap<Iri, LineageNode>): Statement {
  const { id, from, to, role, facts } = edge;
  const ends = [from, to].map((iri) => known.get(iri)?.kind);
  const relation: Relation = LINEAGE_RELATIONS[ends.includes('HIDDEN') ? 'WAS_INFLUENCED_BY' : edge.relation];
  const { kind, type, toActivity } = relation;
  const toAs = toActivity !== undefined && ends[1] === 'ACTIVITY' ? toActivity : relation.to;
  const args: Record<string, string | undefined> = {};
  for (const name of EXTRA)
    if (argumentsOf(kind).includes(name)) args[name] = name === 'time' ? timeOf(edge.time) : edge[name];
  if (kind === 'wasDerivedFrom' && args['activity'] === undefined)
    args['generation'] = args['usage'] = undefined;
  const attributes = [
    ...(role === undefined ? [] : [attribute('role', valueOf(role))]),
    ...attributesOf(facts),
  ];
  const statement: Statement = { kind, id, args: { ...args, [relation.from]: from, [toAs]: to }, attributes };
  return type === undefined ? statement : ofType(statement, type);
}

/** The record as an entity, and where it is from. */
function recordStatements(record: LineageRecord, known: ReadonlyMap<Iri, LineageNode>): Statement[] {
  const { iri, name, lodgedBy, lodgedAt, attributedTo } = record;
  const declare = (node: LineageNode): Statement[] => (known.has(node.iri) ? [] : declaration(node));
  const args = { entity: iri };
  return [
    ...declare({ iri, kind: 'ENTITY', name, types: [`${PROV}Bundle`] }),
    ...(lodgedBy === undefined ? [] : declare({ iri: lodgedBy, kind: 'ACTIVITY' })),
    ...(attributedTo === undefined ? [] : declare({ iri: attributedTo, kind: 'AGENT' })),
    ...(lodgedBy === undefined && lodgedAt === undefined
      ? []
      : [relating('wasGeneratedBy', { ...args, activity: lodgedBy, time: timeOf(lodgedAt) })]),
    ...(attributedTo === undefined ? [] : [relating('wasAttributedTo', { ...args, agent: attributedTo })]),
  ];
}

const relating = (kind: StatementKind, args: Statement['args']): Statement => ({
  kind,
  id: undefined,
  args,
  attributes: [],
});

const attribute = (word: string, value: Value): Attribute => ({ name: PROV + word, value });

const attributesOf = (facts: Facts = {}): Attribute[] =>
  Object.entries(facts).flatMap(([name, given]) =>
    (isSeveral(given) ? given : [given]).map((value) => ({ name, value: valueOf(value) })),
  );

const isSeveral = (given: FactValue | readonly FactValue[]): given is readonly FactValue[] =>
  Array.isArray(given);

function valueOf(given: FactValue): Value {
  if (typeof given === 'string') return { text: given, datatype: STRING };
  if (typeof given === 'boolean') return { text: String(given), datatype: `${XSD}boolean` };
  if (typeof given === 'number') return { text: String(given), datatype: XSD + numberType(given) };
  return given;
}

const numberType = (given: number): string =>
  !Number.isInteger(given) ? 'double' : Math.abs(given) < 2 ** 31 ? 'int' : 'integer';

/** Always with an offset. */
function timeOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const time = readTime(given);
  if (time === undefined) throw new RangeError(`"${given}" is no xsd:dateTime`);
  return time;
}
