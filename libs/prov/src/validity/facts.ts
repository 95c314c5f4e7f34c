// The statements with all that the inferences of PROV-CONSTRAINTS add, as far as a constraint can see it: what is not
// stated is a variable. Left out are 5 and 6 (35 orders the same events without them), 12, 16-18 and 20 (alternates have no constraint).
import { append } from '../append.js';
import type { Statement } from '../document.js';
import { argumentsOf, isTime, PROV, type ElementKind, type StatementKind } from '../terms.js';
import { instantOf } from '../times.js';

/** A constant (`=` and an IRI, or `@` and a time), a variable (`?` and a number), or {@link NONE}. */
export type Term = string;
/** An absent plan of an association, an absent activity of a derivation: that there was none, not that it is unknown. */
export const NONE: Term = '-';

/** What is said, or follows from what is said. */
export interface Fact {
  readonly kind: StatementKind;
  readonly id: Term;
  readonly args: Readonly<Record<string, Term>>;
  /** Statements that it follows from. */
  readonly from: readonly Statement[];
}

export const constant = (iri: string): Term => `=${iri}`;
export const isVariable = (term: Term): boolean => term.startsWith('?');
/** A term for people. */
export const shown = (term: Term): string => (isVariable(term) ? 'something not named' : term.slice(1));

/** Arguments whose absence says that there was none. */
const NOT_EXPANDED: Readonly<Partial<Record<StatementKind, readonly string[]>>> = {
  wasAssociatedWith: ['plan'],
  wasDerivedFrom: ['activity', 'generation', 'usage'],
};

const typesOf = ({ attributes }: Statement): readonly string[] =>
  attributes.flatMap(({ name, value }) => (name === `${PROV}type` && 'iri' in value ? [value.iri] : []));

export type Facts = ReadonlyMap<StatementKind, readonly Fact[]>;

export function factsOf(statements: readonly Statement[]): Facts {
  const facts = new Map<StatementKind, Fact[]>();
  let variables = 0;
  const fresh = (): Term => `?${(variables += 1)}`;
  const add = (
    kind: StatementKind,
    given: Readonly<Record<string, Term>>,
    from: readonly Statement[],
    id = fresh(),
  ): Fact => {
    const args = Object.fromEntries(argumentsOf(kind).map((name) => [name, given[name] ?? fresh()]));
    const fact = { kind, id, args, from };
    append(facts, kind, fact);
    return fact;
  };
  for (const statement of statements) {
    const { kind, id } = statement;
    add(kind, expanded(statement, fresh), [statement], id === undefined ? fresh() : constant(id));
  }
  const all = (kind: StatementKind): readonly Fact[] => [...(facts.get(kind) ?? [])];
  for (const { args, from } of all('mentionOf')) add('specializationOf', args, from);
  // What is made of a dictionary by insertion or removal is derived from it (PROV-DICTIONARY).
  for (const kind of ['derivedByInsertionFrom', 'derivedByRemovalFrom'] as const)
    for (const { args, from } of all(kind)) {
      const { after: generatedEntity = NONE, before: usedEntity = NONE } = args;
      const none = { activity: NONE, generation: NONE, usage: NONE };
      add('wasDerivedFrom', { generatedEntity, usedEntity, ...none }, from);
    }
  inheritEntities(all('entity'), all('specializationOf'), (id, from) => add('entity', {}, from, id));
  for (const { args, from } of all('wasDerivedFrom')) inferDerivation(args, from, add);
  for (const { args, from } of all('wasAttributedTo')) {
    const { activity = NONE } = add('wasGeneratedBy', { entity: args['entity'] ?? NONE }, from).args;
    add('wasAssociatedWith', { activity, agent: args['agent'] ?? NONE }, from);
  }
  for (const { args, from } of all('actedOnBehalfOf'))
    for (const agent of [args['delegate'] ?? NONE, args['responsible'] ?? NONE])
      add('wasAssociatedWith', { activity: args['activity'] ?? NONE, agent }, from);
  for (const [kind, other] of [
    ['wasStartedBy', 'starter'],
    ['wasEndedBy', 'ender'],
  ] as const)
    for (const { args, from } of all(kind))
      add('wasGeneratedBy', { entity: args['trigger'] ?? NONE, activity: args[other] ?? NONE }, from);
  for (const { id, args, from } of all('activity')) {
    add('wasStartedBy', { activity: id, time: args['startTime'] ?? NONE }, from);
    add('wasEndedBy', { activity: id, time: args['endTime'] ?? NONE }, from);
  }
  for (const { id, from } of all('entity')) {
    add('wasGeneratedBy', { entity: id }, from);
    add('wasInvalidatedBy', { entity: id }, from);
  }
  return facts;
}

