// PROV-O (https://www.w3.org/TR/prov-o/): the short form where it says all, the qualified one beside it where a statement
// has an id, a time, attributes or further arguments.
import { DataFactory, Writer, type NamedNode, type BlankNode, type Literal, type DefaultGraph } from 'n3';
import {
  type Attribute,
  type Bundle,
  type DictionaryEntry,
  type ProvDocument,
  type Statement,
  type Value,
} from './document.js';
import { LANGUAGE_TEXT } from './literals.js';
import { BUILT_IN, flat, isBlank, type Iri } from './namespaces.js';
import { withOwnBlanks } from './own-blanks.js';
import { argumentsOf, DERIVATIONS, isTime, PROV, RDF, XSD, type StatementKind } from './terms.js';

const RDFS = 'http://www.w3.org/2000/01/rdf-schema#';

interface Terms {
  /** The arguments at both ends of the short form. */
  readonly from: string;
  readonly to: string;
  /** `prov:qualified…`, and what class that is; statements without one have the short form alone. */
  readonly qualified?: string;
  /** By which the qualified form names `to`. */
  readonly toAs?: string;
  /** Of a dictionary: by which the qualified form says a pair or a key. */
  readonly entry?: string;
  /** What the other arguments are called there. */
  readonly others?: Readonly<Record<string, string>>;
}

const ONTOLOGY: Readonly<Record<Exclude<StatementKind, 'entity' | 'activity' | 'agent'>, Terms>> = {
  wasGeneratedBy: { from: 'entity', to: 'activity', qualified: 'Generation', toAs: 'activity', others: { time: 'atTime' } },
  used: { from: 'activity', to: 'entity', qualified: 'Usage', toAs: 'entity', others: { time: 'atTime' } },
  wasInformedBy: { from: 'informed', to: 'informant', qualified: 'Communication', toAs: 'activity' },
  wasStartedBy: { from: 'activity', to: 'trigger', qualified: 'Start', toAs: 'entity', others: { starter: 'hadActivity', time: 'atTime' } },
  wasEndedBy: { from: 'activity', to: 'trigger', qualified: 'End', toAs: 'entity', others: { ender: 'hadActivity', time: 'atTime' } },
  wasInvalidatedBy: { from: 'entity', to: 'activity', qualified: 'Invalidation', toAs: 'activity', others: { time: 'atTime' } },
  wasDerivedFrom: {
    from: 'generatedEntity', to: 'usedEntity', qualified: 'Derivation', toAs: 'entity',
    others: { activity: 'hadActivity', generation: 'hadGeneration', usage: 'hadUsage' },
  },
  wasAttributedTo: { from: 'entity', to: 'agent', qualified: 'Attribution', toAs: 'agent' },
  wasAssociatedWith: { from: 'activity', to: 'agent', qualified: 'Association', toAs: 'agent', others: { plan: 'hadPlan' } },
  actedOnBehalfOf: { from: 'delegate', to: 'responsible', qualified: 'Delegation', toAs: 'agent', others: { activity: 'hadActivity' } },
  wasInfluencedBy: { from: 'influencee', to: 'influencer', qualified: 'Influence', toAs: 'influencer' },
  specializationOf: { from: 'specificEntity', to: 'generalEntity' },
  alternateOf: { from: 'alternate1', to: 'alternate2' },
  hadMember: { from: 'collection', to: 'entity' },
  mentionOf: { from: 'specificEntity', to: 'generalEntity', others: { bundle: 'asInBundle' } },
  hadDictionaryMember: { from: 'dictionary', to: 'entity' },
  derivedByInsertionFrom: { from: 'after', to: 'before', qualified: 'Insertion', toAs: 'dictionary', entry: 'insertedKeyEntityPair' },
  derivedByRemovalFrom: { from: 'after', to: 'before', qualified: 'Removal', toAs: 'dictionary', entry: 'removedKey' },
}; // prettier-ignore

