// A document of others as what the graph can hold of it: things, each once, and relations between them, set by set. Pure.
import { done, refused, userError, type Outcome } from '@weft/errors';
import {
  LINEAGE_RELATIONS,
  PROV,
  statementsOf,
  violationsOf,
  type Attribute,
  type Statement,
  type StatementSet,
} from '@weft/prov';
import type { EdgeAttribute, EdgeDetail } from './edge-detail.js';
import type { NodeKind, Relation } from './node.js';
import { readDocument, toldViolations, type ReadNotation, type ToldViolation } from './prov-document.js';
import { ThingCollector, type ImportedThing } from './imported-things.js';
import { shortened } from './text-rules.js';

/** How much one import brings. */
export const IMPORT_LIMITS = { statements: 20_000, bundles: 1_000 } as const;

/** Things are named by their place in the list of all. */
type OfThings<Detail> = Omit<Detail, 'plan' | 'activity' | 'others'> & {
  readonly plan?: number;
  readonly activity?: number;
};
export type ImportedDetail = OfThings<EdgeDetail>;

export interface ImportedEdge {
  readonly from: number;
  readonly relation: Relation;
  readonly to: number;
  readonly role: string;
  /** Of each statement of this relation, in their order. */
  readonly details: readonly ImportedDetail[];
}

/** What the document itself states, or one bundle of it. */
export interface ImportedSet {
  readonly iri: string | null;
  readonly statementCount: number;
  readonly things: readonly number[];
  readonly edges: readonly ImportedEdge[];
}

export interface ImportedDocument {
  readonly violationCount: number;
  readonly firstViolation: ToldViolation | null;
  readonly things: readonly ImportedThing[];
  /** The document's own first. */
  readonly sets: readonly ImportedSet[];
}

export function importedDocument(text: string, notation: ReadNotation): Outcome<ImportedDocument> {
  const read = readDocument(text, notation);
  if (!read.ok) return read;
  const { value: document } = read;
  const statementCount = statementsOf(document).size - document.bundles.length;
  if (statementCount > IMPORT_LIMITS.statements || document.bundles.length > IMPORT_LIMITS.bundles)
    return refused(
      userError(
        'PAYLOAD_TOO_LARGE',
        `An import has at most ${IMPORT_LIMITS.statements} statements in at most ${IMPORT_LIMITS.bundles} bundles; this has ${statementCount} in ${document.bundles.length}. Divide it.`,
        'input',
        'text',
      ),
    );
  const violations = violationsOf(document);
  const things = new ThingCollector(document);
  const sets = [
    setOf(null, document, things),
    ...document.bundles.map((bundle) => setOf(bundle.id, bundle, things)),
  ];
  return done({
    violationCount: violations.length,
    firstViolation: toldViolations(document, violations.slice(0, 1))[0] ?? null,
    things: things.all,
    sets,
  });
}

function setOf(
  iri: string | null,
  { namespaces, statements }: StatementSet,
  things: ThingCollector,
): ImportedSet {
  const own = new Set<number>();
  const edges = new Map<string, { edge: ImportedEdge; details: ImportedDetail[]; known: Set<string> }>();
  const thing = (name: string | undefined, kind: NodeKind | undefined): number | undefined => {
    if (name === undefined) return undefined;
    const place = things.place(name, kind);
    own.add(place);
    return place;
  };
  for (const statement of statements) {
    for (const { from, relation, to, ...said } of relationsOf(statement, thing)) {
      const role = roleOf(statement.attributes);
      const key = JSON.stringify([from, relation, to, role]);
      const detail = detailOf(statement, said);
      const known = edges.get(key) ?? {
        edge: { from, relation, to, role, details: [] },
        details: [],
        known: new Set<string>(),
      };
      edges.set(key, known);
      const written = JSON.stringify(detail);
      if (!known.known.has(written)) known.details.push(detail);
      known.known.add(written);
    }
  }
  return {
    iri,
    statementCount: statementsOf({ namespaces, statements, bundles: [] }).size,
    things: [...own],
    edges: [...edges.values()].map(({ edge, details }) => ({ ...edge, details })),
  };
}

interface Related {
  readonly from: number;
  readonly relation: Relation;
  readonly to: number;
  readonly plan: number | undefined;
  readonly activity: number | undefined;
  /** It is the statement that its id names; the other half of one with two ends is not. */
  readonly isNamed: boolean;
}