function expanded({ kind, args }: Statement, fresh: () => Term): Record<string, Term> {
  const terms: Record<string, Term> = {};
  for (const name of argumentsOf(kind)) {
    const value = args[name];
    if (value !== undefined) terms[name] = isTime(name) ? `@${instantOf(value)}` : constant(value);
    else terms[name] = NOT_EXPANDED[kind]?.includes(name) === true ? NONE : fresh();
  }
  // Of a derivation by an activity the generation and the usage are there, named or not.
  if (kind === 'wasDerivedFrom' && terms['activity'] !== NONE)
    for (const name of ['generation', 'usage']) if (terms[name] === NONE) terms[name] = fresh();
  return terms;
}

type Add = (
  kind: StatementKind,
  given: Readonly<Record<string, Term>>,
  from: readonly Statement[],
  id?: Term,
) => Fact;

/** Inference 11. */
function inferDerivation(args: Fact['args'], from: readonly Statement[], add: Add): void {
  const {
    generatedEntity = NONE,
    usedEntity = NONE,
    activity = NONE,
    generation = NONE,
    usage = NONE,
  } = args;
  if ([activity, generation, usage].includes(NONE)) return;
  add('used', { activity, entity: usedEntity }, from, usage);
  add('wasGeneratedBy', { entity: generatedEntity, activity }, from, generation);
}

/** Inference 21, along inference 19: what specializes an entity is one, with its attributes. */
function inheritEntities(
  entities: readonly Fact[],
  specializations: readonly Fact[],
  add: (id: Term, from: readonly Statement[]) => void,
): void {
  const specialOf = new Map<Term, Fact[]>();
  for (const fact of specializations) append(specialOf, fact.args['generalEntity'] ?? NONE, fact);
  const reached = new Set<string>();
  const waiting = entities.map(({ id, from }) => ({ id, from, isEmpty: from.some(saysEmpty) }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
    for (const { args, from } of specialOf.get(next.id) ?? []) {
      const id = args['specificEntity'] ?? NONE;
      // Of all attributes one constraint asks for a single one: whoever is reached with it need not be reached again.
      const way = `${id} ${String(next.isEmpty)}`;
      if (reached.has(way)) continue;
      reached.add(way);
      const inherited = { id, from: [...next.from, ...from], isEmpty: next.isEmpty };
      add(inherited.id, inherited.from);
      waiting.push(inherited);
    }
}

/** An entity that is said to be an empty collection; an empty dictionary is one. */
export const saysEmpty = (statement: Statement): boolean =>
  statement.kind === 'entity' &&
  typesOf(statement).some((type) => type === `${PROV}EmptyCollection` || type === `${PROV}EmptyDictionary`);

/** Kinds of things that the arguments of a statement must be (constraint 50). */
export const TYPED: Readonly<Partial<Record<StatementKind, Readonly<Record<string, ElementKind>>>>> = {
  wasGeneratedBy: { entity: 'entity', activity: 'activity' },
  used: { activity: 'activity', entity: 'entity' },
  wasInformedBy: { informed: 'activity', informant: 'activity' },
  wasStartedBy: { activity: 'activity', trigger: 'entity', starter: 'activity' },
  wasEndedBy: { activity: 'activity', trigger: 'entity', ender: 'activity' },
  wasInvalidatedBy: { entity: 'entity', activity: 'activity' },
  wasDerivedFrom: { generatedEntity: 'entity', usedEntity: 'entity', activity: 'activity' },
  wasAttributedTo: { entity: 'entity', agent: 'agent' },
  wasAssociatedWith: { activity: 'activity', agent: 'agent', plan: 'entity' },
  actedOnBehalfOf: { delegate: 'agent', responsible: 'agent', activity: 'activity' },
  specializationOf: { specificEntity: 'entity', generalEntity: 'entity' },
  alternateOf: { alternate1: 'entity', alternate2: 'entity' },
  hadMember: { collection: 'entity', entity: 'entity' },
  mentionOf: { specificEntity: 'entity', generalEntity: 'entity' },
  hadDictionaryMember: { dictionary: 'entity', entity: 'entity' },
  derivedByInsertionFrom: { after: 'entity', before: 'entity' },
  derivedByRemovalFrom: { after: 'entity', before: 'entity' },
};