type Node = NamedNode | BlankNode;
type Graph = Node | DefaultGraph;

const { namedNode, blankNode, literal, quad, defaultGraph } = DataFactory;
const prov = (word: string): NamedNode => namedNode(PROV + word);
const IS_A = namedNode(`${RDF}type`);

/** In Turtle, which has one graph: what the document and its bundles state, each statement once. Who states it is not told. */
export const writeTurtle = (document: ProvDocument): string =>
  writeRdf(document, 'text/turtle', () => defaultGraph());

/** In TriG: each bundle is a named graph. */
export const writeTrig = (document: ProvDocument): string =>
  writeRdf(document, 'application/trig', ({ id }) => node(id));

function writeRdf(document: ProvDocument, format: string, graphOf: (bundle: Bundle) => Graph): string {
  const writer = new Writer({
    format,
    prefixes: Object.fromEntries([...BUILT_IN, ['rdfs', RDFS], ...flat(document.namespaces).prefixes]),
  });
  const said = new Set<string>();
  const isNew = (key: string): boolean => said.size < said.add(key).size;
  let blanks = 0;
  const fresh = (): BlankNode => blankNode(`s${(blanks += 1)}`);
  const addTo =
    (graph: Graph): Add =>
    (subject, predicate, object) => {
      if (isNew(JSON.stringify([subject.id, predicate.id, object.id, graph.id])))
        writer.addQuad(quad(subject, predicate, object, graph));
    };
  const describe = (statements: readonly Statement[], graph: Graph): void => {
    // A statement that is written again would have other blank nodes, and so be another one.
    for (const statement of statements)
      if (isNew(JSON.stringify([graph.id, wordingOf(statement)])))
        writeStatement(statement, addTo(graph), fresh);
  };
  describe(document.statements, defaultGraph());
  for (const [place, bundle] of document.bundles.entries()) {
    addTo(defaultGraph())(node(bundle.id), IS_A, prov('Bundle'));
    describe(withOwnBlanks(bundle, place), graphOf(bundle));
  }
  let written = '';
  writer.end((_error, text: string) => {
    written = text;
  });
  return written;
}

/** Equal for statements that are written alike, but for the order of what has none. */
const wordingOf = ({ kind, id, args, attributes, entries = [] }: Statement): unknown[] => [
  kind,
  id,
  argumentsOf(kind).map((name) => args[name]),
  ...[attributes, entries].map((some) => some.map((one) => JSON.stringify(one)).sort()),
];

type Add = (subject: Node, predicate: NamedNode, object: Node | Literal) => void;

function writeStatement(statement: Statement, add: Add, fresh: () => BlankNode): void {
  const { kind, id, args, attributes, entries = [] } = statement;
  if (kind === 'entity' || kind === 'activity' || kind === 'agent') {
    const thing = node(id ?? '');
    add(thing, IS_A, prov(`${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`));
    if (args['startTime'] !== undefined) add(thing, prov('startedAtTime'), timeLiteral(args['startTime']));
    if (args['endTime'] !== undefined) add(thing, prov('endedAtTime'), timeLiteral(args['endTime']));
    for (const attribute of attributes) writeAttribute(thing, attribute, add, fresh);
    return;
  }
  const { from, to, qualified, toAs = '', entry, others = {} } = ONTOLOGY[kind];
  const [subject, object] = [args[from], args[to]];
  if (kind === 'hadDictionaryMember') {
    if (subject !== undefined) writeMember(subject, { entity: object, ...entries[0] }, add, fresh);
    return;
  }
  if (subject !== undefined && object !== undefined)
    for (const word of [kind, ...derivationsOf(statement)]) add(node(subject), prov(word), node(object));
  if (qualified === undefined) {
    if (subject === undefined) return;
    for (const [name, predicate] of Object.entries(others))
      if (args[name] !== undefined) add(node(subject), prov(predicate), node(args[name]));
    return;
  }
  const further = argumentsOf(kind).filter(
    (name) => name !== from && name !== to && args[name] !== undefined,
  );
  const isPlain = subject !== undefined && object !== undefined && id === undefined;
  if (isPlain && further.length === 0 && attributes.length === 0 && entries.length === 0) return;
  const influence = id === undefined ? fresh() : node(id);
  if (subject !== undefined) add(node(subject), prov(`qualified${qualified}`), influence);
  add(influence, IS_A, prov(qualified));
  if (object !== undefined) add(influence, prov(toAs), node(object));
  for (const name of further) {
    const value = args[name] ?? '';
    add(influence, prov(others[name] ?? name), isTime(name) ? timeLiteral(value) : node(value));
  }
  if (entry !== undefined)
    for (const pair of entries)
      add(
        influence,
        prov(entry),
        kind === 'derivedByRemovalFrom' ? valueNode(pair.key) : writePair(pair, add, fresh),
      );
  for (const attribute of attributes) writeAttribute(influence, attribute, add, fresh);
}