type Named = (name: string | undefined, kind: NodeKind | undefined) => number | undefined;

const FORMS = Object.entries(LINEAGE_RELATIONS) as [Relation, (typeof LINEAGE_RELATIONS)[Relation]][];

/** Nothing where one end is not said, and of dictionaries: there is no relation for them, and the record keeps the text. */
function relationsOf(statement: Statement, thing: Named): Related[] {
  const { kind, args, id } = statement;
  if (kind === 'entity' || kind === 'activity' || kind === 'agent') {
    thing(id, ({ entity: 'ENTITY', activity: 'ACTIVITY', agent: 'AGENT' } as const)[kind]);
    return [];
  }
  const form = formOf(statement);
  if (form === undefined) return [];
  const [relation, { from: fromName, to: toName, ...more }] = form;
  const of = (name: string): number | undefined => thing(args[name], KIND_OF_ARGUMENT[name]);
  const starter = 'toActivity' in more ? of(more.toActivity) : undefined;
  const [from, to] = [of(fromName), of(toName)];
  // An argument that is an end already is no third thing.
  const plan = kind === 'wasAssociatedWith' ? of('plan') : undefined;
  const hasActivity = kind === 'wasDerivedFrom' || kind === 'actedOnBehalfOf';
  const activity = hasActivity ? of('activity') : undefined;
  const ends = [to, starter].filter((end) => end !== undefined);
  return from === undefined
    ? []
    : ends.map((end, at) => ({ from, relation, to: end, plan, activity, isNamed: at === 0 }));
}

function formOf({ kind, attributes }: Statement): (typeof FORMS)[number] | undefined {
  const wanted = kind === 'mentionOf' ? 'specializationOf' : kind;
  const forms = FORMS.filter(([, form]) => form.kind === wanted);
  const types = attributes.flatMap(({ name, value }) => (name === TYPE && 'iri' in value ? value.iri : []));
  return (
    forms.find(([, form]) => types.includes(typeOf(form) ?? '')) ??
    forms.find(([, form]) => typeOf(form) === undefined)
  );
}

const typeOf = (form: object): string | undefined => ('type' in form ? String(form.type) : undefined);

const TYPE = `${PROV}type`;
const ROLE = `${PROV}role`;

/** What stands in such a place is of this kind (PROV-CONSTRAINTS 50); an influence says nothing of the kinds of its ends. */
const KIND_OF_ARGUMENT: Readonly<Record<string, NodeKind>> = {
  ...{ entity: 'ENTITY', generatedEntity: 'ENTITY', usedEntity: 'ENTITY', trigger: 'ENTITY', plan: 'ENTITY' },
  ...{ collection: 'ENTITY', specificEntity: 'ENTITY', generalEntity: 'ENTITY' },
  ...{ alternate1: 'ENTITY', alternate2: 'ENTITY' },
  ...{
    activity: 'ACTIVITY',
    informed: 'ACTIVITY',
    informant: 'ACTIVITY',
    starter: 'ACTIVITY',
    ender: 'ACTIVITY',
  },
  ...{ agent: 'AGENT', delegate: 'AGENT', responsible: 'AGENT' },
};

function detailOf(
  statement: Statement,
  { plan, activity, isNamed }: Pick<Related, 'plan' | 'activity' | 'isNamed'>,
): ImportedDetail {
  const { kind, id, args, attributes } = statement;
  const type = typeOf(formOf(statement)?.[1] ?? {});
  const more = attributes.filter(
    ({ name, value }) => !(name === TYPE && 'iri' in value && value.iri === type),
  );
  const detail = {
    id: isNamed ? id : undefined,
    time: args['time'],
    plan,
    activity,
    generation: args['generation'],
    usage: args['usage'],
    mentionedIn: kind === 'mentionOf' ? args['bundle'] : undefined,
    attributes: more.length === 0 ? undefined : more.map((one): EdgeAttribute => one),
  };
  return Object.fromEntries(
    Object.entries(detail).filter(([, value]) => value !== undefined),
  ) as ImportedDetail;
}

const LONGEST_ROLE = 100;

/** Tells statements about the same two things apart; the whole of it is among the attributes. */
function roleOf(attributes: readonly Attribute[]): string {
  const value = attributes.find(({ name }) => name === ROLE)?.value;
  if (value === undefined) return '';
  return shortened('iri' in value ? value.iri : value.text, LONGEST_ROLE);
}
