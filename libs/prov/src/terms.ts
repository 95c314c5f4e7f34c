// The words of PROV-DM: kinds of statements with their formal arguments, in the order of PROV-N.
// https://www.w3.org/TR/prov-dm/ (table 5), https://www.w3.org/TR/prov-n/, https://www.w3.org/TR/prov-links/,
// https://www.w3.org/TR/prov-dictionary/

export const PROV = 'http://www.w3.org/ns/prov#';
export const XSD = 'http://www.w3.org/2001/XMLSchema#';
export const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';

/** Under which ProvToolbox writes an id or attributes of statements that have none in PROV-N. */
export const EXTENSION = 'http://openprovenance.org/prov/extension#';

interface Form {
  /** It declares the thing whose id it has; others relate things to each other. */
  readonly element: boolean;
  readonly args: readonly string[];
  /** How keys of a dictionary stand behind the arguments: one key, a set of them, or a set of keys with an entity each. */
  readonly keys?: 'key' | 'keys' | 'pairs';
}

export const FORMS = {
  entity: { element: true, args: [] },
  activity: { element: true, args: ['startTime', 'endTime'] },
  agent: { element: true, args: [] },
  wasGeneratedBy: { element: false, args: ['entity', 'activity', 'time'] },
  used: { element: false, args: ['activity', 'entity', 'time'] },
  wasInformedBy: { element: false, args: ['informed', 'informant'] },
  wasStartedBy: { element: false, args: ['activity', 'trigger', 'starter', 'time'] },
  wasEndedBy: { element: false, args: ['activity', 'trigger', 'ender', 'time'] },
  wasInvalidatedBy: { element: false, args: ['entity', 'activity', 'time'] },
  wasDerivedFrom: {
    element: false,
    args: ['generatedEntity', 'usedEntity', 'activity', 'generation', 'usage'],
  },
  wasAttributedTo: { element: false, args: ['entity', 'agent'] },
  wasAssociatedWith: { element: false, args: ['activity', 'agent', 'plan'] },
  actedOnBehalfOf: { element: false, args: ['delegate', 'responsible', 'activity'] },
  wasInfluencedBy: { element: false, args: ['influencee', 'influencer'] },
  specializationOf: { element: false, args: ['specificEntity', 'generalEntity'] },
  alternateOf: { element: false, args: ['alternate1', 'alternate2'] },
  hadMember: { element: false, args: ['collection', 'entity'] },
  mentionOf: { element: false, args: ['specificEntity', 'generalEntity', 'bundle'] },
  hadDictionaryMember: { element: false, args: ['dictionary', 'entity'], keys: 'key' },
  derivedByInsertionFrom: { element: false, args: ['after', 'before'], keys: 'pairs' },
  derivedByRemovalFrom: { element: false, args: ['after', 'before'], keys: 'keys' },
} as const satisfies Readonly<Record<string, Form>>;

export type StatementKind = keyof typeof FORMS;
export type ElementKind = 'entity' | 'activity' | 'agent';

export const STATEMENT_KINDS = Object.keys(FORMS) as StatementKind[];

export const isStatementKind = (word: string): word is StatementKind => Object.hasOwn(FORMS, word);

export const argumentsOf = (kind: StatementKind): readonly string[] => FORMS[kind].args;

const KEYED: Readonly<Partial<Record<string, Form['keys']>>> = Object.fromEntries(
  Object.entries<Form>(FORMS).map(([kind, { keys }]) => [kind, keys]),
);
export const keysOf = (kind: StatementKind): Form['keys'] => KEYED[kind];

/** Words of PROV that are no attributes of such statements, but say what they state. */
export const isFormal = (kind: StatementKind, name: string): boolean =>
  argumentsOf(kind).includes(name) || (keysOf(kind) !== undefined && KEY_WORDS.includes(name));
const KEY_WORDS = ['key', 'key-set', 'key-entity-set'];

/** Words that drafts of PROV had, and their writers have still, for derivations of a type. */
export const DERIVATIONS: ReadonlyMap<string, string> = new Map([
  ['wasRevisionOf', `${PROV}Revision`],
  ['wasQuotedFrom', `${PROV}Quotation`],
  ['hadPrimarySource', `${PROV}PrimarySource`],
]);

export const isElement = (kind: StatementKind): kind is ElementKind => FORMS[kind].element;

/** PROV-N has neither an id nor attributes for them. */
const PLAIN: readonly StatementKind[] = [
  'specializationOf', 'alternateOf', 'hadMember', 'mentionOf', 'hadDictionaryMember',
]; // prettier-ignore
export const isPlain = (kind: StatementKind): boolean => PLAIN.includes(kind);

const TIMES = ['time', 'startTime', 'endTime'];
export const isTime = (argument: string): boolean => TIMES.includes(argument);

/** Arguments that name a statement, not a thing. */
const STATEMENTS = ['generation', 'usage'];
export const namesStatement = (argument: string): boolean => STATEMENTS.includes(argument);