/** PROV-O has short forms for what a derivation is by its type. */
const derivationsOf = ({ kind, attributes }: Statement): string[] =>
  [...DERIVATIONS].flatMap(([word, type]) =>
    kind === 'wasDerivedFrom' &&
    attributes.some(({ name, value }) => name === `${PROV}type` && 'iri' in value && value.iri === type)
      ? [word]
      : [],
  );

/** A member of a dictionary is a pair, not the entity that has the key. */
const writeMember = (
  dictionary: Iri,
  member: Partial<DictionaryEntry>,
  add: Add,
  fresh: () => BlankNode,
): void => add(node(dictionary), prov('hadDictionaryMember'), writePair(member, add, fresh));

function writePair({ key, entity }: Partial<DictionaryEntry>, add: Add, fresh: () => BlankNode): BlankNode {
  const pair = fresh();
  add(pair, IS_A, prov('KeyEntityPair'));
  if (key !== undefined) add(pair, prov('pairKey'), valueNode(key));
  if (entity !== undefined) add(pair, prov('pairEntity'), node(entity));
  return pair;
}

/** PROV-O has other words for some attributes, and asks for a thing where PROV-DM lets a text stand. */
const CALLED: Readonly<Record<Iri, NamedNode>> = {
  [`${PROV}type`]: IS_A,
  [`${PROV}label`]: namedNode(`${RDFS}label`),
  [`${PROV}location`]: prov('atLocation'),
  [`${PROV}role`]: prov('hadRole'),
};
const OF_A_CLASS: Readonly<Record<Iri, NamedNode>> = {
  [`${PROV}location`]: prov('Location'),
  [`${PROV}role`]: prov('Role'),
};

function writeAttribute(subject: Node, { name, value }: Attribute, add: Add, fresh: () => BlankNode): void {
  const className = OF_A_CLASS[name];
  const label = namedNode(`${RDFS}label`);
  if (className !== undefined && !('iri' in value)) {
    const thing = fresh();
    add(subject, CALLED[name] as NamedNode, thing);
    add(thing, IS_A, className);
    add(thing, label, valueNode(value));
  } else if (name === `${PROV}type` && !('iri' in value)) add(subject, namedNode(name), valueNode(value));
  else add(subject, CALLED[name] ?? namedNode(name), valueNode(value));
}

function valueNode(value: Value): Node | Literal {
  if ('iri' in value) return node(value.iri);
  if (value.datatype === LANGUAGE_TEXT) return literal(value.text, value.language ?? '');
  return literal(value.text, namedNode(value.datatype));
}

const timeLiteral = (time: string): Literal => literal(time, namedNode(`${XSD}dateTime`));
const node = (iri: Iri): Node =>
  isBlank(iri) ? blankNode(`b${Buffer.from(iri).toString('hex')}`) : namedNode(iri);
